// Reads a folder of per-network JSON files by the checkers' own scanner: what a contract's value is are its verbatim bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/check/read_leveldb.h"
#include "harness/check/records.h"
#include "harness/sim/image.h"

namespace rollproof::check {

// `folder` may be null: nothing is there. Any file that may be the store's and is not sound makes the whole unreadable. Strict: so does
// a record in two files. Lenient: what stands beside the network files counts, as after an interruption.
Records read_network(const sim::Node* folder, Strictness strictness);

// A network file around its contracts.
struct NetworkParts {
  uint64_t chain = 0;
  std::string_view front, contracts, back;
};
// Nothing if the text is none.
std::optional<NetworkParts> network_parts(std::string_view text);

}  // namespace rollproof::check
