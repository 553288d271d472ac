// Runs a libFuzzer entry point without libFuzzer: N inputs from a fixed seed, mutated from what the program itself offers as
// seeds (rollproof_fuzz_seeds, optional). Finds little, but proves at every test run that the fuzz program builds and holds.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
std::vector<std::string> rollproof_fuzz_seeds() __attribute__((weak));

int main(int argc, char** argv) {
  const long runs = argc > 1 ? std::atol(argv[1]) : 1000;
  std::vector<std::string> seeds{""};
  if (rollproof_fuzz_seeds != nullptr) {
    for (auto& seed : rollproof_fuzz_seeds()) seeds.push_back(std::move(seed));
  }
  std::mt19937_64 random(20250812);
  for (const std::string& seed : seeds) LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(seed.data()), seed.size());
  for (long run = 0; run < runs; ++run) {
    std::string input = seeds[random() % seeds.size()];
    for (uint64_t edits = 1 + random() % 6; edits > 0; --edits) {
      const size_t at = input.empty() ? 0 : random() % input.size();
      switch (random() % 5) {
        case 0: if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << (random() % 8))); break;
        case 1: input.insert(input.begin() + static_cast<long>(at), static_cast<char>(random())); break;
        case 2: if (!input.empty()) input.erase(at, 1 + random() % 16); break;
        case 3: input.resize(at); break;
        case 4: input.insert(at, input.substr(at / 2, 1 + random() % 64)); break;
      }
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
  std::printf("%ld inputs, no finding\n", runs + static_cast<long>(seeds.size()));
  return 0;
}
