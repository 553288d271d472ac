#include "harness/drill/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

#include "harness/drill/real_name.h"
#include "harness/drill/real_part.h"
#include "harness/drill/replay.h"
#include "harness/drill/run_record.h"
#include "harness/drill/supervisor.h"
#include "harness/drill/terminal.h"
#include "harness/mutant/runner.h"
#include "lib/base/exit_code.h"
#include "lib/base/time_text.h"
#include "lib/base/words.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "reports/checklist.h"

namespace rollproof::drill {
namespace {

constexpr const char* kStories = ROLLPROOF_SOURCE_DIR "/scenarios";
constexpr const char* kStandardStories = ROLLPROOF_SOURCE_DIR "/scenarios/standard";
constexpr const char* kFixtures = ROLLPROOF_SOURCE_DIR "/fixtures";
constexpr const char* kOut = ROLLPROOF_SOURCE_DIR "/reports/out";
constexpr int kUsage = static_cast<int>(ExitCode::usage);

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
  bool no_mutants = false;
  bool no_real = false;
  std::string only = "*";
  std::string id;
  std::string from;
  std::string format = "checklist";
};

int64_t now_ms() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

int complain(const Error& error) {
  fmt::print(stderr, "rollproof-drill: {}\n", error.to_string());
  if (!error.hint.empty()) fmt::print(stderr, "{}\n", error.hint);
  return static_cast<int>(error.code == Code::invalid ? ExitCode::usage : exit_code_of(error.code));
}

// "60s", "2m", "1500ms"; without a unit seconds.
Result<int64_t> milliseconds_of(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  for (const auto& [name, factor] : {std::pair{"", 1000.0}, {"s", 1000.0}, {"ms", 1.0}, {"m", 60'000.0}}) {
    if (end != text.c_str() && unit == name && number > 0 && number < 1e6) return static_cast<int64_t>(number * factor);
  }
  return fail(Code::invalid, fmt::format("\"{}\" is no budget", text), "", "A budget is a time: 60s, 2m, 1500ms.");
}

Result<DrillOptions> options_of(const Line& line) {
  DrillOptions options{.scenario = line.scenario, .seed = line.seed, .jobs = line.jobs, .control_only = line.control_only, .stop_at_promise = line.stop_at_promise, .fixtures = kFixtures};
  ROLLPROOF_ASSIGN(options.profile, Profile::named(line.profile));
  if (!line.budget.empty()) {
    ROLLPROOF_ASSIGN(options.budget_ms, milliseconds_of(line.budget));
  }
  if (!line.config.empty()) {
    os::PosixWorld world;
    ROLLPROOF_ASSIGN(OwnStores own, read_own_stores(world.world(), line.config, {}));
    options.own = std::make_shared<const OwnStores>(std::move(own));
  }
  return options;
}

// A story in a file of its own, and no pattern.
bool names_file(const Line& line) { return line.scenario.ends_with(".json"); }

Result<std::vector<Story>> stories_of(const Line& line, DrillOptions& options) {
  if (!names_file(line)) return options.own ? stories_on(*options.own, kStandardStories) : load_stories(kStories);
  if (options.own) return fail(Code::invalid, "a story in a file is told on its own records or on a fixture, and not on the stores of a configuration", line.scenario, "Leave --config or --scenario out.");
  ROLLPROOF_ASSIGN(Story story, load_story(line.scenario));
  options.scenario = "*";
  return std::vector<Story>{std::move(story)};
}

// What the build wrote about its sources (cmake/commit.cmake).
std::string commit_of_build() {
  os::PosixFileSystem files;
  auto text = os::read_file(files, ROLLPROOF_COMMIT_FILE, 4096);
  if (!text || text->empty()) return "unknown";
  return text->substr(0, text->find('\n'));
}

RunIdentity identity_of(const Line& line, int64_t started_ms) {
  RunIdentity identity{.run_id = fmt::format("{}-{}-{:04x}", file_time_text(started_ms), line.profile, ::getpid() & 0xffff), .version = ROLLPROOF_VERSION, .started_ms = started_ms};
  identity.program = line.program;
  identity.config = line.config;
  if (names_file(line)) identity.story_file = line.scenario;
  identity.commit = commit_of_build();
#ifdef NDEBUG
  identity.build_type = "release";
#else
  identity.build_type = "with assertions";
#endif
  return identity;
}

// Where the reports of a run go; made if it is not there.
Result<std::string> folder_of(const Line& line, const RunIdentity& identity) {
  os::PosixFileSystem files;
  const std::string out = line.out.empty() ? os::join(kOut, identity.run_id) : line.out;
  ROLLPROOF_TRY(os::make_directories(files, out));
  return out;
}

// run.json and the views; `latest` beside them when nobody named a folder.
Status write_reports(const Line& line, const RunIdentity& identity, const std::string& out, const OrderedJson& record) {
  os::PosixFileSystem files;
  ROLLPROOF_TRY(os::replace_file(files, os::join(out, "run.json"), record.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n"));
  ROLLPROOF_TRY(os::replace_file(files, os::join(out, "checklist.md"), reports::render_checklist(record)));
  if (!line.out.empty()) return {};
  const std::string latest = os::join(kOut, "latest"), fresh = latest + ".new";
  ::unlink(fresh.c_str());  // a leftover of a run that was stopped here
  if (::symlink(identity.run_id.c_str(), fresh.c_str()) != 0 || ::rename(fresh.c_str(), latest.c_str()) != 0) {
    fmt::print(stderr, "rollproof-drill: {} could not be pointed at this run\n", latest);
  }
  return {};
}

// The must-fail control, one line of progress each. A mutant is drilled with the quick profile: it is there to be caught at once.
Result<std::vector<mutant::Outcome>> run_mutants(const std::string& only) {
  os::PosixFileSystem files;
  const std::string directory = ROLLPROOF_MUTANT_DIR, scratch = os::join(directory, "out");
  ROLLPROOF_TRY(os::remove_tree(files, scratch));
  const auto say = [](const mutant::Outcome& one) { fmt::print(stderr, "mutant {}: {}\n", one.mutant.name, mutant::name_of(one.verdict)); };
  return mutant::run_mutants(files, directory, {.scratch = scratch, .program = os::join(os::parent_of(directory), "rollproof-drill"), .arguments = {"--profile", "quick"}, .only = only, .progress = say});
}

// A mutant that gets away makes every green cell worthless.
int judged(const std::vector<mutant::Outcome>& outcomes) {
  const bool all = std::all_of(outcomes.begin(), outcomes.end(), [](const auto& one) { return one.verdict == mutant::Verdict::caught; });
  return static_cast<int>(all ? ExitCode::done : ExitCode::safety_violated);
}

int mutants(const Line& line) {
  auto outcomes = run_mutants(line.only);
  if (!outcomes) return complain(outcomes.error());
  fmt::print("{}", mutant::table_of(*outcomes));
  return judged(*outcomes);
}

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

  std::string events() const { return os::join(out, "events.jsonl"); }
};

// The programs of the build stand beside the folder of the mutants.
RealOptions real_options(const std::string& out, const Profile& profile) {
  RealOptions real = real_options_of(profile);
  real.program = os::join(os::parent_of(ROLLPROOF_MUTANT_DIR), "rollproof");
  real.database = os::join(kFixtures, "lookcoin-28");
  real.folder = os::join(out, fmt::format("real-{}", ::getpid()));
  return real;
}

// Of a whole run on the fixtures only, like the mutants.
void add_real_part(const Run& run, Outcome& outcome) {
  const Line& line = run.line;
  if (line.no_real || line.scenario != "*" || run.options.own || line.control_only || line.stop_at_promise != 0) return;
  const RealOutcome real = run_real_part(run.stories, run.options, outcome, real_options(run.out, run.options.profile), [&](const RealResult& result) { run.options.event(real_event(result)); });
  for (const RealResult& result : real.results) outcome.add_real(result);
  outcome.real = real;
}

// Reports and summary; what the run ends with.
int finish(Run& run, const Outcome& outcome) {
  run.identity.finished_ms = now_ms();
  if (auto written = write_reports(run.line, run.identity, run.out, record_of(outcome, run.options, run.identity)); !written) return complain(written.error());
  fmt::print("{}", summary_of(outcome, run.options, run.identity, run.out));
  if (!run.mutants.empty()) fmt::print("{}", mutant::table_of(run.mutants));
  return outcome.exit_code() != 0 ? outcome.exit_code() : judged(run.mutants);
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
  auto events = read_events(files, run.events());
  if (!events) return complain(events.error());
  auto told = fold_events(*events);
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
  auto outcome = [&] {
    ProgressBar bar;
    return run_drill(run.stories, run.options, [&](const Progress& progress) { bar.show(progress); }, std::move(told->fold), told->stories_ended);
  }();
  if (!outcome) return complain(outcome.error());
  add_real_part(run, *outcome);
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
  ROLLPROOF_ASSIGN(const auto events, read_events(files, run.events()));
  ROLLPROOF_ASSIGN(const Told told, fold_events(events));
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
  os::PosixFileSystem files;
  auto events = read_events(files, run.events());
  if (!events) return complain(events.error());
  auto told = fold_events(*events);
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
    auto more = take_note(run, ending);
    if (!more) return complain(more.error());
    if (!*more) return finish_from_events(run);
    fmt::print(stderr, "\nrollproof-drill: {}; going on with the next story\n", ending.why);
  }
}

int run(const Line& line) {
  const int64_t started_ms = now_ms();
  auto options = options_of(line);
  if (!options) return complain(options.error());
  auto stories = stories_of(line, *options);
  if (!stories) return complain(stories.error());
  Run run{line, std::move(*options), std::move(*stories), {}, identity_of(line, started_ms), {}};
  // Of a whole run on the fixtures only; a mutant itself is always run on a part.
  if (line.scenario == "*" && !run.options.own && !line.no_mutants && !line.control_only && line.stop_at_promise == 0) {
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
  return supervise(run);
}

int replay_real_case(const Line& line, const std::vector<Story>& stories, const DrillOptions& options) {
  auto replay = replay_real(line.id, stories, options, real_options(line.out.empty() ? kOut : line.out, options.profile));
  if (!replay) return complain(replay.error());
  fmt::print("{}", replay->text);
  const std::string& verdict = replay->result.verdict;
  return static_cast<int>(verdict == "failed" ? ExitCode::safety_violated : verdict == "passed" ? ExitCode::done : ExitCode::not_enough_evidence);
}

int replay(const Line& line) {
  const int64_t started_ms = now_ms();
  auto options = options_of(line);
  if (!options) return complain(options.error());
  auto stories = stories_of(line, *options);
  if (!stories) return complain(stories.error());
  if (is_real(line.id)) return replay_real_case(line, *stories, *options);
  auto replay = replay_case(*stories, line.id, *options);
  if (!replay) return complain(replay.error());
  fmt::print("{}", replay->text);
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
    if (auto written = write_reports(line, identity, *out, record_of(outcome, *options, identity)); !written) return complain(written.error());
  }
  if (!replay->result.violations.empty()) return static_cast<int>(ExitCode::safety_violated);
  return replay->result.verdict == Verdict::passed ? 0 : static_cast<int>(ExitCode::not_enough_evidence);
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

int report(const Line& line) {
  os::PosixFileSystem files;
  auto text = os::read_file(files, line.from, 1ull << 30);
  if (!text) return complain(text.error());
  const OrderedJson record = OrderedJson::parse(*text, nullptr, false);
  if (!record.is_object() || !record.contains("schema_version")) return complain({Code::invalid, "is no record of a drill", line.from, ""});
  if (line.format != "checklist") return complain({Code::invalid, fmt::format("there is no format \"{}\" yet", line.format), "", "Known: checklist."});
  fmt::print("{}", reports::render_checklist(record));
  return 0;
}

void add_common(CLI::App& app, Line& line) {
  app.add_option("--profile", line.profile, "how much: quick, default, deep");
  app.add_option("--config", line.config, "drill a copy of the stores that this rollproof.json names");
  app.add_option("--seed", line.seed, "of generated values and random subsets");
  app.add_option("--out", line.out, "folder for run.json and the reports");
}

}  // namespace

int run_command_line(int argc, char** argv) {
  Line line;
  line.program = argv[0];
  CLI::App app("rollproof-drill: migrations and rollbacks under faults, held to ten promises");
  app.require_subcommand(1);
  app.footer("Examples:\n  rollproof-drill run --profile quick\n  rollproof-drill run --scenario 'rollback-*'\n  rollproof-drill run --config rollproof.json\n  rollproof-drill replay 'CASE'\n");
  int code = 0;
  auto* run_app = app.add_subcommand("run", "drill the stories and write the reports");
  add_common(*run_app, line);
  run_app->add_option("--scenario", line.scenario, "pattern of stories, or of scenarios (phase.fault.direction.step@store), or a file with a story (*.json)");
  run_app->add_option("--jobs", line.jobs, "worker processes")->check(CLI::Range(1, 64));
  run_app->add_option("--budget", line.budget, "stop after this time (60s) and say what was not run");
  run_app->add_flag("--control-only", line.control_only, "only the stories themselves, without faults");
  run_app->add_option("--stop-at-promise", line.stop_at_promise, "stop at the first violation of this promise")->check(CLI::Range(1, 10));
  run_app->add_flag("--no-real", line.no_real, "leave the sample of real processes on a real disk out");
  run_app->add_flag("--no-mutants", line.no_mutants, "leave the must-fail control out");
  run_app->callback([&] { code = run(line); });
  auto* mutants_app = app.add_subcommand("mutants", "run the programs that have to be caught, and print the table");
  mutants_app->add_option("--only", line.only, "pattern of their names");
  mutants_app->callback([&] { code = mutants(line); });
  auto* list_app = app.add_subcommand("list", "stories and scenarios");
  add_common(*list_app, line);
  list_app->add_option("--scenario", line.scenario, "pattern");
  list_app->callback([&] { code = list(line); });
  for (const auto& [name, about, work] : {std::tuple{"replay", "run one case on its own", &replay}, std::tuple{"explain", "say what happens in a scenario or a case", &explain_id}}) {
    auto* sub = app.add_subcommand(name, about);
    add_common(*sub, line);
    sub->add_option("ID", line.id, "as a run prints it")->required();
    sub->add_option("--scenario", line.scenario, "file with the story that the case is of (*.json)");
    sub->callback([&code, &line, work = work] { code = work(line); });
  }
  auto* report_app = app.add_subcommand("report", "a view of a record, made again");
  report_app->add_option("--from", line.from, "run.json")->required();
  report_app->add_option("--format", line.format, "checklist");
  report_app->callback([&] { code = report(line); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return code;
}

}  // namespace rollproof::drill
