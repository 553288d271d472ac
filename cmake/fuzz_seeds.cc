// Gives libFuzzer the seeds that a fuzz program offers (rollproof_fuzz_seeds): written as files into the folder named by
// ROLLPROOF_FUZZ_SEEDS before the corpus is read. Without them it would have to invent a checksummed journal by chance.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

std::vector<std::string> rollproof_fuzz_seeds() __attribute__((weak));

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* folder = std::getenv("ROLLPROOF_FUZZ_SEEDS");
  if (folder == nullptr || rollproof_fuzz_seeds == nullptr) return 0;
  size_t number = 0;
  for (const std::string& seed : rollproof_fuzz_seeds()) {
    const std::string path = std::string(folder) + "/seed-" + std::to_string(number++);
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr || std::fwrite(seed.data(), 1, seed.size(), file) != seed.size() || std::fclose(file) != 0) {
      std::fprintf(stderr, "can not write the seed %s\n", path.c_str());
      std::abort();
    }
  }
  return 0;
}
