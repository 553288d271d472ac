// decode_changes refuses or gives exactly what encodes to the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/journal/changes.h"

using namespace rollproof;

std::vector<std::string> rollproof_fuzz_seeds() {
  using Kind = record::Change::Kind;
  return {journal::encode_changes({}), journal::encode_changes({{Kind::put, "key", "value"}, {Kind::remove, "gone", ""}}),
          journal::encode_changes({{Kind::put, "", ""}, {Kind::put, std::string(300, 'k'), std::string(2000, 'v')}})};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto batch = journal::decode_changes(bytes);
  if (batch && journal::encode_changes(*batch) != bytes) std::abort();
  return 0;
}
