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
    const LeastCrash least = shrunk(id);
    return {least.id, least.words, tried_};
  }

 private:
  bool fails(const CrashId& id) {
    ++tried_;
    return ask_(id);
  }

  LeastCrash shrunk(const CrashId& id) {
    if (const auto whole = earliest({.after = id.after}); whole) return {*whole, fmt::format("a crash right after operation {} is enough, with nothing lost", text(whole->after - 1))};
    if (id.shape == CrashId::Shape::torn) return {id, fmt::format("operation {} is not safe when it is cut", text(id.after))};
    std::vector<uint64_t> lost = unsynced(id.after);
    CrashId least = losing(id.after, lost);
    // What is lost in part only (a sector, the data without the size) has no smaller name.
    if (lost.empty() || !fails(least)) return {id, fmt::format("a crash after {} operations that loses a part of what was not synced", id.after)};
    lost = fewest(id.after, std::move(lost));
    least = earliest(losing(id.after, lost)).value_or(losing(id.after, lost));
    std::vector<std::string> names;
    for (const uint64_t ordinal : lost) names.push_back(text(ordinal));
    if (least.after == 0 || least.after - 1 == lost.back()) return {least, fmt::format("operation {} may be lost although it was relied on", fmt::join(names, ", "))};
    return {least, fmt::format("operation {} must be durable before operation {}", fmt::join(names, " and "), text(least.after - 1))};
  }

  static CrashId losing(uint64_t after, const std::vector<uint64_t>& lost) {
    CrashId id{.after = after, .shape = CrashId::Shape::lose};
    for (const uint64_t ordinal : lost) id.losses.push_back({.ordinal = ordinal});
    return id;
  }

  // What would be missing if it alone were lost.
  std::vector<uint64_t> unsynced(uint64_t after) {
    std::vector<uint64_t> found;
    const auto whole = images_.build({.after = after});
    if (!whole) return found;
    const sim::Digest128 digest = whole->digest();
    for (uint64_t ordinal = 0; ordinal < after; ++ordinal) {
      const auto without = images_.build(losing(after, {ordinal}));
      if (without && without->digest() != digest) found.push_back(ordinal);
    }
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

  // The first crash point at which the same losses fail; behind the last of them. The point itself fails, so there is one, unless a crash with nothing
  // lost does not fail at all.
  std::optional<CrashId> earliest(CrashId id) {
    if (!fails(id)) return std::nullopt;
    const uint64_t last = id.after;
    const uint64_t behind = id.losses.empty() ? (last > kLookBack ? last - kLookBack : 1) : id.losses.back().ordinal + 1;
    for (uint64_t after = behind; after < last; ++after) {
      CrashId earlier = id;
      earlier.after = after;
      if (fails(earlier)) return earlier;
    }
    return id;
  }

  std::string text(uint64_t ordinal) const { return ordinal < trace_.size() ? fmt::format("{} ({})", ordinal, trace_.operations[ordinal]->to_string()) : std::to_string(ordinal); }

  static constexpr uint64_t kLookBack = 64;  // operations before a plain prefix that are tried

  const sim::Trace& trace_;
  sim::CrashImages images_;
  const std::function<bool(const CrashId&)>& ask_;
  uint64_t tried_ = 0;
};

}  // namespace

LeastCrash least_crash(const sim::Trace& trace, const sim::CrashId& id, const std::function<bool(const sim::CrashId&)>& fails) { return Least(trace, fails).of(id); }

}  // namespace rollproof::drill
