#include "lib/store/network_json/network_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "lib/record/json.h"
#include "lib/record/space.h"
#include "lib/record/utf8.h"

namespace rollproof::store::network_json {

namespace {

namespace json = record::json;
using json::TokenKind;

constexpr size_t kDigitsMax = 15;               // of a chain id, as in keys
constexpr size_t kNestingOfAValue = 2;          // the file's object and its contracts
constexpr size_t kValueBytesMax = 64ull << 20;  // a larger one would make a file that is read as a whole too large

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), tokens_(text) {}

  Result<std::optional<NetworkText>> read() {
    ROLLPROOF_TRY(next());
    if (token_.kind == TokenKind::begin_object) {
      ROLLPROOF_TRY(file());
    } else {
      ROLLPROOF_TRY(rest_of_value());
    }
    ROLLPROOF_TRY(next());
    if (contracts_ == 0) return std::optional<NetworkText>();
    if (!problem_.empty()) return fail(Code::corruption, problem_);
    if (names_of_contracts_ > 1) return fail(Code::corruption, "\"contracts\" is there twice");
    if (chain_ids_ == 0) return fail(Code::corruption, "it has contracts and no \"chainId\"");
    if (chain_ids_ > 1) return fail(Code::corruption, "\"chainId\" is there twice");
    return std::optional(std::move(network_));
  }

 private:
  Status next() {
    if (tokens_.next(token_)) return {};
    return fail(Code::corruption, "it is not JSON: " + tokens_.error().message);
  }

  size_t begin() const { return static_cast<size_t>(token_.text.data() - text_.data()); }
  size_t end() const { return begin() + token_.text.size(); }

  // Up to its last token.
  Status rest_of_value() {
    for (size_t depth = 0;;) {
      if (token_.kind == TokenKind::begin_object || token_.kind == TokenKind::begin_array) ++depth;
      if (token_.kind == TokenKind::end_object || token_.kind == TokenKind::end_array) --depth;
      if (depth == 0) return {};
      ROLLPROOF_TRY(next());
    }
  }

  Status file() {
    for (;;) {
      ROLLPROOF_TRY(next());
      if (token_.kind == TokenKind::end_object) return {};
      const auto name = json::to_utf8(token_.text);
      ROLLPROOF_TRY(next());
      if (name == "contracts") {
        ++names_of_contracts_;
        if (token_.kind == TokenKind::begin_object) {
          ROLLPROOF_TRY(contracts());
          continue;
        }
      }
      if (name == "chainId") chain_id();
      ROLLPROOF_TRY(rest_of_value());
    }
  }

  // The first problem is the one that is told.
  void problem(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
  }

  void chain_id() {
    ++chain_ids_;
    const std::string_view digits = token_.text;
    const bool whole = token_.kind == TokenKind::number && digits.size() <= kDigitsMax && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!whole) return problem(fmt::format("\"chainId\" is {}, not a whole number of at most {} digits", digits.substr(0, 40), kDigitsMax));
    std::from_chars(digits.data(), digits.data() + digits.size(), network_.chain);
  }

  Status contracts() {
    ++contracts_;
    network_.members.clear();
    network_.open = end();
    std::unordered_set<std::string> names;
    for (;;) {
      ROLLPROOF_TRY(next());
      if (token_.kind == TokenKind::end_object) {
        network_.close = begin();
        return {};
      }
      Member member{.begin = begin(), .name_end = end()};
      auto name = json::to_utf8(token_.text);
      if (!name || name->empty()) problem(fmt::format("byte {}: a contract {}", begin(), name ? "without a name" : "whose name is half a character"));
      member.contract = std::move(name).value_or("");
      if (!member.contract.empty() && !names.insert(member.contract).second) problem(fmt::format("the contract {} is there twice", member.contract.substr(0, 200)));
      ROLLPROOF_TRY(next());
      member.value = begin();
      ROLLPROOF_TRY(rest_of_value());
      member.end = end();
      network_.members.push_back(std::move(member));
    }
  }

  const std::string_view text_;
  json::Tokens tokens_;
  json::Token token_;
  NetworkText network_;
  std::string problem_;
  int contracts_ = 0;           // objects of that name
  int names_of_contracts_ = 0;  // members of that name
  int chain_ids_ = 0;
};

// What stands between members in a file that has none yet: as deep as its closing brace and two more, or nothing.
std::string gap_in(std::string_view space) {
  const size_t line = space.rfind('\n');
  if (line == std::string_view::npos) return "";
  const std::string_view newline = line > 0 && space[line - 1] == '\r' ? "\r\n" : "\n";
  return std::string(newline) + std::string(space.substr(line + 1)) + "  ";
}

}  // namespace

Result<std::optional<NetworkText>> read_network_text(std::string_view text) { return Reader(text).read(); }

std::string new_network_text(uint64_t chain) {
  return fmt::format("{{\n  \"network\": \"{}\",\n  \"chainId\": {},\n  \"contracts\": {{\n  }}\n}}\n", record::network_of_chain(chain), chain);
}

bool is_as_we_begin_it(std::string_view text, const NetworkText& network) {
  const std::string begun = new_network_text(network.chain);
  const std::string_view front = text.substr(0, network.open), back = text.substr(network.members_end());
  return front.size() + back.size() == begun.size() && begun.starts_with(front) && begun.ends_with(back);
}

bool fits(std::string_view key, std::string_view value) {
  if (!record::space_of(key).chain || !record::is_utf8(key)) return false;
  if (value.empty() || value.size() > kValueBytesMax || is_space(value.front()) || is_space(value.back())) return false;
  json::Tokens tokens(value);
  json::Token token;
  size_t depth = 0;
  while (tokens.next(token)) {
    if (token.kind == TokenKind::end) return true;
    if (token.kind == TokenKind::begin_object || token.kind == TokenKind::begin_array) ++depth;
    if (token.kind == TokenKind::end_object || token.kind == TokenKind::end_array) --depth;
    if (depth + kNestingOfAValue > json::kDepthMax) return false;
  }
  return false;
}

Splicer::Splicer(std::string_view text, const NetworkText& network, Sink sink) : text_(text), network_(network), sink_(std::move(sink)), colon_(": ") {
  const auto& members = network.members;
  if (members.empty()) {
    gap_ = gap_in(text.substr(network.open, network.close - network.open));
    return;
  }
  first_gap_ = text.substr(network.open, members[0].begin - network.open);
  gap_ = first_gap_;
  colon_ = text.substr(members.back().name_end, members.back().value - members.back().name_end);
  if (members.size() < 2) return;
  const size_t before = members[members.size() - 2].end;
  gap_ = text.substr(text.find(',', before) + 1, members.back().begin - text.find(',', before) - 1);
}

Status Splicer::put(std::string_view piece) {
  if (written_ == 0 && !piece.empty()) {
    const std::string_view front = text_.substr(0, network_.open);
    written_ += front.size();
    ROLLPROOF_TRY(sink_(front));
  }
  written_ += piece.size();
  return sink_(piece);
}

Status Splicer::put_value(std::string_view value) {
  value_at_ = written_;
  any_ = true;
  return put(value);
}

Status Splicer::keep(const Member& member, std::string_view value) {
  const size_t index = static_cast<size_t>(&member - network_.members.data());
  std::string_view gap = first_gap_;
  if (any_) gap = text_.substr(network_.members[index - 1].end, member.begin - network_.members[index - 1].end);
  ROLLPROOF_TRY(put(gap));
  ROLLPROOF_TRY(put(text_.substr(member.begin, member.value - member.begin)));
  return put_value(value);
}

Status Splicer::add(std::string_view contract, std::string_view value) {
  std::string front = any_ ? "," + gap_ : network_.members.empty() ? gap_ : std::string(first_gap_);
  json::append_string(front, contract);
  front += colon_;
  ROLLPROOF_TRY(put(front));
  return put_value(value);
}

Status Splicer::finish() { return put(text_.substr(network_.members_end())); }

}  // namespace rollproof::store::network_json
