#include "harness/mutant/runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/mutant/violations.h"
#include "harness/process/program.h"
#include "lib/base/exit_code.h"
#include "lib/base/words.h"
#include "lib/os/paths.h"

namespace rollproof::mutant {
namespace {

using Json = nlohmann::ordered_json;

const Violation* of_promise(const std::vector<Violation>& violations, int promise) {
  const auto found = std::find_if(violations.begin(), violations.end(), [&](const Violation& violation) { return violation.promise == promise; });
  return found == violations.end() ? nullptr : &*found;
}

std::string others(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += fmt::format("{}promise {} in {}: {}", text.empty() ? "" : "; ", violation.promise, violation.case_id, violation.what);
    if (text.size() > 500) break;
  }
  return text;
}

// One mutant from its control to its replay.
class Trial {
 public:
  Trial(os::FileSystem& files, const std::string& directory, const Options& options, Outcome& outcome)
      : files_(files),
        program_(os::join(directory, kProgram + outcome.mutant.name)),
        scratch_(os::join(options.scratch, outcome.mutant.name)),
        options_(options),
        outcome_(outcome) {}

  Status run() {
    ROLLPROOF_ASSIGN(const bool built, os::exists(files_, program_));
    if (!built) return verdict(Verdict::broken, "was not built; build the target `mutants`");
    const std::string& stories = outcome_.mutant.stories;
    ROLLPROOF_ASSIGN(const auto control, program(program_, "control", {"run", "--scenario", stories, "--control-only"}));
    if (!control.ok()) return verdict(Verdict::control_failed, control.to_string());
    const std::string promise = std::to_string(outcome_.mutant.promise);
    ROLLPROOF_ASSIGN(const auto drill, program(program_, "drill", {"run", "--scenario", stories, "--stop-at-promise", promise}));
    if (drill.timed_out) return verdict(Verdict::broken, drill.to_string());
    ROLLPROOF_ASSIGN(const auto violations, record("drill"));
    const Violation* caught = of_promise(violations, outcome_.mutant.promise);
    if (caught == nullptr) return nothing_caught(drill, violations);
    if (drill.exit_code != static_cast<int>(ExitCode::safety_violated)) {
      return verdict(Verdict::broken, fmt::format("a violation, and yet {}", drill.to_string()));
    }
    outcome_.case_id = caught->case_id;
    outcome_.replay = fmt::format("{} replay '{}'", program_, caught->case_id);
    return replay(*caught);
  }

 private:
  Result<process::Finished> program(const std::string& path, const char* folder, std::vector<std::string> arguments) {
    const std::string out = os::join(scratch_, folder);
    ROLLPROOF_TRY(os::make_directories(files_, out));
    arguments.insert(arguments.begin(), path);
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    arguments.insert(arguments.end(), {"--out", out});
    ROLLPROOF_ASSIGN(auto finished, process::run({.arguments = std::move(arguments)}, options_.limit_ms));
    outcome_.duration_ms += finished.duration_ms;
    return finished;
  }

  Result<std::vector<Violation>> record(const char* folder) { return violations_in(files_, os::join(os::join(scratch_, folder), kRecord)); }

  Status verdict(Verdict verdict, std::string detail) {
    outcome_.verdict = verdict;
    outcome_.detail = std::move(detail);
    return {};
  }

  Status nothing_caught(const process::Finished& drill, const std::vector<Violation>& violations) {
    if (!violations.empty()) return verdict(Verdict::wrong_promise, others(violations));
    if (drill.ok()) return verdict(Verdict::missed, "every case passed");
    return verdict(Verdict::broken, drill.to_string());
  }

  Status replay(const Violation& caught) {
    ROLLPROOF_ASSIGN(const auto again, program(program_, "replay", {"replay", caught.case_id}));
    ROLLPROOF_ASSIGN(const bool same, violates(again, "replay", caught.promise));
    if (!same) return verdict(Verdict::not_replayed, fmt::format("{}; replayed: {}", caught.what, again.to_string()));
    if (!options_.program.empty()) {
      // Where the edit moved the operations the same name is another case, or none; then it is no violation either.
      ROLLPROOF_ASSIGN(const auto real, program(options_.program, "real", {"replay", caught.case_id}));
      ROLLPROOF_ASSIGN(const bool too, violates(real, "real", caught.promise));
      if (too) return verdict(Verdict::not_its_own, caught.what);
    }
    return verdict(Verdict::caught, caught.what);
  }

  Result<bool> violates(const process::Finished& replayed, const char* folder, int promise) {
    if (replayed.exit_code != static_cast<int>(ExitCode::safety_violated)) return false;
    ROLLPROOF_ASSIGN(const auto violations, record(folder));
    return of_promise(violations, promise) != nullptr;
  }

  os::FileSystem& files_;
  const std::string program_;
  const std::string scratch_;
  const Options& options_;
  Outcome& outcome_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::caught: return "caught";
    case Verdict::missed: return "missed";
    case Verdict::wrong_promise: return "wrong promise";
    case Verdict::control_failed: return "control failed";
    case Verdict::not_replayed: return "not replayed";
    case Verdict::not_its_own: return "not its own";
    case Verdict::broken: return "broken";
  }
  return "unknown";
}

Result<std::vector<Outcome>> run_mutants(os::FileSystem& files, const std::string& directory, const Options& options) {
  std::vector<Outcome> outcomes;
  ROLLPROOF_ASSIGN(auto mutants, mutants_in(files, directory));
  std::vector<std::string> names;
  for (const Mutant& mutant : mutants) names.push_back(mutant.name);
  if (!names.empty() && !options.only.empty() && std::none_of(names.begin(), names.end(), [&](const std::string& name) { return matches(options.only, name); })) {
    return fail(Code::invalid, fmt::format("no mutant is called \"{}\"", options.only), "", nearest_or_known(options.only, names));
  }
  for (Mutant& mutant : mutants) {
    if (!options.only.empty() && !matches(options.only, mutant.name)) continue;
    Outcome outcome;
    outcome.mutant = std::move(mutant);
    // One that can not be run is planned and not caught; the others still show what they show.
    if (auto run = Trial(files, directory, options, outcome).run(); !run) outcome.detail = run.error().to_string();
    if (options.progress) options.progress(outcome);
    outcomes.push_back(std::move(outcome));
  }
  if (outcomes.empty()) return fail(Code::not_found, "no mutant to run", directory, "Build the target `mutants`.");
  return outcomes;
}

Json score_of(const std::vector<Outcome>& outcomes) {
  Json score{{"planned", outcomes.size()}, {"caught", 0}, {"missed", Json::array()}, {"caught_by", Json::array()}};
  uint64_t caught = 0;
  for (const Outcome& outcome : outcomes) {
    Json row{{"name", outcome.mutant.name}, {"promise", outcome.mutant.promise}, {"mistake", outcome.mutant.mistake}};
    if (outcome.verdict == Verdict::caught) {
      ++caught;
      row.update(Json{{"case", outcome.case_id}, {"replay", outcome.replay}, {"duration_ms", outcome.duration_ms}});
      score["caught_by"].push_back(std::move(row));
    } else {
      row.update(Json{{"verdict", name_of(outcome.verdict)}, {"detail", outcome.detail}});
      score["missed"].push_back(std::move(row));
    }
  }
  score["caught"] = caught;
  return score;
}

std::string table_of(const std::vector<Outcome>& outcomes) {
  std::string text;
  size_t caught = 0;
  for (const Outcome& outcome : outcomes) {
    const bool good = outcome.verdict == Verdict::caught;
    caught += good ? 1 : 0;
    text += fmt::format("{:14}  promise {:2}  {:6} ms  {}: {}\n", name_of(outcome.verdict), outcome.mutant.promise, outcome.duration_ms,
                        outcome.mutant.name, outcome.mutant.mistake);
    text += good ? fmt::format("{:16}{}\n", "", outcome.replay) : fmt::format("{:16}{}\n", "", outcome.detail);
  }
  return text + fmt::format("{} of {} mutants caught\n", caught, outcomes.size());
}

}  // namespace rollproof::mutant
