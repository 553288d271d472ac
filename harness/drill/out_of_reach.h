// A store that nobody can open, or nobody can write to, for a while: another program has it open, its file system is mounted read-only, its disk is full or not mounted.
#pragma once

#include <optional>
#include <string>

#include "harness/check/evidence.h"
#include "harness/fault/intruder.h"
#include "harness/sim/disk.h"

namespace rollproof::drill {

// What who has a LevelDB open does there: nothing; he has written a manifest and a log of his own, and the same records, which before there is a backup nobody
// can tell; or he is in the middle of a write, which he gives up when he closes it.
enum class Holder { idle, has_written, is_writing };

class OutOfReach {
 public:
  // From now on, if is_there(). Takes the disk's hook, but for a store that is held. REQUIRES: `intruder` puts something out of reach; `disk` outlives this.
  OutOfReach(sim::SimDisk& disk, const check::Places& places, const fault::Intruder& intruder, Holder holder);
  OutOfReach(const OutOfReach&) = delete;
  OutOfReach& operator=(const OutOfReach&) = delete;

  bool is_there() const { return there_; }          // the store; otherwise nothing is out of reach
  const std::string& folder() const { return folder_; }
  uint64_t met() const;                             // how often somebody was kept out, or looked for what was gone: the proof
  // What somebody has made in the place of a folder that was gone; empty if nothing. Asked before end().
  std::string made_instead() const;
  // A file of a store that is held which somebody has changed or removed, or made there; empty if none. Asked before end().
  std::string changed_under_its_holder() const;
  // The process is gone, and so is what stood in the way.
  void end();

 private:
  bool take_lock(const sim::Image& image, Holder holder);
  void begin_a_write();
  sim::SimDisk& disk_;
  const fault::Intruder intruder_;
  const std::string folder_, away_;
  bool there_ = false;
  uint64_t looks_ = 0;
  std::optional<sim::Image> held_;      // as its holder knows it
  std::string written_;                 // the log that ends in half a record of his
  uint64_t written_from_ = 0;
};

}  // namespace rollproof::drill
