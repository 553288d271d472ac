// Bytes of a file at rest change, or are gone, without anybody having written them; or one read returns other bytes than lie there.
//
// May happen: while no command is at work, or between the death of one and its recovery: one bit of one byte turns over, 512 bytes become
// zeros, or what they were at an earlier moment (a write that was lost), or what belongs to another place of the file (a write that went astray); a
// file loses its end, or all of it; two files, or the folders of two backups, change places; a file holds the beginning of some JSON and no more; and, in a backup, a byte turns over
// and the checksum written beside it fits. Stale, misplaced and swapped bytes are found by a checksum only if it knows where and when. While a command is at
// work one bit of what one of its reads returns may be wrong, and right the next time. May not happen: damage
// to more files at once, or a checksum that fits at every place where one is kept (the journal seals a backup's digest).
// Survivable because: everything that is relied on is checksummed or sealed and is checked before it is relied on; what another copy
// holds is taken from there, what none holds is named, and nothing is cleared before that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/sim/disk.h"
#include "harness/sim/image.h"
#include "lib/base/result.h"

namespace rollproof::fault {

// Texts: "damage(after 33, flip db/000005.ldb 17)", "damage(after 33, zero db/000005.ldb 512)", "damage(after 33, cut db/000005.ldb 100)"
// (to so many bytes), "damage(after 33, lose db/000005.ldb)", "damage(after 33, stale db/000005.ldb 512 20)" (the block at 512 as it was after
// operation 20), "damage(after 33, misplace db/000005.ldb 512 0)" (at 512 lies what belongs to 0), "damage(after 33, swap db/000005.ldb db/000007.ldb)" (two files, or two folders),
// "damage(after 33, garbage out/56.json)", "damage(after 33, fit backups/b/leveldb/current/000005.ldb 17)", "damage(after 33, misread db/000005.ldb 17 5)"
// (the 5th call that only looks, counted as IoError does, is a read of that file: of what it returns byte 17 is wrong, counted again from the first behind the last).
struct Damage {
  enum class Kind { flip, zero, cut, lose, stale, misplace, swap, garbage, fit, misread };
  Kind kind = Kind::flip;
  uint64_t after = 0;    // changing operations of the story
  std::string path;      // without blanks and closing brackets
  uint64_t number = 0;   // the byte, the first byte, the size that is left
  uint64_t from = 0;     // of stale: changing operations; of misplace: the first byte of what lands there; of misread: the how-manyeth (from 1) look
  std::string other;     // of swap

  static constexpr uint64_t kBlock = 512;

  std::string to_string() const;
  static Result<Damage> parse(std::string_view text);
  std::string in_words() const;
  // The image with the damage done. False, and the image as it was, if there is no such file or nothing in it changes. `earlier`: of stale, the image
  // after the operations `from`.
  bool apply(sim::Image& image, const sim::Image* earlier = nullptr) const;
  // Of misread: the read that is wrong; `fired` counts it. Stateful: one hook for one run. REQUIRES: `fired` outlives it.
  sim::SimDisk::FaultHook hook(uint64_t& fired) const;
  bool operator==(const Damage&) const = default;

 private:
  bool exchange(sim::Image& image) const;
  bool make_fit(sim::Image& image, const std::string& before, const std::string& now) const;
};

}  // namespace rollproof::fault
