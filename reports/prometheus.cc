#include "reports/prometheus.h"

#include <fmt/format.h>

#include <array>

#include "reports/judgement.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr std::array kVerdicts = {Verdict::passed, Verdict::failed, Verdict::inconclusive, Verdict::not_run};

// The value of a label, quoted.
std::string label_value(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

class Metrics {
 public:
  // What follows, up to the next family, is of this one.
  void family(const char* name, const char* help) {
    name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
  }
  template <class Number>
  void add(const std::string& labels, Number value) {
    text_ += labels.empty() ? fmt::format("{} {}\n", name_, value) : fmt::format("{}{{{}}} {}\n", name_, labels, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_, text_;
};

uint64_t of(const Cell& cell, Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return cell.passed;
    case Verdict::failed: return cell.failed;
    case Verdict::inconclusive: return cell.inconclusive;
    case Verdict::not_run: return cell.not_run;
  }
  return 0;
}

double seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

void add_scenarios(const Run& run, Metrics& metrics) {
  const Matrix matrix = matrix_of(run);
  metrics.family("rollproof_drill_scenarios", "Scenarios of the last drill by verdict.");
  for (const Row& row : matrix.rows) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (row.cells[i].planned() == 0) continue;
      for (const Verdict verdict : kVerdicts) {
        metrics.add(fmt::format("phase={},direction={},fault={},verdict=\"{}\"", label_value(row.phase), label_value(row.direction), label_value(matrix.faults[i]), name_of(verdict)), of(row.cells[i], verdict));
      }
    }
  }
}

void add_recovery(const Run& run, Metrics& metrics) {
  metrics.family("rollproof_drill_recovery_seconds", "Time of recoveries by the simulated clock of the last drill.");
  for (const std::string& phase : phases_of(run)) {
    const Cell cell = cell_of_phase(run, phase);
    if (cell.cases_run == 0) continue;
    if (const auto ms = percentile(cell.times, 50)) metrics.add(fmt::format("phase={},stat=\"p50\"", label_value(phase)), seconds(*ms));
    if (const auto ms = percentile(cell.times, 95)) metrics.add(fmt::format("phase={},stat=\"p95\"", label_value(phase)), seconds(*ms));
    metrics.add(fmt::format("phase={},stat=\"max\"", label_value(phase)), seconds(cell.max_ms));
  }
  metrics.family("rollproof_drill_recovery_target_seconds", "Time within which a phase is to be taken back.");
  for (const std::string& phase : phases_of(run)) {
    if (const Cell cell = cell_of_phase(run, phase); cell.target_ms != 0) metrics.add(fmt::format("phase={}", label_value(phase)), seconds(cell.target_ms));
  }
  if (run.projections.empty()) return;
  metrics.family("rollproof_drill_rollback_projected_seconds", "Time of a real rollback of a copy of the stores, projected onto the whole.");
  for (const Projection& one : run.projections) metrics.add(fmt::format("phase={},source_damaged=\"{}\"", label_value(one.phase), one.source_damaged), seconds(one.projected_ms));
}

}  // namespace

std::string render_prometheus(const Run& run) {
  Metrics metrics;
  metrics.family("rollproof_drill_info", "Which run the other metrics are of.");
  metrics.add(fmt::format("run_id={},version={},commit={},profile={},seed=\"{}\"", label_value(run.run_id), label_value(run.version), label_value(run.commit), label_value(run.profile), run.seed), 1);
  metrics.family("rollproof_drill_verdict", "1 for what the last drill adds up to, 0 for the others.");
  const Verdict all = judgement_of(run).verdict;
  for (const Verdict verdict : kVerdicts) metrics.add(fmt::format("verdict=\"{}\"", name_of(verdict)), verdict == all ? 1 : 0);
  add_scenarios(run, metrics);
  metrics.family("rollproof_drill_cases", "Fault points of the last drill.");
  for (const auto& [state, count] : {std::pair{"planned", run.cases.planned}, {"run", run.cases.run}, {"pruned", run.cases.pruned}, {"excluded", run.cases.excluded_total()}}) metrics.add(fmt::format("state=\"{}\"", state), count);
  metrics.family("rollproof_drill_disk_contents", "Disk contents recovered and checked in the last drill.");
  metrics.add("", run.images);
  metrics.family("rollproof_drill_violations", "Violations of promises in the last drill.");
  metrics.add("", run.violations_total);
  metrics.family("rollproof_drill_mutants", "Deliberately broken programs in the last drill.");
  metrics.add("state=\"planned\"", run.mutants_planned);
  metrics.add("state=\"caught\"", run.mutants_caught);
  add_recovery(run, metrics);
  metrics.family("rollproof_drill_duration_seconds", "How long the last drill took.");
  metrics.add("", seconds(run.duration_ms));
  if (run.exit_code) {
    metrics.family("rollproof_drill_exit_code", "Exit code of the last drill.");
    metrics.add("", *run.exit_code);
  }
  if (const auto finished = moment_of(run.finished_at)) {
    metrics.family("rollproof_drill_finished_time_seconds", "When the last drill finished, in seconds since 1970.");
    metrics.add("", fmt::format("{}.{:03}", *finished / 1000, *finished % 1000));
  }
  return metrics.take();
}

}  // namespace rollproof::reports
