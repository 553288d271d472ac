// Every disk content that a power loss may leave behind a recorded run: enumerated in a fixed order, counted class by class,
// built one after the other from what the last one shares with it, or on its own from a CrashId.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/sim/crash_id.h"
#include "harness/sim/ledger.h"

namespace rollproof::sim {

struct CrashOptions {
  Model model = Model::strict;
  uint64_t first = 0;          // crash points k, after so many operations
  uint64_t last = UINT64_MAX;  // inclusive; at most the length of the trace
  bool torn = true;            // the operation in flight cut: in three, and at every 512-byte block
  bool singles = true;         // each unsynced operation omitted by itself
  bool parts = true;           // size without data (zeros, noise), rename with both names
  bool sectors = true;         // each sector of an unsynced write omitted by itself
  bool suffixes = true;        // nothing unsynced from operation j on
  bool none = true;            // nothing unsynced at all
  uint32_t pairs_max = 0;      // two unsynced operations omitted; at most so many per point
  uint32_t randoms = 0;        // seeded subsets per point
  uint64_t seed = 1;
  uint32_t splits_max = 64;    // per operation in flight, then evenly spaced; what is left out is counted
  uint32_t sectors_max = 16;   // per unsynced write, likewise
  // A cut inside a sector: not legal on a disk whose sectors are atomic, which the library assumes. For study.
  bool inside_sectors = false;
};

struct CrashCounts {
  uint64_t whole = 0, torn = 0, singles = 0, parts = 0, sectors = 0, suffixes = 0, none = 0, pairs = 0, randoms = 0;
  uint64_t splits_left_out = 0, sectors_left_out = 0, pairs_left_out = 0;  // by the limits above
  uint64_t total() const { return whole + torn + singles + parts + sectors + suffixes + none + pairs + randoms; }
  std::string to_string() const;
  bool operator==(const CrashCounts&) const = default;
};

class CrashImages;

// Built when it is first asked for, during the visit only.
class LazyImage {
 public:
  const Image& get();
  const Digest128& digest() { return get().digest(); }

 private:
  friend class CrashImages;
  LazyImage(CrashImages& images, const CrashId& id) : images_(images), id_(id) {}
  CrashImages& images_;
  const CrashId& id_;
  std::optional<Image> image_;
};

class CrashImages {
 public:
  // The trace must outlive it and must not grow meanwhile.
  CrashImages(const Trace& trace, Model model) : trace_(trace), model_(model) {}

  // The image with this name. Code::invalid if the trace has no such point, or an operation named in a loss does not come
  // before it. A loss of something that was synced changes nothing. Cheapest in ascending order of `after`.
  Result<Image> build(const CrashId& id);
  // The operations of which a crash after `after` may take something: their ordinals, ascending. REQUIRES: after <= length of the trace.
  std::vector<uint64_t> unsynced(uint64_t after);
  // Visits in order of crash points until the visitor says false. Returns what was visited.
  // REQUIRES: options.model is the model of this object.
  CrashCounts for_each(const CrashOptions& options, const std::function<bool(const CrashId&, LazyImage&)>& visit);

 private:
  friend class LazyImage;
  struct Walk;
  Image build_here(const CrashId& id);
  void move_to(uint64_t k);
  Survival survival_of(const CrashId& id) const;
  std::vector<uint64_t> pending() const;
  bool visit_torn(Walk& walk, uint64_t k);
  bool visit_losses(Walk& walk, uint64_t k);
  bool visit_parts(Walk& walk, uint64_t k);

  const Trace& trace_;
  const Model model_;
  std::optional<Ledger> ledger_;
};

// Everything about one trace under one model.
CrashCounts for_each_crash(const Trace& trace, const CrashOptions& options, const std::function<bool(const CrashId&, LazyImage&)>& visit);
// The denominator: what for_each_crash would visit. Nothing is built.
CrashCounts count_crashes(const Trace& trace, const CrashOptions& options);
// The digests of all images that `options` reach: what an observed disk is compared with.
std::vector<Digest128> legal_digests(const Trace& trace, const CrashOptions& options);  // sorted, each once

}  // namespace rollproof::sim
