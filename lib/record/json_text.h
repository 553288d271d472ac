// The small tables that reading and writing JSON text share.
#pragma once

namespace rollproof::record::json {

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What a one-letter escape stands for; the letter is one that Tokens accepts, and not 'u'.
constexpr char unescaped(char letter) {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;
  }
}

// The letter of the one-letter escape that JSON.stringify writes for a control character; 0 if it writes \u00xx.
constexpr char short_escape(unsigned char control) {
  switch (control) {
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

}  // namespace rollproof::record::json
