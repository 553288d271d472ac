#include "lib/record/javascript.h"

#include <algorithm>
#include <vector>

#include "lib/record/json.h"
#include "lib/record/json_text.h"

namespace rollproof::record {

namespace {

using json::Token;
using json::TokenKind;

// Every escape has to be the one that JSON.stringify writes. A lone surrogate can only be written as an escape, and none of those
// is accepted here.
bool string_survives(std::string_view token) {
  for (size_t at = token.find('\\'); at != std::string_view::npos; at = token.find('\\', at)) {
    const char letter = token[at + 1];
    if (letter == '/') return false;
    if (letter != 'u') {
      at += 2;
      continue;
    }
    const int high = json::hex_digit(token[at + 4]);
    const auto control = static_cast<unsigned char>(high * 16 + json::hex_digit(token[at + 5]));
    if (token[at + 2] != '0' || token[at + 3] != '0' || high > 1 || json::short_escape(control) != 0) return false;
    if (token[at + 5] >= 'A' && token[at + 5] <= 'F') return false;
    at += 6;
  }
  return true;
}

// JavaScript moves names that look like an array index to the front.
bool name_survives(std::string_view token) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  return inside.empty() || !std::all_of(inside.begin(), inside.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// REQUIRES: every name survives, so that equal names are equal bytes.
bool all_different(std::vector<std::string_view>& names, size_t first) {
  if (names.size() - first <= 12) {
    for (size_t i = first; i < names.size(); ++i) {
      for (size_t j = first; j < i; ++j) {
        if (names[i] == names[j]) return false;
      }
    }
    return true;
  }
  const auto begin = names.begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, names.end());
  return std::adjacent_find(begin, names.end()) == names.end();
}

}  // namespace

bool number_survives_javascript(std::string_view token) {
  if (token.find_first_of("eE") != std::string_view::npos) return false;
  std::string_view rest = token;
  if (rest[0] == '-') rest.remove_prefix(1);
  const size_t point = rest.find('.');
  // An integer: exact in a double, and printed in full below 1e21. 15 digits are always below 2^53.
  if (point == std::string_view::npos) return rest.size() <= 15 && token != "-0";
  // A fraction: 15 significant digits come back as they are. JavaScript changes to an exponent below 1e-6.
  if (rest.back() == '0') return false;
  const std::string_view fraction = rest.substr(point + 1);
  if (point > 1 || rest[0] != '0') return point + fraction.size() <= 15;
  const size_t zeros = fraction.find_first_not_of('0');
  return zeros <= 5 && fraction.size() - zeros <= 15;
}

bool survives_javascript(std::string_view text) {
  json::Tokens tokens(text);
  Token token;
  std::vector<std::string_view> names;  // of all open objects
  std::vector<size_t> first_names;      // where in `names` those of each open object begin
  size_t accounted = 0;                 // bytes that are no whitespace, separators included
  TokenKind last = TokenKind::end;
  for (;;) {
    if (!tokens.next(token)) return false;
    const bool closes = token.kind == TokenKind::end_object || token.kind == TokenKind::end_array;
    const bool opened = last == TokenKind::begin_object || last == TokenKind::begin_array;
    if (last != TokenKind::end && last != TokenKind::name && token.kind != TokenKind::end && !closes && !opened) ++accounted;  // ','
    accounted += token.text.size() + (token.kind == TokenKind::name ? 1 : 0);                                                 // ':'
    switch (token.kind) {
      case TokenKind::begin_object: first_names.push_back(names.size()); break;
      case TokenKind::end_object:
        if (!all_different(names, first_names.back())) return false;
        names.resize(first_names.back());
        first_names.pop_back();
        break;
      case TokenKind::name:
        if (!string_survives(token.text) || !name_survives(token.text)) return false;
        names.push_back(token.text);
        break;
      case TokenKind::string:
        if (!string_survives(token.text)) return false;
        break;
      case TokenKind::number:
        if (!number_survives_javascript(token.text)) return false;
        break;
      case TokenKind::end: return accounted == text.size();
      default: break;
    }
    last = token.kind;
  }
}

}  // namespace rollproof::record
