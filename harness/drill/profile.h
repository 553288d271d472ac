// How much of what could go wrong a run tries: fixed counts, so that the same seed gives the same record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace rollproof::drill {

// "every 1": all. What a stride leaves out is counted as excluded, with the profile as the reason.
struct Profile {
  std::string name;
  bool thin = false;           // what an earlier story had a case of needs none, and no story is exhaustive
  uint64_t whole_every = 1;    // prefixes: everything done reached the disk
  uint64_t none_every = 1;     // nothing unsynced survived
  uint64_t torn_every = 1;
  uint64_t single_every = 1;   // one unsynced operation omitted, on the way forward …
  uint64_t single_back_every = 1;  // … and in rollbacks
  uint64_t single_name_every = 1;  // … and where what was omitted is a rename: there are few, and whole files hang on them
  uint64_t part_every = 1;     // a size without data, a rename with both names
  uint64_t sector_every = 1;   // one sector omitted
  uint64_t suffix_every = 1;   // nothing unsynced from some operation on
  uint32_t randoms = 0;        // subsets per crash point
  uint32_t exhaustive_randoms = 8;  // the same of an exhaustive story, at least
  uint64_t random_every = 1;
  uint64_t death_every = 1;       // process deaths, on the way forward …
  uint64_t death_back_every = 1;  // … and in rollbacks
  uint64_t io_every = 1;       // operations failed
  uint64_t io_from_every = 1;  // … and every change behind them
  uint64_t full_every = 1;     // commands on a disk that is full, or nearly
  uint64_t look_every = 1;     // calls failed that only look
  uint64_t exhaustive_looks_every = 1;  // of a story that is exhaustive in them: calls that only look, and reads that return a wrong bit
  uint64_t look_from_every = 1;  // … and every call behind them
  // The recovery of every first crash that left a prefix, or a torn call, or lost one operation, a sector of one, or everything unsynced, and of every death; …
  bool second_all = false;
  bool second_all_shapes = false;  // … and of those that lost a part of an operation, a suffix or a random subset; otherwise of these …
  uint64_t second_firsts = 0;  // … first crashes per story whose recovery is crashed again, and as many deaths
  uint64_t second_every = 1;   // operations of that recovery
  uint64_t second_part_every = 1;  // … and of those that lose one operation, or a part of one, every how many of these
  uint64_t intruder_every = 1;         // second commands in a rollback …
  uint64_t intruder_forward_every = 1;  // … and on the way forward, and `recover` in both
  uint64_t foreign_every = 1;  // other programs that write to a store behind a death …
  uint64_t exhaustive_foreign_every = 1;  // … and of an exhaustive story
  uint64_t cancel_every = 1;
  uint64_t damage_every = 1;       // damage between two commands
  uint64_t lost_every = 1;         // files that are gone, wherever
  uint64_t flips = 8;              // bytes of a file, beside its first, middle and last one
  uint64_t exhaustive_damage_every = 7, exhaustive_lost_every = 1;  // of an exhaustive story, at most
  uint64_t damage_dead_every = 1;  // damage between a death and the recovery, at the first operation of each step

  uint64_t variant_every = 1;       // blocks that are stale or in the wrong place, swapped files, and the like: between two commands …
  uint64_t variant_dead_every = 1;  // … and between a death and the recovery
  uint64_t misread_every = 1;       // reads of a command that return one wrong bit
  uint64_t allocation_every = 4099;       // allocations failed …
  uint64_t allocation_from_every = 16411;  // … and every one behind them
  uint64_t stall_every = 1;       // changing operations that take an hour
  uint64_t stall_look_every = 1;  // looking ones
  uint64_t jump_every = 1;        // operations at which the clock is set, forward and back
  uint64_t random_stories = 0;  // with up to a dozen faults each
  uint64_t over_limit_every = 1;          // operations from which on the gauge shows more than the limit

  // This one for a story that is drilled exhaustively: every crash image, torn call, omission, death, failed call, second command and damage. What would
  // take days without a stride, or costs as much as all the others together, stays sampled.
  Profile exhaustive() const;
  static Result<Profile> named(std::string_view name);  // quick, default, deep, deepest
};

}  // namespace rollproof::drill
