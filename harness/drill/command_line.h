// What every sub-command of rollproof-drill begins and ends with: the command line as it was typed, and what follows from it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/drill/drill.h"
#include "harness/drill/real_part.h"
#include "harness/drill/run_record.h"
#include "harness/mutant/runner.h"

namespace rollproof::drill {

inline constexpr const char* kFixtures = ROLLPROOF_SOURCE_DIR "/fixtures";
inline constexpr const char* kOut = ROLLPROOF_SOURCE_DIR "/reports/out";

struct Line {
  std::string program = "rollproof-drill";
  std::string profile = "default";
  std::string scenario = "*";
  std::string config;  // of the user's stores; empty: the fixtures
  uint64_t seed = 1;
  uint32_t jobs = 2;
  std::string budget;
  std::string out;
  bool control_only = false;
  int stop_at_promise = 0;
  int without_checker = 0;
  bool checkers = false;  // of `mutants`: what each is worth
  bool no_mutants = false;
  bool with_mutants = false;
  std::string shard = "1/1";
  std::string policy, baseline;
  std::string history;  // empty: beside the standard folder of reports, and none beside another
  bool no_history = false;
  bool no_real = false;
  std::string only = "*";
  uint64_t stories = 100;
  std::string id;
};

int64_t now_ms();  // wall clock

// Says it on stderr, with the hint. The exit code: 2 for what is invalid.
int complain(const Error& error);

Result<DrillOptions> options_of(const Line& line);
// Those of the project, of the user's stores, or the one of the file that --scenario names (then `options.scenario` is all of it).
Result<std::vector<Story>> stories_of(const Line& line, DrillOptions& options);

RunIdentity identity_of(const Line& line, int64_t started_ms);
// Whether the budget lasts, whenever it is asked; it is counted from a moment of now_ms().
std::function<bool()> in_budget(const DrillOptions& options, int64_t since_ms);
// Where the reports of a run go; made if it is not there.
Result<std::string> folder_of(const Line& line, const RunIdentity& identity);
// run.json and the views; `latest` beside them when nobody named a folder.
Status write_reports(const Line& line, const RunIdentity& identity, const std::string& out, const OrderedJson& record);

// The programs of the build, which stand beside the folder of the mutants.
RealOptions real_options(const std::string& out, const Profile& profile);

// The must-fail control, one line of progress each. A mutant is drilled with the quick profile: it is there to be caught at once.
Result<std::vector<mutant::Outcome>> run_mutants(const std::string& only);
// A mutant that gets away makes every green cell worthless: 0 or 11.
int judged(const std::vector<mutant::Outcome>& outcomes);

}  // namespace rollproof::drill
