#include "harness/fault/damage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/fault/io_error.h"
#include "harness/fault/text.h"
#include "lib/base/digest.h"

namespace rollproof::fault {
namespace {

constexpr std::array<std::string_view, 10> kNames = {"flip", "zero", "cut", "lose", "stale", "misplace", "swap", "garbage", "fit", "misread"};
constexpr std::string_view kGarbage = "{\"contracts\": {\"56-LookCoin\": {";

bool has_number(Damage::Kind kind) { return kind != Damage::Kind::lose && kind != Damage::Kind::swap && kind != Damage::Kind::garbage; }
bool has_from(Damage::Kind kind) { return kind == Damage::Kind::stale || kind == Damage::Kind::misplace || kind == Damage::Kind::misread; }

bool read(Text& rest, Damage& damage) {
  std::string_view name, path, other;
  if (!rest.skip("damage(after ") || !rest.number(damage.after) || !rest.skip(", ") || !rest.until(" ", name) || !rest.skip(" ")) return false;
  const auto known = std::find(kNames.begin(), kNames.end(), name);
  if (known == kNames.end() || !rest.until(" )", path)) return false;
  damage.kind = static_cast<Damage::Kind>(known - kNames.begin());
  damage.path = path;
  if (has_number(damage.kind) && !(rest.skip(" ") && rest.number(damage.number))) return false;
  if (has_from(damage.kind) && !(rest.skip(" ") && rest.number(damage.from))) return false;
  if (damage.kind == Damage::Kind::swap && !(rest.skip(" ") && rest.until(" )", other))) return false;
  damage.other = other;
  return rest.skip(")") && rest.ended();
}

}  // namespace

std::string Damage::to_string() const {
  std::string text = fmt::format("damage(after {}, {} {}", after, kNames[static_cast<size_t>(kind)], path);
  if (has_number(kind)) text += fmt::format(" {}", number);
  if (has_from(kind)) text += fmt::format(" {}", from);
  if (kind == Kind::swap) text += " " + other;
  return text + ")";
}

Result<Damage> Damage::parse(std::string_view text) {
  Text rest(text);
  Damage damage;
  if (read(rest, damage)) return damage;
  return fail(Code::invalid, fmt::format("\"{}\" is no damage: expected damage(after K, flip FILE BYTE), with zero FILE BYTE, cut FILE SIZE, lose FILE, stale FILE BYTE OPERATION, "
                                         "misplace FILE BYTE FROM, swap FILE FILE, garbage FILE, fit FILE BYTE or misread FILE BYTE LOOK in its place", text));
}

std::string Damage::in_words() const {
  if (kind == Kind::misread) {
    return fmt::format("call number {} that only looks, since the operation before {} or the start of the command, reads {}: the lowest bit of byte {} of what it returns is wrong, "
                       "and on the disk it is right", from, after, path, number);
  }
  const std::string when = fmt::format("after operation {} has been done and before the next process looks, ", after);
  switch (kind) {
    case Kind::flip: return when + fmt::format("the lowest bit of byte {} of {} turns over", number, path);
    case Kind::zero: return when + fmt::format("{} bytes from byte {} of {} become zeros", kBlock, number, path);
    case Kind::cut: return when + fmt::format("{} loses everything behind its first {} bytes", path, number);
    case Kind::lose: return when + path + " is lost";
    case Kind::stale: return when + fmt::format("{} bytes from byte {} of {} become what they were after operation {}", kBlock, number, path, from);
    case Kind::misplace: return when + fmt::format("{} bytes from byte {} of {} become a copy of those from byte {}", kBlock, number, path, from);
    case Kind::swap: return when + fmt::format("{} and {} change places", path, other);
    case Kind::garbage: return when + path + " holds the beginning of some JSON and no more";
    case Kind::fit: return when + fmt::format("the lowest bit of byte {} of {} turns over, and the checksums that the backup keeps of it fit", number, path);
    case Kind::misread: break;
  }
  return "";
}

sim::SimDisk::FaultHook Damage::hook(uint64_t& fired) const {
  return [damage = *this, &fired, seen = uint64_t{0}](const sim::Operation& operation) mutable -> std::optional<sim::InjectedError> {
    if (!IoError::looks(operation.call) || operation.ordinal != damage.after || ++seen != damage.from) return std::nullopt;
    if (operation.call != sim::Call::read || *operation.path != damage.path) return std::nullopt;
    return sim::InjectedError{.tamper = [number = damage.number, &fired](uint64_t, std::span<char> bytes) {
      if (bytes.empty()) return;  // a read behind the end
      bytes[number % bytes.size()] ^= 1;
      ++fired;
    }};
  };
}

namespace {

// Of two folders everything that is in them.
bool exchange_folders(sim::Image& image, const std::string& a, const std::string& b) {
  std::vector<std::pair<std::string, sim::Content>> moved;
  for (const std::string& file : image.files()) {
    if (file.starts_with(a + "/")) moved.emplace_back(b + file.substr(a.size()), image.find(file)->content);
    if (file.starts_with(b + "/")) moved.emplace_back(a + file.substr(b.size()), image.find(file)->content);
  }
  image.remove(a).remove(b);
  for (const auto& [file, content] : moved) image.put(file, content);
  return !moved.empty();
}

}  // namespace

bool Damage::exchange(sim::Image& image) const {
  const sim::Node *first = image.find(path), *second = image.find(other);
  if (first != nullptr && second != nullptr && first->directory && second->directory) return exchange_folders(image, path, other);
  const auto one = image.read(path), two = image.read(other);
  if (!one || !two || *one == *two) return false;
  image.put(path, *two);
  image.put(other, *one);
  return true;
}

// Wherever the folder of the backup names the digest of the old content it names that of the new one; and so on for what names that.
bool Damage::make_fit(sim::Image& image, const std::string& before, const std::string& now) const {
  const size_t folder = path.find('/', path.find('/') + 1);  // backups/NAME/
  if (folder == std::string::npos) return false;
  const std::string old_digest = sha256_hex(before), new_digest = sha256_hex(now);
  bool found = false;
  for (const std::string& file : image.files()) {
    if (file.compare(0, folder + 1, path, 0, folder + 1) != 0) continue;
    const std::string text = *image.read(file);
    const size_t at = text.find(old_digest);
    if (at == std::string::npos) continue;
    std::string fitting = text;
    fitting.replace(at, old_digest.size(), new_digest);
    image.put(file, fitting);
    make_fit(image, text, fitting);
    found = true;
  }
  return found;
}

bool Damage::apply(sim::Image& image, const sim::Image* earlier) const {
  if (kind == Kind::swap) return exchange(image);
  auto bytes = image.read(path);
  if (!bytes || kind == Kind::misread) return false;
  if (kind == Kind::lose) {
    image.remove(path);
    return true;
  }
  const std::string before = *bytes;
  const auto block_of = [](const std::string& text, uint64_t at) { return at < text.size() ? text.substr(at, kBlock) : std::string(); };
  const auto put_block = [&](const std::string& block) { std::copy_n(block.begin(), std::min(block.size(), bytes->size() - number), bytes->begin() + static_cast<ptrdiff_t>(number)); };
  if (kind == Kind::garbage) {
    *bytes = kGarbage;
  } else if (number >= bytes->size()) {
    return false;
  }
  if (kind == Kind::flip || kind == Kind::fit) (*bytes)[number] = static_cast<char>((*bytes)[number] ^ 1);
  if (kind == Kind::zero) std::fill_n(bytes->begin() + static_cast<ptrdiff_t>(number), std::min(kBlock, bytes->size() - number), '\0');
  if (kind == Kind::cut) bytes->resize(number);
  if (kind == Kind::misplace) put_block(block_of(before, from));
  if (kind == Kind::stale) {
    const auto then = earlier == nullptr ? image.read(path) : earlier->read(path);
    if (!then) return false;
    put_block(block_of(*then, number));
  }
  if (*bytes == before || (kind == Kind::fit && !make_fit(image, before, *bytes))) return false;
  image.put(path, *bytes);
  return true;
}

}  // namespace rollproof::fault
