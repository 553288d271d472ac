#include "harness/drill/command_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include "harness/drill/command_gate.h"
#include "harness/drill/command_report.h"
#include "harness/drill/findings.h"
#include "harness/drill/supervisor.h"
#include "harness/drill/terminal.h"
#include "harness/drill/trend.h"
#include "lib/base/exit_code.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"

namespace rollproof::drill {
namespace {

// How long the way back takes, and then the user's stores once more: nothing of ours has changed them.
Status look_at_own_stores(const Line& line, const OwnStores& own, Outcome& outcome) {
  os::PosixWorld world;
  if (!line.control_only) {
    const std::string scratch = os::join(line.out.empty() ? kOut : line.out, fmt::format("way-back-{}", ::getpid()));
    ROLLPROOF_ASSIGN(const OwnStores timed, read_own_stores(world.world(), line.config, {.whole_bytes = kTimedBytes}));
    ROLLPROOF_ASSIGN(outcome.ways_back, measure_way_back(world.world(), timed, scratch));
  }
  ROLLPROOF_ASSIGN(outcome.originals_after, digest_of_originals(world.world(), own.config));
  return {};
}

// A run of the drill: what it was asked for, and where what it finds goes.
struct Run {
  const Line& line;
  DrillOptions options;
  std::vector<Story> stories;
  std::vector<mutant::Outcome> mutants;
  RunIdentity identity;
  std::string out;
  std::optional<GateInputs> gate;
  int64_t begun_ms = 0;  // behind the must-fail control

  std::string events() const { return os::join(out, "events.jsonl"); }
  // Of everything on the fixtures, by its first shard: what is not divided belongs to it.
  bool whole() const { return line.scenario == "*" && options.shard.index == 1 && !options.own; }
  // A mutant is stopped at its first catch, and wants nothing beside the faults of its stories.
  bool only_faults() const { return options.control_only || options.stop_at_promise != 0; }
};

// What the events tell so far.
Result<Told> told_so_far(const Run& run) {
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(const auto events, read_events(files, run.events()));
  return fold_events(events);
}

// Empty: none.
std::string history_path(const Line& line) {
  if (line.no_history) return {};
  return !line.history.empty() ? line.history : line.out.empty() ? os::join(kOut, "history.sqlite") : "";
}

// What a run on everything begins with; nothing for another.
std::unique_ptr<RealAtWork> begin_real_part(const Run& run) {
  if (run.line.no_real || !run.whole() || run.only_faults() || run.options.profile.thin) return nullptr;
  RealOptions real = real_options(run.out, run.options.profile);
  if (run.options.budget_ms != 0) real.limit_ms = std::max<int64_t>(0, run.options.budget_ms - (now_ms() - run.begun_ms));
  return std::make_unique<RealAtWork>(run.options, real);
}

void add_real_part(const Run& run, RealAtWork& at_work, Outcome& outcome) {
  const RealOutcome real = at_work.finish(run.stories, outcome, [&](const RealResult& result) { run.options.event(real_event(result)); });
  for (const RealResult& result : real.results) outcome.add_real(result);
  outcome.real = real;
}

// Reports and summary; what the run ends with.
int finish(Run& run, const Outcome& outcome) {
  run.identity.finished_ms = now_ms();
  OrderedJson record = record_of(outcome, run.options, run.identity);
  auto gate = judge_run(record, run.gate, outcome.exit_code() != 0 ? outcome.exit_code() : judged(run.mutants), run.identity.finished_ms);
  if (!gate) return complain(gate.error());
  Trend trend(history_path(run.line));
  trend.copy_into(record);
  if (auto written = write_reports(run.line, run.identity, run.out, record); !written) return complain(written.error());
  trend.add(record);
  fmt::print("{}", summary_of(outcome, run.options, run.identity, run.out));
  if (!run.mutants.empty()) fmt::print("{}", mutant::table_of(run.mutants));
  if (run.mutants.empty() && !run.only_faults()) fmt::print("the must-fail control (mutants) was not run: not enough evidence for a gate\n");
  tell_github(run.out);
  fmt::print("{}", *gate);
  return record["gate"]["exit_code"].get<int>();
}

// How long the drill may be silent behind an event. Telling a story takes a second; planning one in depth recovers from thousands of crashes.
int64_t patience_after(const OrderedJson& event) {
  constexpr int64_t kMinute = 60'000;
  const std::string kind = event.at("event").get<std::string>();
  return kind == "told" || kind == "done" ? 60 * kMinute : 10 * kMinute;
}

// The whole drill, behind what a process before this one has left in the events.
int drill(Run& run, const Lifeline& lifeline) {
  os::PosixFileSystem files;
  auto told = told_so_far(run);
  if (!told) return complain(told.error());
  auto log = EventLog::open(files, run.events());
  if (!log) return complain(log.error());
  Status logged;
  const auto say = [&](const OrderedJson& event) {
    lifeline.expect_within(patience_after(event));
    if (logged) logged = log->append(event);
    if (logged && event.at("event") == "done") logged = log->sync();
  };
  run.options.event = say;
  const auto real = begin_real_part(run);
  auto outcome = [&] {
    ProgressBar bar;
    return run_drill(run.stories, run.options, [&](const Progress& progress) { bar.show(progress); }, std::move(told->fold), told->stories_ended);
  }();
  if (!outcome) return complain(outcome.error());
  if (run.whole() && !run.only_faults()) {
    if (auto added = add_random_phase(run.options, run.options.profile.random_stories, run.out, *outcome, in_budget(run.options, run.begun_ms)); !added) return complain(added.error());
  }
  if (run.options.stop_at_promise == 0) {
    if (auto kept = keep_findings(run.stories, run.options, run.out, *outcome); !kept) return complain(kept.error());
  }
  if (real) add_real_part(run, *real, *outcome);
  if (run.options.own) {
    if (auto looked = look_at_own_stores(run.line, *run.options.own, *outcome); !looked) return complain(looked.error());
  }
  const int code = finish(run, *outcome);
  say({{"event", "ended"}, {"exit_code", code}});
  if (logged) logged = log->sync();
  return logged ? code : complain(logged.error());
}

// The drill's process is gone. True if there is more to drill behind the story that it was at.
Result<bool> take_note(const Run& run, const Ending& ending) {
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(const Told told, told_so_far(run));
  ROLLPROOF_ASSIGN(auto log, EventLog::open(files, run.events()));
  // Before the first case the library is at work in that process: in the story itself, and in the recoveries that second crashes are planned on.
  const bool blame = ending.execution != "interrupted" && !told.at_work.empty() && !told.with_faults;
  const std::string why = blame ? fmt::format("{} while the story \"{}\" was told without a fault, or recovered from", ending.why, told.at_work) : ending.why;
  ROLLPROOF_TRY(log.append(died_event(told.at_work, ending.execution, why, blame)));
  ROLLPROOF_TRY(log.sync());
  return ending.execution != "interrupted" && !told.at_work.empty();
}

// What the events of a drill that did not come to its end tell.
int finish_from_events(Run& run) {
  auto told = told_so_far(run);
  if (!told) return complain(told.error());
  Outcome outcome = told->fold.take();
  outcome.duration_ms = now_ms() - run.identity.started_ms;
  const int code = finish(run, outcome);
  fmt::print(stderr, "rollproof-drill: {}; the record holds what came before\n", outcome.ended_because);
  return code;
}

int supervise(Run& run) {
  os::PosixFileSystem files;
  const OrderedJson first{{"event", "run"}, {"schema_version", 1}, {"run_id", run.identity.run_id}, {"profile", run.options.profile.name}, {"seed", run.options.seed}, {"scenario", run.options.scenario}};
  if (auto begun = os::replace_file(files, run.events(), first.dump() + "\n"); !begun) return complain(begun.error());
  for (;;) {
    const Ending ending = run_supervised([&](const Lifeline& lifeline) { return drill(run, lifeline); }, patience_after(first));
    if (ending.exited) return ending.code;
    remove_real_leftovers(run.out);
    auto more = take_note(run, ending);
    if (!more) return complain(more.error());
    if (!*more) return finish_from_events(run);
    fmt::print(stderr, "\nrollproof-drill: {}; going on with the next story\n", ending.why);
  }
}

}  // namespace

int run_command(const Line& line) {
  const int64_t started_ms = now_ms();
  auto options = options_of(line);
  if (!options) return complain(options.error());
  auto stories = stories_of(line, *options);
  if (!stories) return complain(stories.error());
  Run run{line, std::move(*options), std::move(*stories), {}, identity_of(line, started_ms), {}, {}};
  auto gate = gate_inputs_of(line.policy, line.baseline, run.options.shard.whole());
  if (!gate) return complain(gate.error());
  run.gate = std::move(*gate);
  // Of a whole run, or where they are asked for; a mutant itself is always run on a part.
  if ((run.whole() || line.with_mutants) && !line.no_mutants && !run.only_faults()) {
    auto outcomes = run_mutants("*");
    if (!outcomes && outcomes.error().code != Code::not_found) return complain(outcomes.error());
    if (outcomes) run.mutants = std::move(*outcomes);
    // Under a sanitizer there are none; the record then says 0 planned, and that is not enough for a gate.
    if (!outcomes) fmt::print(stderr, "rollproof-drill: {}; the must-fail control is left out\n", outcomes.error().to_string());
    run.options.mutants = [&run] { return mutant::score_of(run.mutants); };
  }
  auto out = folder_of(line, run.identity);
  if (!out) return complain(out.error());
  run.out = *out;
  run.begun_ms = now_ms();
  return supervise(run);
}

}  // namespace rollproof::drill
