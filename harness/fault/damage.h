// Bytes of a file at rest change, or are gone, without anybody having written them.
//
// May happen: while no command is at work, or between the death of one and its recovery: one bit of one byte turns over, 512 bytes become
// zeros, a file loses its end, or all of it. May not happen: damage to two files at once, or bytes that somebody chose so that they fit.
// Survivable because: everything that is relied on is checksummed or sealed and is checked before it is relied on; what another copy
// holds is taken from there, what none holds is named, and nothing is cleared before that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/sim/image.h"
#include "lib/base/result.h"

namespace rollproof::fault {

// Texts: "damage(after 33, flip db/000005.ldb 17)", "damage(after 33, zero db/000005.ldb 512)", "damage(after 33, cut db/000005.ldb 100)"
// (to so many bytes), "damage(after 33, lose db/000005.ldb)".
struct Damage {
  enum class Kind { flip, zero, cut, lose };
  Kind kind = Kind::flip;
  uint64_t after = 0;    // changing operations of the story
  std::string path;      // without blanks and closing brackets
  uint64_t number = 0;   // the byte, the first byte, the size that is left

  std::string to_string() const;
  static Result<Damage> parse(std::string_view text);
  std::string in_words() const;
  // The image with the damage done. False, and the image as it was, if there is no such file or nothing in it changes.
  bool apply(sim::Image& image) const;
  bool operator==(const Damage&) const = default;
};

}  // namespace rollproof::fault
