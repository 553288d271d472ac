// The must-fail control of a drill: programs with one deliberate mistake each, which the drill has to catch.
//
// A mutant counts only if (1) its control, the same stories without faults, passes; (2) the promise named for it is violated; and
// (3) the case in which that happened does it again on its own, and the program without the mistake does not do it. Anything else
// is no catch, whatever else went wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/mutant/mutant.h"
#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::mutant {

enum class Verdict {
  caught,
  missed,          // no case violated anything
  wrong_promise,   // only other promises were violated
  control_failed,  // it fails without a fault: the stories would show it anyway, which proves nothing about faults
  not_replayed,    // the case did not do it again
  not_its_own,     // the program without the mistake does it as well
  broken,          // it could not be run, or gave no record
};
std::string_view name_of(Verdict verdict);

struct Outcome {
  Mutant mutant;
  Verdict verdict = Verdict::broken;
  std::string case_id;  // of the first case that violated the promise
  std::string replay;   // the line to type
  std::string detail;   // what was seen, or why it does not count
  int64_t duration_ms = 0;
};

struct Options {
  std::string scratch;                  // an empty folder of our own; each mutant writes its records below it
  std::string program;                  // the one without a mistake; empty: nothing to compare with
  std::vector<std::string> arguments;   // given to every run: "--profile", "catch"
  std::string only;                     // pattern of names; empty: all
  int64_t limit_ms = 120'000;           // for each of the three runs of one mutant
  std::function<void(const Outcome&)> progress;  // after each mutant; may be empty
};

// Runs every mutant in `directory` (files NAME.mutant beside programs mutant.NAME), in the order of their names.
// Code::not_found if there is none: a run without mutants has not enough evidence.
Result<std::vector<Outcome>> run_mutants(os::FileSystem& files, const std::string& directory, const Options& options);

// {"planned", "caught", "missed": [{name, promise, verdict, detail}], "caught_by": [{name, promise, case, replay, duration_ms}]}
nlohmann::ordered_json score_of(const std::vector<Outcome>& outcomes);

// One line for each mutant and the score as the last one.
std::string table_of(const std::vector<Outcome>& outcomes);

}  // namespace rollproof::mutant
