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

  // True if nothing was seen.
  Result<bool> run(const Mutant& mutant, WithoutChecker& row) {
    if (options_.progress) options_.progress(mutant.name, row.promise);
    const std::string out = os::join(options_.scratch, mutant.name);
    ROLLPROOF_TRY(os::make_directories(files_, out));
    std::vector<std::string> arguments{os::join(directory_, kProgram + mutant.name), "run", "--scenario", mutant.stories, "--without-checker", std::to_string(row.promise), "--out", out};
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    ROLLPROOF_ASSIGN(const auto drill, process::run({.arguments = std::move(arguments)}, options_.limit_ms));
    if (drill.timed_out) return fail(Code::stopped, drill.to_string(), mutant.name);
    ROLLPROOF_ASSIGN(const auto violations, violations_in(files_, os::join(out, kRecord)));
    if (!violations.empty()) {
      row.seen_anyway.push_back(fmt::format("{} ({})", mutant.name, violations.front().promise));
      return false;
    }
    // A drill with a checker less is never enough, and one that ends otherwise has not come to its end.
    if (drill.exit_code != static_cast<int>(ExitCode::not_enough_evidence)) return fail(Code::internal, drill.to_string(), mutant.name);
    row.let_through = mutant.name;
    return true;
  }

 private:
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
  }
  return text;
}

}  // namespace rollproof::mutant
