#include "harness/drill/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "harness/check/checkers.h"
#include "harness/drill/command_report.h"
#include "lib/base/exit_code.h"
#include "lib/base/time_text.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"

namespace rollproof::drill {
namespace {

constexpr const char* kStories = ROLLPROOF_SOURCE_DIR "/scenarios";
constexpr const char* kStandardStories = ROLLPROOF_SOURCE_DIR "/scenarios/standard";

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

// A story in a file of its own, and no pattern.
bool names_file(const Line& line) { return line.scenario.ends_with(".json"); }

// What the build wrote about its sources (cmake/commit.cmake).
std::string commit_of_build() {
  os::PosixFileSystem files;
  auto text = os::read_file(files, ROLLPROOF_COMMIT_FILE, 4096);
  if (!text || text->empty()) return "unknown";
  return text->substr(0, text->find('\n'));
}

}  // namespace

int64_t now_ms() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

int complain(const Error& error) {
  fmt::print(stderr, "rollproof-drill: {}\n", error.to_string());
  if (!error.hint.empty()) fmt::print(stderr, "{}\n", error.hint);
  return static_cast<int>(error.code == Code::invalid ? ExitCode::usage : exit_code_of(error.code));
}

Result<DrillOptions> options_of(const Line& line) {
  DrillOptions options{.scenario = line.scenario, .seed = line.seed, .jobs = line.jobs, .control_only = line.control_only, .stop_at_promise = line.stop_at_promise, .fixtures = kFixtures};
  ROLLPROOF_ASSIGN(options.profile, Profile::named(line.profile));
  if (line.without_checker != 0) {
    options.judge = [left_out = line.without_checker](const check::Evidence& evidence) { return check::check_all(evidence, std::array{left_out}); };
  }
  ROLLPROOF_ASSIGN(options.shard, Shard::parse(line.shard));
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

Result<std::vector<Story>> stories_of(const Line& line, DrillOptions& options) {
  if (!names_file(line)) return options.own ? stories_on(*options.own, kStandardStories) : load_stories(kStories);
  if (options.own) return fail(Code::invalid, "a story in a file is told on its own records or on a fixture, and not on the stores of a configuration", line.scenario, "Leave --config or --scenario out.");
  ROLLPROOF_ASSIGN(Story story, load_story(line.scenario));
  options.scenario = "*";
  return std::vector<Story>{std::move(story)};
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

std::function<bool()> in_budget(const DrillOptions& options, int64_t since_ms) {
  return [budget_ms = options.budget_ms, since_ms] { return budget_ms == 0 || now_ms() - since_ms < budget_ms; };
}

Result<std::string> folder_of(const Line& line, const RunIdentity& identity) {
  os::PosixFileSystem files;
  const std::string out = line.out.empty() ? os::join(kOut, identity.run_id) : line.out;
  ROLLPROOF_TRY(os::make_directories(files, out));
  return out;
}

Status write_reports(const Line& line, const RunIdentity& identity, const std::string& out, const OrderedJson& record) {
  os::PosixFileSystem files;
  ROLLPROOF_TRY(write_views(files, out, record.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n"));
  if (!line.out.empty()) return {};
  const std::string latest = os::join(kOut, "latest"), fresh = latest + ".new";
  ::unlink(fresh.c_str());  // a leftover of a run that was stopped here
  if (::symlink(identity.run_id.c_str(), fresh.c_str()) != 0 || ::rename(fresh.c_str(), latest.c_str()) != 0) {
    fmt::print(stderr, "rollproof-drill: {} could not be pointed at this run\n", latest);
  }
  return {};
}

RealOptions real_options(const std::string& out, const Profile& profile) {
  RealOptions real = real_options_of(profile);
  real.program = os::join(os::parent_of(ROLLPROOF_MUTANT_DIR), "rollproof");
  real.database = os::join(kFixtures, "lookcoin-28");
  real.folder = os::join(out, fmt::format("real-{}", ::getpid()));
  return real;
}

Result<std::vector<mutant::Outcome>> run_mutants(const std::string& only) {
  os::PosixFileSystem files;
  const std::string directory = ROLLPROOF_MUTANT_DIR, scratch = os::join(directory, "out");
  ROLLPROOF_TRY(os::remove_tree(files, scratch));
  const auto say = [](const mutant::Outcome& one) { fmt::print(stderr, "mutant {}: {}\n", one.mutant.name, mutant::name_of(one.verdict)); };
  return mutant::run_mutants(files, directory, {.scratch = scratch, .program = os::join(os::parent_of(directory), "rollproof-drill"), .arguments = {"--profile", "catch"}, .only = only, .progress = say});
}

int judged(const std::vector<mutant::Outcome>& outcomes) {
  const bool all = std::all_of(outcomes.begin(), outcomes.end(), [](const auto& one) { return one.verdict == mutant::Verdict::caught; });
  return static_cast<int>(all ? ExitCode::done : ExitCode::safety_violated);
}

}  // namespace rollproof::drill
