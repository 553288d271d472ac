// Strings and numbers of JSON text: what they stand for, and how they are written.
#include "lib/record/json_text.h"

#include "lib/record/json.h"
#include "lib/record/utf8.h"

namespace rollproof::record::json {

namespace {

char16_t escaped_unit(std::string_view token, size_t at) {
  unsigned unit = 0;
  for (size_t i = 0; i < 4; ++i) unit = unit * 16 + static_cast<unsigned>(hex_digit(token[at + i]));
  return static_cast<char16_t>(unit);
}

bool is_high(char16_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low(char16_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

}  // namespace

std::u16string code_units(std::string_view token) {
  std::u16string units;
  units.reserve(token.size());
  for (size_t at = 1; at + 1 < token.size();) {
    const auto byte = static_cast<unsigned char>(token[at]);
    if (byte == '\\') {
      if (token[at + 1] == 'u') {
        units += escaped_unit(token, at + 2);
        at += 6;
      } else {
        units += static_cast<char16_t>(unescaped(token[at + 1]));
        at += 2;
      }
    } else if (byte < 0x80) {
      units += static_cast<char16_t>(byte);
      ++at;
    } else {
      const size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      uint32_t point = byte & (0x7f >> length);
      for (size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<unsigned char>(token[at + i]) & 0x3f);
      at += length;
      if (point >= 0x10000) {
        units += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
        units += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
      } else {
        units += static_cast<char16_t>(point);
      }
    }
  }
  return units;
}

std::optional<std::string> to_utf8(std::string_view token) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  std::string text;
  text.reserve(inside.size());
  for (size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\') {
      const size_t end = std::min(inside.find('\\', at), inside.size());
      text.append(inside, at, end - at);
      at = end;
    } else if (inside[at + 1] != 'u') {
      text += unescaped(inside[at + 1]);
      at += 2;
    } else {
      const char16_t unit = escaped_unit(inside, at + 2);
      at += 6;
      if (is_low(unit)) return std::nullopt;
      if (!is_high(unit)) {
        append_utf8(text, unit);
        continue;
      }
      if (inside.substr(at, 2) != "\\u" || !is_low(escaped_unit(inside, at + 2))) return std::nullopt;
      append_utf8(text, 0x10000 + ((unit - 0xd800u) << 10) + (escaped_unit(inside, at + 2) - 0xdc00u));
      at += 6;
    }
  }
  return text;
}

std::string decimal_of(std::string_view token) {
  std::string_view rest = token;
  const bool negative = rest[0] == '-';
  if (negative) rest.remove_prefix(1);
  const size_t e = rest.find_first_of("eE");
  const std::string_view mantissa = rest.substr(0, e);
  std::string_view power = e == std::string_view::npos ? std::string_view("0") : rest.substr(e + 1);
  const size_t point = mantissa.find('.');
  std::string digits(mantissa.substr(0, point));
  int64_t exponent = 0;
  if (point != std::string_view::npos) {
    digits += mantissa.substr(point + 1);
    exponent = -static_cast<int64_t>(mantissa.size() - point - 1);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return "0";
  const bool power_negative = power[0] == '-';
  if (power[0] == '+' || power[0] == '-') power.remove_prefix(1);
  power.remove_prefix(std::min(power.find_first_not_of('0'), power.size()));
  if (power.size() > 15) return std::string(token);
  int64_t shift = 0;
  for (const char digit : power) shift = shift * 10 + (digit - '0');
  exponent += power_negative ? -shift : shift;
  const size_t last = digits.find_last_not_of('0');
  exponent += static_cast<int64_t>(digits.size() - last - 1);
  digits.resize(last + 1);
  std::string text = (negative ? "-" : "") + digits;
  if (exponent != 0) text += "e" + std::to_string(exponent);
  return text;
}

void append_string(std::string& out, std::string_view text) {
  static const char hex[] = "0123456789abcdef";
  out += '"';
  size_t plain = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, plain, at - plain);
    plain = at + 1;
    out += '\\';
    if (byte >= 0x20) {
      out += static_cast<char>(byte);
    } else if (const char letter = short_escape(byte)) {
      out += letter;
    } else {
      out += "u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  out.append(text, plain);
  out += '"';
}

}  // namespace rollproof::record::json
