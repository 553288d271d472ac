#include "harness/drill/shrink/lost_writes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace rollproof::drill {
namespace {

using sim::CrashId;

class Least {
 public:
  Least(const sim::Trace& trace, const std::function<bool(const CrashId&)>& fails) : trace_(trace), images_(trace, sim::Model::strict), ask_(fails) {}

  LeastCrash of(const CrashId& id) {
    LeastCrash least = shrunk(id);
    if (least.id.shape != CrashId::Shape::torn) least.needed = needed(least);
    least.tried = tried_;
    return least;
  }

 private:
  bool fails(const CrashId& id) {
    ++tried_;
    return ask_(id);
  }

  LeastCrash shrunk(const CrashId& id) {
    if (const auto whole = earliest({.after = id.after}); whole) return {*whole, fmt::format("a crash right after operation {} is enough, with nothing lost", text(whole->after - 1)), {}, {}};
    if (id.shape == CrashId::Shape::torn) return {id, fmt::format("operation {} is not safe when it is cut", text(id.after)), {id.after}, {}};
    std::vector<uint64_t> lost = lost_in(id);
    CrashId least = losing(id.after, lost);
    // What is lost in part only (a sector, the data without the size) has no smaller name.
    if (lost.empty() || !fails(least)) return in_part(id, std::move(lost));
    lost = fewest(id.after, std::move(lost));
    least = earliest(losing(id.after, lost)).value_or(losing(id.after, lost));
    lost = lost_in(least);
    if (least.after == 0 || least.after - 1 == lost.back()) return {least, fmt::format("operation {} may be lost although it was relied on", names(lost)), lost, {}};
    return {least, fmt::format("operation {} must be durable before operation {}", names(lost), text(least.after - 1)), lost, {}};
  }

  LeastCrash in_part(const CrashId& id, std::vector<uint64_t> lost) const {
    std::string words = lost.size() <= kNamed && !lost.empty() ? fmt::format("operation {} may not be lost in part before operation {}", names(lost), text(id.after - 1))
                                                               : fmt::format("a crash after {} operations that loses parts of what was not synced", id.after);
    return {id, std::move(words), std::move(lost), {}};
  }

  static CrashId losing(uint64_t after, const std::vector<uint64_t>& lost) {
    CrashId id{.after = after, .shape = CrashId::Shape::lose};
    for (const uint64_t ordinal : lost) id.losses.push_back({.ordinal = ordinal});
    return id;
  }

  // What the crash takes something of, whether the whole or a part.
  std::vector<uint64_t> lost_in(const CrashId& id) {
    std::vector<uint64_t> found;
    if (id.shape == CrashId::Shape::lose) {
      for (const sim::Loss& loss : id.losses) found.push_back(loss.ordinal);
      return found;
    }
    for (const uint64_t ordinal : images_.unsynced(id.after)) {
      if (id.shape != CrashId::Shape::keep || ordinal >= id.number) found.push_back(ordinal);
    }
    return found;
  }

  // Each of the last few operations that might have been lost and was not, tried by itself.
  std::vector<uint64_t> needed(const LeastCrash& least) {
    std::vector<uint64_t> found;
    if (least.id.after == 0) return found;
    std::vector<uint64_t> candidates = images_.unsynced(least.id.after);
    if (candidates.size() > kLookBack) candidates.erase(candidates.begin(), candidates.end() - kLookBack);
    for (const uint64_t ordinal : candidates) {
      if (std::find(least.lost.begin(), least.lost.end(), ordinal) != least.lost.end() || ordinal + 1 == least.id.after) continue;
      CrashId without = least.id;
      if (without.shape == CrashId::Shape::whole) without.shape = CrashId::Shape::lose;
      if (without.shape != CrashId::Shape::lose) break;  // only losses by name can be added to
      without.losses.push_back({.ordinal = ordinal});
      if (!fails(without)) found.push_back(ordinal);
    }
    // The crash comes right behind it, and one before it does not fail.
    if (least.lost.empty() || least.lost.back() + 1 != least.id.after) found.push_back(least.id.after - 1);
    return found;
  }

  // Delta debugging: halves first, then ever smaller pieces are given back as long as the rest still fails.
  std::vector<uint64_t> fewest(uint64_t after, std::vector<uint64_t> lost) {
    for (size_t piece = (lost.size() + 1) / 2; piece >= 1 && lost.size() > 1;) {
      bool smaller = false;
      for (size_t from = 0; from < lost.size() && lost.size() > 1;) {
        std::vector<uint64_t> rest(lost.begin(), lost.begin() + static_cast<ptrdiff_t>(from));
        rest.insert(rest.end(), lost.begin() + static_cast<ptrdiff_t>(std::min(lost.size(), from + piece)), lost.end());
        if (!rest.empty() && fails(losing(after, rest))) {
          lost = std::move(rest);
          smaller = true;
        } else {
          from += piece;
        }
      }
      if (piece == 1 && !smaller) break;
      piece = smaller ? std::min(piece, (lost.size() + 1) / 2) : piece / 2;
      piece = std::max<size_t>(piece, 1);
    }
    return lost;
  }

  // The first crash point that fails with those of the losses that come before it. The point itself fails, so there is one, unless a crash with
  // nothing lost does not fail at all.
  std::optional<CrashId> earliest(CrashId id) {
    if (!fails(id)) return std::nullopt;
    const uint64_t last = id.after;
    const uint64_t behind = id.losses.empty() ? (last > kLookBack ? last - kLookBack : 1) : id.losses.front().ordinal + 1;
    for (uint64_t after = behind; after < last; ++after) {
      CrashId earlier = id;
      earlier.after = after;
      std::erase_if(earlier.losses, [&](const sim::Loss& loss) { return loss.ordinal >= after; });
      if (fails(earlier)) return earlier;
    }
    return id;
  }

  std::string names(const std::vector<uint64_t>& ordinals) const {
    std::vector<std::string> all;
    for (const uint64_t ordinal : ordinals) all.push_back(text(ordinal));
    return fmt::format("{}", fmt::join(all, " and "));
  }

  std::string text(uint64_t ordinal) const { return ordinal < trace_.size() ? fmt::format("{} ({})", ordinal, trace_.operations[ordinal]->to_string()) : std::to_string(ordinal); }

  static constexpr uint64_t kLookBack = 64;  // operations before a plain prefix that are tried, and unsynced ones before a crash
  static constexpr size_t kNamed = 4;        // lost operations that are named in a sentence

  const sim::Trace& trace_;
  sim::CrashImages images_;
  const std::function<bool(const CrashId&)>& ask_;
  uint64_t tried_ = 0;
};

}  // namespace

LeastCrash least_crash(const sim::Trace& trace, const sim::CrashId& id, const std::function<bool(const sim::CrashId&)>& fails) { return Least(trace, fails).of(id); }

}  // namespace rollproof::drill
