#include "reports/readiness.h"

#include <fmt/format.h>

#include "reports/judgement.h"
#include "reports/matrix.h"
#include "reports/runbook.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr size_t kBrokenListed = 20;
constexpr size_t kGapsListed = 20;

std::string times_of(const Cell& cell) {
  if (cell.cases_run == 0) return "not measured | not measured | not measured";
  return fmt::format("{} | {} | {}", time_or_nothing(percentile(cell.times, 50)), time_or_nothing(percentile(cell.times, 95)), duration_text(cell.max_ms));
}

std::string drilled(const Run& run) {
  std::string out = "## What was drilled\n\n";
  out += fmt::format("All of it between {} and {}. Times are of the recoveries, by the simulated clock; p50 and p95 are rounded up to two digits.\n\n", markdown_escaped(run.started_at), markdown_escaped(run.finished_at));
  out += "| phase | direction | fault | result | p50 | p95 | max | target |\n|---|---|---|---|---|---|---|---|\n";
  const Matrix matrix = matrix_of(run);
  for (const Row& row : matrix.rows) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      const Cell& cell = row.cells[i];
      if (cell.planned() == 0) continue;
      const std::string left = cell.not_run != 0 && cell.cases_run != 0 ? fmt::format(", ○ {} of {} scenarios not run", cell.not_run, cell.planned()) : "";
      out += fmt::format("| {} | {} | {} | {}{} | {} | {} |\n", markdown_escaped(row.phase), markdown_escaped(row.direction), markdown_escaped(matrix.faults[i]), cell.to_string(), left, times_of(cell),
                         cell.target_ms == 0 ? "none" : duration_text(cell.target_ms));
    }
  }
  return out + "\n";
}

std::string broken(const Run& run) {
  const auto kinds = kinds_of_trouble(run);
  const auto outside = run.outside_of_scenarios();
  if (kinds.empty() && outside.empty()) return "";
  std::string out = "## What broke\n\n";
  for (size_t i = 0; i < outside.size() && i < kBrokenListed; ++i) {
    out += fmt::format("- ✗ **promise {}** {}: {}  \n  replay: {}\n", outside[i]->promise, markdown_code(outside[i]->case_id), markdown_escaped(outside[i]->what), markdown_code(outside[i]->replay));
  }
  for (size_t i = 0; i < kinds.size() && i < kBrokenListed; ++i) {
    const Scenario& one = *kinds[i].front();
    out += fmt::format("- {} **{}** {}{}: {}", glyph_of(one.verdict), markdown_escaped(one.category), markdown_code(one.id), kinds[i].size() == 1 ? "" : fmt::format(" and {}", plural(kinds[i].size() - 1, "more scenario")),
                       markdown_escaped(one.observed));
    out += one.replay.empty() ? "\n" : fmt::format("  \n  replay: {}\n", markdown_code(one.replay));
  }
  if (kinds.size() > kBrokenListed) out += fmt::format("- and {} in run.json\n", plural(kinds.size() - kBrokenListed, "more kind"));
  return out + "\n";
}

std::string not_covered(const Run& run) {
  std::string out = "## What is not covered\n\n";
  for (const std::string& line : not_shown_by(run)) out += fmt::format("- {}\n", markdown_escaped(line));
  if (run.gaps.empty()) return out + "\n";
  out += fmt::format("\nScenarios without a single case ({}):\n\n", counted(run.gaps.size()));
  for (size_t i = 0; i < run.gaps.size() && i < kGapsListed; ++i) out += fmt::format("- {}: {}\n", markdown_code(run.gaps[i].first), markdown_escaped(run.gaps[i].second));
  if (run.gaps.size() > kGapsListed) out += fmt::format("- and {} more in run.json (`coverage.steps`)\n", run.gaps.size() - kGapsListed);
  return out + "\n";
}

std::string steps_table(const char* title, const std::vector<RunbookStep>& steps) {
  std::string out = fmt::format("### {}\n\n| when | type | it worked if |\n|---|---|---|\n", title);
  for (const RunbookStep& step : steps) out += fmt::format("| {} | {} | {} |\n", step.when, markdown_code(step.type, true), step.check);
  return out + "\n";
}

std::string runbook(const Run& run) {
  std::string out = fmt::format("## What to type\n\n{}\n\n", runbook_warning());
  out += steps_table("First, in any phase", runbook_before());
  out += "### Go back, by phase\n\n| phase | limit | where the data is | type | it worked if | how long | stop when |\n|---|---|---|---|---|---|---|\n";
  for (const RunbookPhase& phase : runbook_of(run)) {
    out += fmt::format("| **{}** | {} | {} | {}{} | {} | {} | {} |\n", phase.phase, duration_text(phase.limit_ms), phase.state, markdown_code(phase.back.type, true),
                       phase.part_way.empty() ? "" : ", one phase only: " + markdown_code(phase.part_way, true), phase.back.check, phase.measured, phase.abort);
  }
  out += "\n" + steps_table("Interrupted, and when it is done", runbook_after());
  out += "### When a command ends with\n\n| exit code | it means | next |\n|---|---|---|\n";
  for (const CodeAdvice& advice : advice_on_codes()) out += fmt::format("| {} | {} | {} |\n", advice.code, advice.what, advice.next);
  return out + "\n";
}

}  // namespace

std::string render_readiness(const Run& run) {
  const Judgement judgement = judgement_of(run);
  std::string out = fmt::format("# Incident readiness: {} {}\n\n{}.\n\n", glyph_of(judgement.verdict), judgement.word, markdown_escaped(judgement.why));
  out += fmt::format("Run {}, profile {}, seed {}, program {} at {}, started {}, finished {}.\n\n", markdown_code(run.run_id), markdown_escaped(run.profile), run.seed, markdown_escaped(run.version),
                     markdown_code(run.commit), markdown_escaped(run.started_at), markdown_escaped(run.finished_at));
  return out + broken(run) + drilled(run) + not_covered(run) + runbook(run);
}

}  // namespace rollproof::reports
