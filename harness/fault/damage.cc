#include "harness/fault/damage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace rollproof::fault {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"flip", "zero", "cut", "lose"};
constexpr uint64_t kBlock = 512;

// The part of `text` before `end`, which is taken off with it.
bool take(std::string_view& text, std::string_view end, std::string_view& part) {
  const size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  part = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

bool number_of(std::string_view text, uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string Damage::to_string() const {
  const std::string head = fmt::format("damage(after {}, {} {}", after, kNames[static_cast<size_t>(kind)], path);
  return kind == Kind::lose ? head + ")" : fmt::format("{} {})", head, number);
}

Result<Damage> Damage::parse(std::string_view text) {
  const std::string whole(text);
  Damage damage;
  std::string_view nothing, after, name, path = "";
  bool good = take(text, "damage(after ", nothing) && nothing.empty() && take(text, ", ", after) && number_of(after, damage.after) && take(text, " ", name);
  const auto known = std::find(kNames.begin(), kNames.end(), name);
  good = good && known != kNames.end();
  if (good) damage.kind = static_cast<Kind>(known - kNames.begin());
  if (good && damage.kind != Kind::lose) {
    std::string_view number;
    good = take(text, " ", path) && take(text, ")", number) && number_of(number, damage.number);
  } else {
    good = good && take(text, ")", path);
  }
  if (!good || path.empty() || path.find(' ') != std::string_view::npos || !text.empty()) {
    return fail(Code::invalid, fmt::format("\"{}\" is no damage: expected damage(after K, flip FILE BYTE), with zero FILE BYTE, cut FILE SIZE or lose FILE in its place", whole));
  }
  damage.path = path;
  return damage;
}

std::string Damage::in_words() const {
  const std::string when = fmt::format("after operation {} has been done and before the next process looks, ", after);
  switch (kind) {
    case Kind::flip: return when + fmt::format("the lowest bit of byte {} of {} turns over", number, path);
    case Kind::zero: return when + fmt::format("{} bytes from byte {} of {} become zeros", kBlock, number, path);
    case Kind::cut: return when + fmt::format("{} loses everything behind its first {} bytes", path, number);
    case Kind::lose: return when + path + " is lost";
  }
  return "";
}

bool Damage::apply(sim::Image& image) const {
  auto bytes = image.read(path);
  if (!bytes) return false;
  if (kind == Kind::lose) {
    image.remove(path);
    return true;
  }
  if (number >= bytes->size()) return false;
  const std::string before = *bytes;
  if (kind == Kind::flip) (*bytes)[number] = static_cast<char>((*bytes)[number] ^ 1);
  if (kind == Kind::zero) std::fill_n(bytes->begin() + static_cast<ptrdiff_t>(number), std::min(kBlock, bytes->size() - number), '\0');
  if (kind == Kind::cut) bytes->resize(number);
  if (*bytes == before) return false;
  image.put(path, *bytes);
  return true;
}

}  // namespace rollproof::fault
