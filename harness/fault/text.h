// Reading the text of a fault from its front.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace rollproof::fault {

class Text {
 public:
  explicit Text(std::string_view text) : rest_(text) {}

  // Takes `word` off; false, and nothing taken, if the text does not begin with it.
  bool skip(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool number(uint64_t& out) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (error != std::errc()) return false;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return true;
  }
  // Everything before the next of `ends`; false if there is none, or nothing before it.
  bool until(std::string_view ends, std::string_view& out) {
    const size_t at = rest_.find_first_of(ends);
    if (at == std::string_view::npos || at == 0) return false;
    out = rest_.substr(0, at);
    rest_.remove_prefix(at);
    return true;
  }
  bool ended() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace rollproof::fault
