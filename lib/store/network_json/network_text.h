// The text of a network file (FORMAT.md): other programs wrote it, so everything but the contracts that change stays as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::store::network_json {

// One contract; offsets in the text.
struct Member {
  std::string contract;  // its name, decoded
  size_t begin = 0;      // of the name as it is written
  size_t name_end = 0;
  size_t value = 0;
  size_t end = 0;        // behind the value
};

struct NetworkText {
  uint64_t chain = 0;
  size_t open = 0;   // behind the '{' of the contracts
  size_t close = 0;  // of its '}'
  std::vector<Member> members;

  size_t members_end() const { return members.empty() ? open : members.back().end; }
};

// Nothing: JSON, but not an object with an object named "contracts", so it belongs to somebody else.
// Code::corruption: the text is not JSON in UTF-8, or it is a network file that could be read in more than one way: a chain id that
// is absent or no whole number of at most 15 digits, a second "contracts", "chainId" or contract of one name, a name that is empty
// or half a character.
Result<std::optional<NetworkText>> read_network_text(std::string_view text);

// What is written for a chain that has no file: no contracts yet.
std::string new_network_text(uint64_t chain);

// True if the text is new_network_text() but for its contracts.
bool is_as_we_begin_it(std::string_view text, const NetworkText& network);

// Whether the record can stand in the file of its chain and come back with the same bytes.
bool fits(std::string_view key, std::string_view value);

// Writes `text` again with other contracts. What is kept keeps its bytes and its order, what is added stands behind it, spaced as what
// is there; taking it out again gives the old text.
class Splicer {
 public:
  using Sink = std::function<Status(std::string_view)>;
  // REQUIRES: `text` and `network`, which was read from it, outlive this.
  Splicer(std::string_view text, const NetworkText& network, Sink sink);

  // The next member of the text, with its value or another one. Members that are not kept are left out. REQUIRES: in order, before add().
  Status keep(const Member& member, std::string_view value);
  Status add(std::string_view contract, std::string_view value);
  Status finish();
  uint64_t value_at() const { return value_at_; }  // offset of the last value in the new text

 private:
  Status put(std::string_view piece);
  Status put_value(std::string_view value);

  const std::string_view text_;
  const NetworkText& network_;
  const Sink sink_;
  std::string_view first_gap_;  // before the first member
  std::string gap_, colon_;     // of what is added
  uint64_t written_ = 0;
  uint64_t value_at_ = 0;
  bool any_ = false;
};

}  // namespace rollproof::store::network_json
