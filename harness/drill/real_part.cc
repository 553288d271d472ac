#include "harness/drill/real_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "harness/drill/real_name.h"
#include "harness/drill/real_twin.h"
#include "harness/process/real_judge.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::drill {
namespace {

using Clock = std::chrono::steady_clock;
using process::RealCase;
using process::RealStage;

int64_t since(Clock::time_point began) { return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count(); }

// The verdict of what has happened, before the simulation is asked.
RealResult result_of(const RealCase& what, const std::string& target_kind, const process::RealStart& start, const process::RealRun& run) {
  RealCase where = what;
  if (what.fault.kind == process::RealFault::Kind::memory_limit) where.step = run.step.find('/') == std::string::npos ? process::kOpen : run.step;
  RealResult result{.id = id_of(where, target_kind), .verdict = "passed", .outcome = run.outcome(what.fault), .proof = run.proof, .violations = process::judge(start, target_kind, what, run)};
  if (!run.fired) result.verdict = "inconclusive";
  if (!result.violations.empty()) result.verdict = "failed";
  return result;
}

Status compare(SimulatedTwin& twin, RealResult& result) {
  // What did not go off is no outcome of the fault; what broke a promise is wrong whatever the simulation says.
  if (result.verdict != "passed") return {};
  ROLLPROOF_ASSIGN(const SimulatedTwin::Answer answer, twin.allows(result.cell(), result.outcome));
  result.simulated = answer.cases == 0 ? "no simulated case of this kind: nothing to compare with" : answer.to_string();
  if (answer.allowed || answer.cases == 0) return {};
  result.verdict = "failed";
  const std::string what = fmt::format("the simulation does not allow what a real process did: real {} \"{}\", {}", result.id.substr(result.id.find(':') + 1), result.outcome, answer.to_string());
  result.violations.push_back({6, what});
  return {};
}

// The cases of one stage, one after the other. An answer of code no_permission: nothing can be traced here.
class StageRun {
 public:
  StageRun(const process::RealStarts& starts, const RealStage& stage, const RealOptions& real, const DrillOptions& options)
      : start_(starts.of(stage)), target_kind_(starts.target_kind()), stage_(stage), real_(real), options_(options) {}

  Status run(const std::string& folder, const std::function<bool()>& in_time, const std::function<void(const RealResult*)>& say) {
    ROLLPROOF_ASSIGN(auto cases, cases_of(folder));
    for (const RealCase& what : cases) {
      if (!in_time()) {
        say(nullptr);
        continue;
      }
      ROLLPROOF_ASSIGN(process::RealRun run, process::run_real(start_, what, folder));
      RealResult result = result_of(what, target_kind_, start_, run);
      // A step that made fewer changes this time: its first one is always there.
      if (result.verdict == "inconclusive" && what.fault.number > 1 && what.fault.kind != process::RealFault::Kind::memory_limit) {
        RealCase first = what;
        first.fault.number = 1;
        ROLLPROOF_ASSIGN(run, process::run_real(start_, first, folder));
        result = result_of(first, target_kind_, start_, run);
      }
      say(&result);
    }
    return {};
  }

 private:
  Result<std::vector<RealCase>> cases_of(const std::string& folder) const {
    ROLLPROOF_ASSIGN(const process::Workspace counted, start_.workspace.copy_to(folder));
    ROLLPROOF_ASSIGN(const auto sites, process::map_sites(counted, stage_.command));
    std::vector<RealCase> cases = process::sample_of(stage_, sites, real_.counts, options_.seed);
    std::erase_if(cases, [&](const RealCase& what) { return !options_.shard.holds(cell_of(what, target_kind_)); });
    if (real_.counts.memory_limits && process::memory_can_be_limited()) {
      ROLLPROOF_ASSIGN(const auto limits, process::memory_limits_of(start_, stage_, folder));
      for (const uint64_t kib : limits) cases.push_back({stage_, process::kOpen, {process::RealFault::Kind::memory_limit, kib, ""}});
    }
    return cases;
  }

  const process::RealStart& start_;
  const std::string target_kind_;
  const RealStage& stage_;
  const RealOptions& real_;
  const DrillOptions& options_;
};

constexpr const char* kNoTime = "no time";
const std::string kEnded = "ended ";  // and how many milliseconds it took

std::vector<std::string> not_here() {
  std::vector<std::string> left_out;
  if (process::faketime_library().empty()) left_out.push_back("clocks of real commands: libfaketime is not there (script/setup installs it)");
  if (!process::memory_can_be_limited()) left_out.push_back("memory of real commands: this is a build with a sanitizer");
  return left_out;
}

}  // namespace

RealOptions real_options_of(const Profile& profile) {
  RealOptions real;
  if (profile.second_all) {
    real.counts = process::RealCounts::deep();
    real.target_kinds = {"unified-json", "network-json", "leveldb"};
    real.limit_ms = 3'600'000;
  }
  return real;
}

namespace {

using Say = std::function<void(const std::string& line)>;

// Everything that can be traced, on one kind of target.
Status run_kind(const std::string& kind, const DrillOptions& options, const RealOptions& real, const std::function<bool()>& in_time, std::vector<std::string>& lines) {
  ROLLPROOF_ASSIGN(const auto starts, process::RealStarts::prepare(real.program, real.database, kind, real.folder));
  std::vector<process::Piece> pieces;
  for (const RealStage& stage : process::real_stages()) {
    pieces.push_back([&, folder = os::join(real.folder, stage.name)](const Say& say) {
      return StageRun(starts, stage, real, options).run(folder, in_time, [&](const RealResult* result) {
        say(result == nullptr ? kNoTime : real_event(*result).dump(-1, ' ', true, OrderedJson::error_handler_t::replace));
      });
    });
  }
  // They wait for the disk most of the time.
  ROLLPROOF_ASSIGN(const auto done, process::in_parallel(pieces, 2 * options.jobs));
  Status ended;
  for (const process::PieceDone& piece : done) {
    lines.insert(lines.end(), piece.lines.begin(), piece.lines.end());
    if (piece.error && (ended || piece.error->code != Code::no_permission)) ended = fail(*piece.error);
  }
  return ended;
}

// All of it, one kind after the other; what it says comes at the end, because nobody listens before.
process::Piece whole_part(const DrillOptions& options, const RealOptions& real) {
  return [&](const Say& say) -> Status {
    const auto began = Clock::now();
    std::vector<std::string> lines;
    Status ended;
    for (const std::string& kind : real.target_kinds) {
      if (ended) ended = run_kind(kind, options, real, [&] { return since(began) < real.limit_ms; }, lines);
    }
    for (const std::string& line : lines) say(line);
    say(kEnded + std::to_string(since(began)));
    return ended;
  };
}

void remove_folder(const std::string& folder) {
  os::PosixFileSystem files;
  // Processes of a part that was killed may be about to end in it.
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (os::remove_tree(files, folder)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

RealAtWork::RealAtWork(const DrillOptions& options, const RealOptions& real) : options_(options), real_(real) {
  auto work = process::AtWork::start({whole_part(options_, real_)}, 1);
  if (work) work_.emplace(std::move(*work));
  if (!work) not_begun_ = work.error();
}

RealAtWork::~RealAtWork() {
  work_.reset();
  remove_folder(real_.folder);
}

RealOutcome RealAtWork::finish(const std::vector<Story>& stories, const Outcome& simulated, const std::function<void(const RealResult&)>& heard) {
  RealOutcome outcome{.left_out = not_here()};
  if (not_begun_) outcome.broke_off = not_begun_->to_string();
  if (!work_) return outcome;
  process::PieceDone done = std::move(work_->wait().front());
  work_.reset();
  // Nothing that was said is thrown away because something else went wrong.
  if (done.error && done.error->code != Code::no_permission) outcome.broke_off = done.error->to_string();
  if (done.error && done.error->code == Code::no_permission) outcome.left_out.push_back("real processes: " + done.error->message);
  if (!done.lines.empty() && done.lines.back().starts_with(kEnded)) {
    outcome.duration_ms = std::strtoll(done.lines.back().c_str() + kEnded.size(), nullptr, 10);
    done.lines.pop_back();
  }
  std::set<std::string> matrix;
  for (const CellOutcome& each : simulated.cells) matrix.insert(each.cell.to_string());
  for (const std::string& line : done.lines) {
    const bool ran = line != kNoTime;
    RealResult result = ran ? real_result_of(OrderedJson::parse(line)) : RealResult{};
    if (ran && !matrix.contains(result.cell().to_string())) continue;
    ++outcome.planned;
    if (ran) outcome.results.push_back(std::move(result));
  }
  std::sort(outcome.results.begin(), outcome.results.end(), [](const RealResult& a, const RealResult& b) { return a.id < b.id; });
  const auto began = Clock::now();
  SimulatedTwin twin(stories, options_);
  for (RealResult& result : outcome.results) {
    if (auto compared = compare(twin, result); !compared) outcome.broke_off = compared.error().to_string();
    heard(result);
  }
  outcome.duration_ms += since(began);
  return outcome;
}

void remove_real_leftovers(const std::string& out) {
  os::PosixFileSystem files;
  const auto names = files.list(out);
  if (!names) return;
  for (const std::string& name : *names) {
    if (name.starts_with("real-")) remove_folder(os::join(out, name));
  }
}

Result<RealReplay> replay_real(const std::string& id, const std::vector<Story>& stories, const DrillOptions& options, const RealOptions& real) {
  ROLLPROOF_ASSIGN(const NamedRealCase wanted, real_case_named(id));
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(const auto starts, process::RealStarts::prepare(real.program, real.database, wanted.target_kind, real.folder));
  const process::RealStart& start = starts.of(wanted.what.stage);
  ROLLPROOF_ASSIGN(const process::RealRun run, process::run_real(start, wanted.what, os::join(real.folder, "case")));
  ROLLPROOF_TRY(os::remove_tree(files, real.folder));
  RealReplay replay{.result = result_of(wanted.what, wanted.target_kind, start, run)};
  SimulatedTwin twin(stories, options);
  ROLLPROOF_TRY(compare(twin, replay.result));
  std::string& text = replay.text;
  ROLLPROOF_ASSIGN(text, explain_real(id));
  text += fmt::format("{}: {}\n", run.fired ? "the fault" : "no proof of the fault", run.proof);
  if (!run.killed) text += "the command: " + run.command.to_string();
  if (run.beside) text += "beside it: " + run.beside->to_string();
  text += fmt::format("recovery: {}", run.recovery.to_string());
  for (const auto& violation : replay.result.violations) text += fmt::format("✗ promise {}: {}\n", violation.promise, violation.what);
  text += fmt::format("{} ({})\n", replay.result.verdict, replay.result.outcome);
  if (!replay.result.simulated.empty()) text += "the simulation of the same scenario: " + replay.result.simulated + "\n";
  return replay;
}

}  // namespace rollproof::drill
