#include "harness/drill/command_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/drill/command_gate.h"
#include "harness/drill/findings.h"
#include "harness/drill/random/walk.h"
#include "harness/drill/real_name.h"
#include "harness/drill/replay.h"
#include "harness/drill/terminal.h"
#include "harness/mutant/without_checker.h"
#include "lib/base/exit_code.h"
#include "lib/base/words.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"

namespace rollproof::drill {
namespace {

int replay_real_case(const Line& line, const std::vector<Story>& stories, const DrillOptions& options) {
  auto replay = replay_real(line.id, stories, options, real_options(line.out.empty() ? kOut : line.out, options.profile));
  if (!replay) return complain(replay.error());
  fmt::print("{}", replay->text);
  const std::string& verdict = replay->result.verdict;
  return static_cast<int>(verdict == "failed" ? ExitCode::safety_violated : verdict == "passed" ? ExitCode::done : ExitCode::not_enough_evidence);
}

// A walk that was kept (harness/drill/random/walk.h).
int replay_walk(const std::string& path, const DrillOptions& options) {
  os::PosixFileSystem files;
  auto text = os::read_file(files, path, 64 << 20);
  if (!text) return complain({Code::invalid, text.error().message, path, "Name the file of a walk that a run has kept: replay walk:FILE."});
  auto walk = Walk::parse(*text, path);
  if (!walk) return complain(walk.error());
  const WalkOutcome taken = take_walk(*walk, options);
  fmt::print("{}", taken.text);
  if (taken.violation) fmt::print("✗ promise {}: {}\n", taken.violation->promise, taken.violation->what);
  fmt::print("{} commands, {} of them struck, {} disk contents checked\n", taken.commands, taken.strikes, taken.images);
  return static_cast<int>(taken.violation ? ExitCode::safety_violated : ExitCode::done);
}

// Each of them has to be missed by somebody: 11 if one is not.
int print_what_checkers_are_worth() {
  os::PosixFileSystem files;
  const std::string directory = ROLLPROOF_MUTANT_DIR, scratch = os::join(directory, "checkers");
  if (auto removed = os::remove_tree(files, scratch); !removed) return complain(removed.error());
  const auto say = [](const std::string& name, int promise) { fmt::print(stderr, "without promise {}: {}\n", promise, name); };
  auto rows = mutant::without_each_checker(files, directory, {.scratch = scratch, .arguments = {"--profile", "catch"}, .progress = say});
  if (!rows) return complain(rows.error());
  fmt::print("{}", mutant::table_of(*rows));
  const bool all = std::all_of(rows->begin(), rows->end(), [](const auto& row) { return !row.let_through.empty(); });
  return static_cast<int>(all ? ExitCode::done : ExitCode::safety_violated);
}

}  // namespace

int mutants(const Line& line) {
  if (line.checkers) return print_what_checkers_are_worth();
  auto outcomes = run_mutants(line.only);
  if (!outcomes) return complain(outcomes.error());
  fmt::print("{}", mutant::table_of(*outcomes));
  return judged(*outcomes);
}

// Nothing but random stories.
int random(const Line& line) {
  auto options = options_of(line);
  if (!options) return complain(options.error());
  const RunIdentity identity = identity_of(line, now_ms());
  auto out = folder_of(line, identity);
  if (!out) return complain(out.error());
  Outcome outcome;
  if (auto told = add_random_phase(*options, line.stories, *out, outcome, in_budget(*options, identity.started_ms)); !told) return complain(told.error());
  fmt::print("{}", random_text(outcome, identity, options->seed));
  if (outcome.violations_total != 0) return static_cast<int>(ExitCode::safety_violated);
  return static_cast<int>(outcome.random.stories == line.stories ? ExitCode::done : ExitCode::not_enough_evidence);
}

// Makes a finding of a run small.
int shrink_case(const Line& line) {
  auto options = options_of(line);
  if (!options) return complain(options.error());
  auto stories = stories_of(line, *options);
  if (!stories) return complain(stories.error());
  auto replayed = replay_case(*stories, line.id, *options);
  if (!replayed) return complain(replayed.error());
  if (replayed->result.violations.empty()) return complain({Code::invalid, "the case breaks no promise", line.id, "Only what fails can be made small."});
  if (replayed->result.died()) return complain({Code::invalid, "the library dies in the case", line.id, "Only what ends can be made small: `replay` shows where it is."});
  auto out = folder_of(line, identity_of(line, now_ms()));
  if (!out) return complain(out.error());
  Outcome outcome;
  outcome.violations.push_back({.case_id = line.id, .promise = replayed->result.violations.front().promise, .what = replayed->result.violations.front().what});
  if (auto kept = keep_findings(*stories, *options, *out, outcome); !kept) return complain(kept.error());
  for (const KeptFinding& finding : outcome.kept) fmt::print("{}", finding_text(finding));
  return static_cast<int>(ExitCode::safety_violated);
}

int replay(const Line& line) {
  const int64_t started_ms = now_ms();
  auto options = options_of(line);
  if (!options) return complain(options.error());
  if (constexpr std::string_view kWalk = "walk:"; line.id.starts_with(kWalk)) return replay_walk(line.id.substr(kWalk.size()), *options);
  auto stories = stories_of(line, *options);
  if (!stories) return complain(stories.error());
  if (is_real(line.id)) return replay_real_case(line, *stories, *options);
  auto replay = replay_case(*stories, line.id, *options);
  if (!replay) return complain(replay.error());
  fmt::print("{}", replay->text);
  if (line.without_checker != 0) fmt::print(stderr, "rollproof-drill: the checker of promise {} was left out: this shows nothing about it\n", line.without_checker);
  const int code = !replay->result.violations.empty() ? static_cast<int>(ExitCode::safety_violated) : replay->result.verdict == Verdict::passed && line.without_checker == 0 && !replay->elsewhere ? 0 : static_cast<int>(ExitCode::not_enough_evidence);
  Outcome outcome;
  outcome.cases_run = 1;
  outcome.images = replay->result.images;
  outcome.violations_total = replay->result.violations.size();
  for (const auto& violation : replay->result.violations) outcome.violations.push_back({line.id, violation.promise, violation.what, replay->result.category});
  if (!line.out.empty()) {
    RunIdentity identity = identity_of(line, started_ms);
    identity.finished_ms = now_ms();
    auto out = folder_of(line, identity);
    if (!out) return complain(out.error());
    OrderedJson record = record_of(outcome, *options, identity);
    if (auto judged = judge_run(record, std::nullopt, code, identity.finished_ms); !judged) return complain(judged.error());
    if (auto written = write_reports(line, identity, *out, record); !written) return complain(written.error());
  }
  return code;
}

int list(const Line& line) {
  auto options = options_of(line);
  if (!options) return complain(options.error());
  auto stories = stories_of(line, *options);
  if (!stories) return complain(stories.error());
  std::map<std::string, uint64_t> planned;
  for (const Story& story : *stories) {
    if (matches(options->scenario, story.name)) fmt::print("story {:<26} {}\n", story.name, story.about);
    auto recording = recording_of(story, *options);
    if (!recording) return complain(recording.error());
    CaseRunner runner(*recording);
    const Plan plan = plan_cases(*recording, runner, options->profile);
    for (size_t i = 0; i < plan.cells.size(); ++i) {
      if (matches(options->scenario, plan.cells[i].to_string()) || matches(options->scenario, story.name)) planned[plan.cells[i].to_string()] += plan.counts[i].planned;
    }
  }
  for (const auto& [id, count] : planned) fmt::print("{:<72} {} cases\n", id, count);
  if (!planned.empty()) return 0;
  return complain({Code::invalid, fmt::format("nothing matches \"{}\"", line.scenario), "", "`rollproof-drill list` without a pattern prints everything."});
}

int explain_id(const Line& line) {
  auto options = options_of(line);
  if (!options) return complain(options.error());
  auto stories = stories_of(line, *options);
  if (!stories) return complain(stories.error());
  auto text = is_real(line.id) ? explain_real(line.id) : explain(*stories, line.id, *options);
  if (!text) return complain(text.error());
  fmt::print("{}", *text);
  return 0;
}

}  // namespace rollproof::drill
