#include "lib/migrate/config_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "lib/record/json.h"

namespace rollproof::migrate {
namespace {

using record::json::Token;
using record::json::TokenKind;

constexpr std::string_view kName = "migration_id";
// A block comment: the rest of the line may be the rest of the configuration.
constexpr std::string_view kComment = "/* set by rollproof while this migration runs, removed at its end */";

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

// Where a comment or a string that begins at `at` ends; `at` if neither does.
size_t end_of_comment(std::string_view text, size_t at) {
  if (text.substr(at, 2) == "//") return std::min(text.find_first_of("\r\n", at), text.size());
  if (text.substr(at, 2) != "/*") return at;
  const size_t end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}
size_t end_of_string(std::string_view text, size_t at) {
  if (text[at] != '"') return at;
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    else if (text[i] == '"') return i + 1;
  }
  return text.size();
}

// The same text with spaces for comments and for a byte order mark: every offset is that of the text.
std::string without_comments(const std::string& text) {
  std::string plain = text;
  if (text.starts_with("\xef\xbb\xbf")) std::fill_n(plain.begin(), 3, ' ');
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '/' && text[at] != '"') {
      ++at;
      continue;
    }
    const size_t end = end_of_comment(text, at);
    std::fill(plain.begin() + static_cast<long>(at), plain.begin() + static_cast<long>(end), ' ');
    at = end != at ? end : std::max(end_of_string(text, at), at + 1);
  }
  return plain;
}

struct Member {
  size_t begin = 0;  // of the name
  size_t end = 0;    // of the value
  bool is_id = false;
  std::string value;  // of the id, if it is a text
};

// The members of the outermost object; nothing if the text is not one.
std::optional<std::vector<Member>> members_of(const std::string& plain) {
  record::json::Tokens tokens(plain);
  Token token;
  if (!tokens.next(token) || token.kind != TokenKind::begin_object) return std::nullopt;
  std::vector<Member> members;
  size_t depth = 1;
  for (;;) {
    if (!tokens.next(token)) return std::nullopt;
    if (token.kind == TokenKind::end) return members;
    if (token.kind == TokenKind::name && depth == 1) {
      members.push_back({static_cast<size_t>(token.text.data() - plain.data()), 0, record::json::to_utf8(token.text) == kName, ""});
      continue;
    }
    if (token.kind == TokenKind::begin_object || token.kind == TokenKind::begin_array) ++depth;
    if (token.kind == TokenKind::end_object || token.kind == TokenKind::end_array) --depth;
    if (depth != 1 || token.kind == TokenKind::name) continue;
    members.back().end = tokens.offset();
    if (members.back().is_id && token.kind == TokenKind::string) members.back().value = record::json::to_utf8(token.text).value_or("");
  }
}

std::vector<std::string> others_of(const std::string& plain, const std::vector<Member>& members) {
  std::vector<std::string> others;
  for (const Member& member : members) {
    if (!member.is_id) others.push_back(plain.substr(member.begin, member.end - member.begin));
  }
  return others;
}

// Leaves out the member with its comma, and the comment of ours before whatever comes next. `line`: and the line break before it.
std::string cut(const std::string& text, const std::string& plain, const Member& member, bool line) {
  std::string kept = text;
  const auto leave_out = [&](size_t begin, size_t end) { kept.erase(begin, end - begin); };
  const auto next_in_plain = [&](size_t at) {
    while (at < plain.size() && is_space(plain[at])) ++at;
    return at;
  };
  // From the back to the front, so that offsets stay right.
  const size_t comma = next_in_plain(member.end);
  const bool comma_behind = comma < plain.size() && plain[comma] == ',';
  const size_t next = comma_behind ? next_in_plain(comma + 1) : comma;
  const size_t comment = text.find(kComment, member.end);
  const bool commented = comment != std::string::npos && comment < next;
  const auto leave_comment_out = [&] {
    size_t begin = comment;
    while (begin > member.end && is_blank(text[begin - 1])) --begin;
    leave_out(begin, comment + kComment.size());
  };
  if (commented && (!comma_behind || comment > comma)) leave_comment_out();
  if (comma_behind) leave_out(comma, comma + 1);
  if (commented && comma_behind && comment < comma) leave_comment_out();
  size_t begin = member.begin;
  if (line) {
    while (begin > 0 && is_blank(text[begin - 1])) --begin;
    if (begin > 0 && text[begin - 1] == '\n') --begin;
    if (begin > 0 && text[begin - 1] == '\r') --begin;
  }
  leave_out(begin, member.end);
  if (comma_behind) return kept;
  size_t before = member.begin;
  while (before > 0 && is_space(plain[before - 1])) --before;
  if (before > 0 && plain[before - 1] == ',') leave_out(before - 1, before);
  return kept;
}

// Nothing if what is left would not have the same other members.
std::optional<std::string> without_one(const std::string& text) {
  const std::string plain = without_comments(text);
  const auto members = members_of(plain);
  if (!members) return std::nullopt;
  const auto id = std::find_if(members->begin(), members->end(), [](const Member& member) { return member.is_id; });
  if (id == members->end()) return std::nullopt;
  // A comment that ends with its line must not swallow what stood behind the member.
  for (const bool line : {true, false}) {
    std::string kept = cut(text, plain, *id, line);
    const std::string plain_kept = without_comments(kept);
    const auto left = members_of(plain_kept);
    if (left && left->size() + 1 == members->size() && others_of(plain_kept, *left) == others_of(plain, *members)) return kept;
  }
  return std::nullopt;
}

}  // namespace

bool has_migration_id(const std::string& text) {
  const auto members = members_of(without_comments(text));
  return members && std::any_of(members->begin(), members->end(), [](const Member& member) { return member.is_id; });
}

std::string without_migration_id(const std::string& text) {
  std::string kept = text;
  // Spelled out, or with an escape in it: otherwise there is none, and nothing has to be parsed.
  const auto may_have_one = [&] { return kept.find(kName) != std::string::npos || kept.find('\\') != std::string::npos; };
  while (may_have_one()) {
    auto shorter = without_one(kept);
    if (!shorter) break;
    kept = std::move(*shorter);
  }
  return kept;
}

std::string with_migration_id(const std::string& text, std::string_view id) {
  const auto members = members_of(without_comments(text));
  if (members) {
    std::vector<std::string> ids;
    for (const Member& member : *members) {
      if (member.is_id) ids.push_back(member.value);
    }
    if (ids.size() == 1 && ids.front() == id) return text;
  }
  std::string sealed = without_migration_id(text);
  const size_t brace = without_comments(sealed).find('{');
  if (brace == std::string::npos) return "";
  return sealed.insert(brace + 1, fmt::format("\n  \"{}\": \"{}\", {}", kName, id, kComment));
}

}  // namespace rollproof::migrate
