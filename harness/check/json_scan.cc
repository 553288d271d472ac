#include "harness/check/json_scan.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace rollproof::check {
namespace {

void skip_space(std::string_view text, size_t& at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) ++at;
}

bool take(std::string_view text, size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits, or -1.
int32_t hex_four(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// What may stand in a string as it is; UTF-8 is not looked at.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 256; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool skip_string(std::string_view text, size_t& at) {
  if (!take(text, at, '"')) return false;
  while (at < text.size()) {
    while (at < text.size() && kPlain[static_cast<unsigned char>(text[at])]) ++at;
    if (at >= text.size()) return false;
    const char c = text[at++];
    if (c == '"') return true;
    if (c != '\\' || at >= text.size()) return false;
    const char escaped = text[at++];
    if (escaped == 'u') {
      if (hex_four(text, at) < 0) return false;
      at += 4;
    } else if (std::string_view("\"\\/bfnrt").find(escaped) == std::string_view::npos) {
      return false;
    }
  }
  return false;
}

bool skip_digits(std::string_view text, size_t& at) {
  const size_t first = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at > first;
}

bool skip_number(std::string_view text, size_t& at) {
  take(text, at, '-');
  if (!take(text, at, '0') && !skip_digits(text, at)) return false;
  if (take(text, at, '.') && !skip_digits(text, at)) return false;
  if (take(text, at, 'e') || take(text, at, 'E')) {
    if (!take(text, at, '+')) take(text, at, '-');
    return skip_digits(text, at);
  }
  return true;
}

bool skip_name(std::string_view text, size_t& at) {
  skip_space(text, at);
  if (!skip_string(text, at)) return false;
  skip_space(text, at);
  return take(text, at, ':');
}

bool skip_scalar(std::string_view text, size_t& at) {
  if (text[at] == '"') return skip_string(text, at);
  for (const std::string_view literal : {"true", "false", "null"}) {
    if (text.substr(at, literal.size()) == literal) {
      at += literal.size();
      return true;
    }
  }
  return skip_number(text, at);
}

// Not recursive: a value may be nested more deeply than a stack is.
bool skip_value(std::string_view text, size_t& at) {
  std::string open;
  for (;;) {
    skip_space(text, at);
    if (at >= text.size()) return false;
    const char c = text[at];
    if (c == '{' || c == '[') {
      ++at;
      skip_space(text, at);
      if (!take(text, at, c == '{' ? '}' : ']')) {
        open += c;
        if (c == '{' && !skip_name(text, at)) return false;
        continue;
      }
    } else if (!skip_scalar(text, at)) {
      return false;
    }
    for (;;) {
      if (open.empty()) return true;
      skip_space(text, at);
      if (take(text, at, ',')) {
        if (open.back() == '{' && !skip_name(text, at)) return false;
        break;
      }
      if (!take(text, at, open.back() == '{' ? '}' : ']')) return false;
      open.pop_back();
    }
  }
}

void append_utf8(std::string& out, uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

// REQUIRES: the token has been scanned. `at` stands behind "\u" and moves behind the last digit used.
bool append_escaped_point(std::string& out, std::string_view token, size_t& at) {
  uint32_t point = static_cast<uint32_t>(hex_four(token, at));
  at += 4;
  if (point >= 0xdc00 && point < 0xe000) return false;
  if (point >= 0xd800 && point < 0xdc00) {
    if (token.substr(at, 2) != "\\u") return false;
    const int32_t low = hex_four(token, at + 2);
    if (low < 0xdc00 || low >= 0xe000) return false;
    point = 0x10000 + ((point - 0xd800) << 10) + (static_cast<uint32_t>(low) - 0xdc00);
    at += 6;
  }
  append_utf8(out, point);
  return true;
}

}  // namespace

std::optional<std::string_view> scan_value(std::string_view text, size_t& at) {
  skip_space(text, at);
  const size_t first = at;
  if (!skip_value(text, at)) return std::nullopt;
  return text.substr(first, at - first);
}

bool for_each_member(std::string_view object, const MemberVisitor& visit) {
  size_t at = 0;
  skip_space(object, at);
  if (!take(object, at, '{')) return false;
  skip_space(object, at);
  bool more = !take(object, at, '}');
  while (more) {
    skip_space(object, at);
    const size_t name_at = at;
    if (!skip_string(object, at)) return false;
    const auto name = decode_string(object.substr(name_at, at - name_at));
    skip_space(object, at);
    if (!name || !take(object, at, ':')) return false;
    const auto value = scan_value(object, at);
    if (!value || !visit(*name, *value)) return false;
    skip_space(object, at);
    more = take(object, at, ',');
    if (!more && !take(object, at, '}')) return false;
  }
  skip_space(object, at);
  return at == object.size();
}

std::optional<std::string> decode_string(std::string_view token) {
  size_t end = 0;
  if (!skip_string(token, end) || end != token.size()) return std::nullopt;
  if (token.find('\\') == std::string_view::npos) return std::string(token.substr(1, token.size() - 2));
  std::string out;
  out.reserve(token.size());
  for (size_t at = 1; at + 1 < token.size();) {
    const char c = token[at++];
    if (c != '\\') {
      out += c;
      continue;
    }
    const char escaped = token[at++];
    switch (escaped) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u':
        if (!append_escaped_point(out, token, at)) return std::nullopt;
        break;
      default: out += escaped;
    }
  }
  return out;
}

std::optional<uint64_t> decode_number(std::string_view token) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return value;
}

std::optional<std::string> decode_base64(std::string_view text) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
      bits &= (1u << held) - 1;
    }
  }
  if (bits != 0) return std::nullopt;
  return out;
}

}  // namespace rollproof::check
