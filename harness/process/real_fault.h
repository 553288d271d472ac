// What is done to a real process of `rollproof` on a real disk: a value that prints itself and parses back, like the faults of the simulation.
//
// Points are changes to the disk within a step of the journal (harness/process/step_watch.h), counted from 1: the process is held before that one
// while the fault is brought about, so that it is there and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/fault/fault.h"
#include "lib/base/result.h"

namespace rollproof::process {

// Texts:
//   "kill(at 3)"                SIGKILL
//   "memory(at 3)"              from there on it gets no more address space
//   "memory(limit 16384)"       from its first instruction on it gets 16384 KiB of address space
//   "stall(at 3)"               an hour and a minute pass there, by all its clocks
//   "clock(at 3, forward)"      somebody sets the wall clock a day forward; also "back"
//   "second(at 3, rollback)"    `rollproof rollback --execute` is typed beside it; also "migrate", "recover", "cancel"
//   "signal(at 3, SIGTERM)"     also "SIGINT" (Ctrl-C), "SIGINT twice"
//   "damage(flip source)"       a bit of a file of that class turns over before the command begins; also "cut", "lose";
//                               classes: source, target, backup, journal, audit
//   "damage(at 3, flip backup)" the same between SIGKILL at that point and the recovery
struct RealFault {
  enum class Kind { kill, memory, memory_limit, stall, clock, second, signal, damage };
  Kind kind = Kind::kill;
  uint64_t number = 0;  // the change, counted from 1; of memory_limit KiB; of damage 0: between two commands
  std::string how;      // what stands behind the number

  // In which column of the matrix it stands. Ctrl-C twice is the death of the process.
  fault::Kind column() const;
  // It ends with the death of the process at its point, and the recovery is all that answers.
  bool kills() const { return kind == Kind::kill || (kind == Kind::damage && number != 0); }
  bool moves_clock() const { return kind == Kind::stall || kind == Kind::clock; }
  std::string to_string() const;
  std::string in_words() const;
  // Code::invalid naming the text for anything that to_string() would not print.
  static Result<RealFault> parse(std::string_view text);
  bool operator==(const RealFault&) const = default;
};

}  // namespace rollproof::process
