// The name of one crash image: what of a trace's effects reached the disk when the power went. A value that prints itself and
// parses back; together with a trace and a disk model it is all that is needed to build the image again.
//
//   crash(after 33)                     operations 0..32 took effect, all of it reached the disk
//   crash(after 33, torn 512)           and of operation 33, in flight, the first 512 bytes; of a rename: 1 both names, 2 neither
//   crash(after 33, torn 512 sized)     its new size as well, zeros where the data is missing; "noise": garbage there
//   crash(after 33, lose [4,7])         as the first, but operations 4 and 7 left nothing behind that was not synced
//   crash(after 33, lose [4.data])      of 4 only the bytes are missing, not the size: zeros; 4.noise: garbage; 4.s3: its sector 3
//   crash(after 33, lose [9.from])      of rename 9 only the removal of the old name is missing: both names are there
//   crash(after 33, keep 20)            of what was not synced only operations 0..19 left something
//   crash(after 33, keep none)          only what was synced
//   crash(after 33, random 0x1f)        a subset of what was not synced, drawn from the seed, sector by sector
// A loss takes with it what could not have survived without it under the model. So every id names a legal image.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::sim {

struct Loss {
  enum class Part : uint8_t { all, data, noise, from, sector };
  uint64_t ordinal = 0;
  Part part = Part::all;
  uint32_t sector = 0;  // within the operation, from 0
  bool operator==(const Loss&) const = default;
};

struct CrashId {
  enum class Shape : uint8_t { whole, torn, lose, keep, keep_none, random };
  enum class Rest : uint8_t { absent, sized, noise };  // of a torn write: what lies behind the cut

  uint64_t after = 0;
  Shape shape = Shape::whole;
  Rest rest = Rest::absent;
  uint64_t number = 0;  // torn: bytes; keep: operations; random: seed
  std::vector<Loss> losses;

  bool operator==(const CrashId&) const = default;
  std::string to_string() const;
  // Code::invalid, naming what was expected and where, for anything that to_string() would not print (spaces apart).
  static Result<CrashId> parse(std::string_view text);
};

}  // namespace rollproof::sim
