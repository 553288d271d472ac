// Everything that the checkers may look at after one case. They read bytes themselves: no reader of the library is used on them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/sim/image.h"
#include "lib/base/result.h"

namespace rollproof::check {

// Where things lie on the simulated disk.
struct Places {
  std::string config;   // rollproof.json
  std::string state;    // .rollproof
  std::string source;
  std::string source_kind;  // "leveldb", "network-json", "unified-json"
  std::string target;
  std::string target_kind;  // the same
  std::string backups;
};

// One write of the user's program, in the order in which they were begun.
struct Write {
  std::string key;
  std::optional<std::string> value;  // nothing: a delete
  uint64_t batch = 0;                // writes of one batch survive together or not at all
  bool acknowledged = false;         // the caller was told that it is done; otherwise it was in flight (begun, no answer)
  std::string store = {};            // not empty: another program's, made to the "source" or the "target" alone, by somebody who knew nothing of a migration
  uint64_t behind = 0;               // … when the audit trail's last event was this one
};

// What a command of the subject answered.
struct Answer {
  bool ok = false;
  Code code = Code::internal;
  std::string message;
  std::string path;
};

enum class Goal { none, migrate, rollback };

struct Evidence {
  Places places;
  const sim::Image* before = nullptr;   // before the first command of the story; source written and closed by its own program
  const sim::Image* found = nullptr;    // what the last command (usually the recovery) found
  const sim::Image* after = nullptr;    // what it left, as a reader then sees it
  std::vector<Write> writes;
  Goal goal = Goal::none;               // of the command that was interrupted or had just run
  std::string goal_phase;               // "cutover" …; "source" for a rollback down to the source only
  bool goal_acknowledged = false;       // that command had returned success before the fault
  bool goal_begun = false;              // it had written anything at all before the fault
  Answer last;                          // of the recovery (of the command itself in a control run)
  std::optional<int64_t> last_began_ms; // its clock on the wall then: what the trail dates earlier others have done. Nothing: not looked at
  Answer second;                        // of one more `recover` after it
  uint64_t second_changes = 0;          // how many changing file operations that one made
  std::optional<Answer> intruder;       // of a second actor that entered while the first was at work
  Code intruder_expects = Code::locked; // what it has to be answered
  uint64_t intruder_changes = 0;        // changing file operations of the second actor
  bool fault_corrupts = false;          // the fault changed bytes at rest, so that a safe stop is a right answer
  bool repairable = false;              // … unless the same story without any other fault came to a good end: then this one has to as well
  std::string damaged;                  // then the file in which; an answer that is not success has to name it
  std::vector<std::string> damaged_all; // every file that the fault, and the story before it, has changed; empty: nobody has said which
  bool command_failed = false;          // the command that the fault met has answered an error: what the trail says of its end is its own affair
  size_t failures_told = 0;             // how many migrations and rollbacks of the story before it were refused, and had to be
  bool fault_fails_calls = false;       // the fault made a call fail during `last`, so that stopping is a right answer
  bool follower_out_of_reach = false;   // … or may have kept `last`, a user's write, from the store that follows: the trail says so then, and a recovery brings it up to date
  bool stop_due = false;                // `last` had seen a reason to stop at its next safe point, and had one before it
  int64_t held_ms = 0;                  // simulated: the longest that new writes were held before a commit record was begun
  int64_t hold_limit_ms = 0;            // 0: not looked at
  int64_t recovery_ms = 0;              // simulated time of `last`, less what injected stalls took
  int64_t limit_ms = 0;                 // of the phase (seed 000: 5, 15, 60, 30, 45 minutes)
};

struct Violation {
  int promise = 0;         // 1 to 10, architecture.md
  std::string what;        // one line: "acknowledged write 56-LookCoin is missing in the source"
};

}  // namespace rollproof::check
