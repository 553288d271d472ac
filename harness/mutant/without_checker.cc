#include "harness/mutant/without_checker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/mutant/violations.h"
#include "harness/process/program.h"
#include "lib/base/exit_code.h"
#include "lib/os/paths.h"

namespace rollproof::mutant {
namespace {

// A pattern of scenarios is met by every story, a name by one.
int width_of(const Mutant& mutant) { return mutant.stories == "*" ? 3 : mutant.stories.starts_with("*.") ? 2 : mutant.stories.find('*') != std::string::npos ? 1 : 0; }

class Trial {
 public:
  Trial(os::FileSystem& files, const std::string& directory, const WithoutOptions& options) : files_(files), directory_(directory), options_(options) {}

  // True if nothing is seen without it.
  Result<bool> run(const Mutant& mutant, WithoutChecker& row) {
    if (options_.progress) options_.progress(mutant.name, row.promise);
    const std::string promise = std::to_string(row.promise);
    ROLLPROOF_ASSIGN(const auto drilled, program(mutant, {"run", "--scenario", mutant.stories, "--stop-at-promise", promise}));
    const std::string case_id = shown_by_one(drilled, row.promise);
    if (case_id.empty()) return fail(Code::internal, "the drill does not catch it", mutant.name);
    ROLLPROOF_ASSIGN(const auto violations, program(mutant, {"replay", case_id, "--without-checker", promise}));
    if (!violations.empty()) {
      row.seen_anyway.push_back(fmt::format("{} ({})", mutant.name, violations.front().promise));
      return false;
    }
    row.let_through = mutant.name;
    row.replay = fmt::format("{} replay '{}' --without-checker {}", os::join(directory_, kProgram + mutant.name), case_id, promise);
    return true;
  }

 private:
  // A case that breaks this promise, and if there is one no other.
  static std::string shown_by_one(const std::vector<Violation>& violations, int promise) {
    std::string found;
    for (const Violation& violation : violations) {
      if (violation.promise != promise) continue;
      const auto other = [&](const Violation& each) { return each.case_id == violation.case_id && each.promise != promise; };
      if (std::none_of(violations.begin(), violations.end(), other)) return violation.case_id;
      if (found.empty()) found = violation.case_id;
    }
    return found;
  }

  // What its record says. A program that did not come to its end has shown nothing.
  Result<std::vector<Violation>> program(const Mutant& mutant, std::vector<std::string> arguments) {
    const std::string out = os::join(os::join(options_.scratch, mutant.name), arguments.front());
    ROLLPROOF_TRY(os::make_directories(files_, out));
    arguments.insert(arguments.begin(), os::join(directory_, kProgram + mutant.name));
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    arguments.insert(arguments.end(), {"--out", out});
    ROLLPROOF_ASSIGN(const auto finished, process::run({.arguments = std::move(arguments)}, options_.limit_ms));
    ROLLPROOF_ASSIGN(auto violations, violations_in(files_, os::join(out, kRecord)));
    const ExitCode expected = violations.empty() ? ExitCode::not_enough_evidence : ExitCode::safety_violated;
    if (finished.timed_out || finished.exit_code != static_cast<int>(expected)) return fail(Code::internal, finished.to_string(), mutant.name);
    return violations;
  }

  os::FileSystem& files_;
  const std::string& directory_;
  const WithoutOptions& options_;
};

}  // namespace

Result<std::vector<WithoutChecker>> without_each_checker(os::FileSystem& files, const std::string& directory, const WithoutOptions& options) {
  ROLLPROOF_ASSIGN(auto mutants, mutants_in(files, directory));
  std::stable_sort(mutants.begin(), mutants.end(), [](const Mutant& a, const Mutant& b) { return width_of(a) < width_of(b); });
  Trial trial(files, directory, options);
  std::vector<WithoutChecker> rows;
  for (int promise = 1; promise <= 10; ++promise) {
    WithoutChecker& row = rows.emplace_back(WithoutChecker{.promise = promise});
    for (const Mutant& mutant : mutants) {
      if (mutant.promise != promise) continue;
      const auto unseen = trial.run(mutant, row);
      if (!unseen) row.trouble = unseen.error().to_string();
      if (!unseen || *unseen) break;
    }
  }
  return rows;
}

std::string table_of(const std::vector<WithoutChecker>& rows) {
  std::string text = "without the checker of promise   gets away   (seen by another checker all the same)\n";
  for (const WithoutChecker& row : rows) {
    const std::string away = !row.trouble.empty() ? "could not be drilled: " + row.trouble : !row.let_through.empty() ? row.let_through : "none";
    text += fmt::format("{:>3}  {}{}\n", row.promise, away, row.seen_anyway.empty() ? "" : fmt::format("   ({})", fmt::join(row.seen_anyway, ", ")));
    if (!row.replay.empty()) text += fmt::format("     {}\n", row.replay);
  }
  return text;
}

}  // namespace rollproof::mutant
