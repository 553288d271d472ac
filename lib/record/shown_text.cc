#include "lib/record/shown_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/record/utf8.h"

namespace rollproof::record {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// U+FFFE and U+FFFF are UTF-8, but no characters of XML.
bool is_no_character(std::string_view at) { return at.starts_with("\xEF\xBF\xBE") || at.starts_with("\xEF\xBF\xBF"); }

void append_legal(std::string& out, std::string_view valid) {
  for (size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) {
      out += kReplacement;
    } else if (byte == 0xC2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xA0) {
      out += kReplacement;  // the second set of control characters
      ++i;
    } else if (byte == 0xEF && is_no_character(valid.substr(i))) {
      out += kReplacement;
      i += 2;
    } else {
      out += valid[i];
    }
  }
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return line;
}

}  // namespace

std::string legal_text(std::string_view bytes, size_t most, std::string_view whole) {
  std::string_view kept = bytes.substr(0, most);
  // Not in the middle of a character.
  if (kept.size() < bytes.size()) {
    for (int i = 0; i < 3 && !kept.empty() && (static_cast<unsigned char>(bytes[kept.size()]) & 0xC0) == 0x80; ++i) kept.remove_suffix(1);
  }
  const size_t cut = bytes.size() - kept.size();
  std::string out;
  out.reserve(kept.size());
  while (!kept.empty()) {
    const size_t valid = record::valid_utf8_prefix(kept);
    append_legal(out, kept.substr(0, valid));
    kept.remove_prefix(valid);
    if (kept.empty()) break;
    out += kReplacement;
    kept.remove_prefix(1);
  }
  if (cut != 0) out += fmt::format(" … ({} more bytes in {})", counted(cut), whole);
  return out;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string markdown_escaped(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|#~>$@!").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string markdown_code(std::string_view text, bool in_table) {
  size_t longest = 0, run = 0;
  std::string out;
  for (const char c : one_line(text)) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    if (c == '|' && in_table) out += '\\';
    out += c;
  }
  const std::string fence(longest + 1, '`');
  return longest == 0 ? fence + out + fence : fmt::format("{} {} {}", fence, out, fence);
}

std::string counted(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string duration_text(int64_t ms) {
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return ms % 1000 == 0 ? fmt::format("{} s", ms / 1000) : fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  const int64_t minutes = ms / 60'000, seconds = ms % 60'000 / 1000;
  if (minutes < 60) return seconds == 0 ? fmt::format("{} min", minutes) : fmt::format("{} min {:02} s", minutes, seconds);
  return minutes % 60 == 0 ? fmt::format("{} h", minutes / 60) : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string microseconds_text(int64_t us) {
  if (us < 1000) return fmt::format("{} us", us);
  return us < 1'000'000 ? fmt::format("{:.2f} ms", static_cast<double>(us) / 1e3) : fmt::format("{:.2f} s", static_cast<double>(us) / 1e6);
}

std::string plural(uint64_t number, std::string_view one, std::string_view many) {
  if (number == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", counted(number), one) : fmt::format("{} {}", counted(number), many);
}

}  // namespace rollproof::record
