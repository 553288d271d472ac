#include "lib/cli/criteria_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace rollproof::cli {

using rollback::Assessment;
using rollback::Verdict;

namespace {

const char* mark_of(Verdict verdict) { return verdict == Verdict::met ? "✓" : verdict == Verdict::not_met ? "✗" : "?"; }

// What is not met and no fault; empty for all others.
const char* excuse_of(const rollback::Criterion& one) { return one.as_asked ? "not asked for" : one.only_recorded ? "only recorded" : ""; }

size_t count_excused(const Assessment& assessment, std::string_view excuse) {
  return static_cast<size_t>(std::count_if(assessment.criteria.begin(), assessment.criteria.end(), [&](const auto& one) { return excuse_of(one) == excuse; }));
}

std::string time_line(const std::string& name, int64_t taken_ms, int64_t limit_ms) {
  return fmt::format("  {} {:<14} {} of at most {}\n", mark_of(taken_ms <= limit_ms ? Verdict::met : Verdict::not_met), name, duration_text(taken_ms), duration_text(limit_ms));
}

}  // namespace

std::string duration_text(int64_t ms) {
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
  const int64_t seconds = ms / 1000;
  return seconds % 60 == 0 ? fmt::format("{} min", seconds / 60) : fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

Json criteria_json(const Assessment& assessment) {
  Json document{{"phase", name_of(assessment.phase)}, {"operation", assessment.operation_id}, {"incident", assessment.incident}, {"goal", assessment.goal}, {"good", assessment.good()},
                {"criteria", Json::array()}, {"taken_ms", assessment.taken_ms}, {"limit_ms", assessment.limit_ms}, {"windows", Json::array()}};
  for (const auto& one : assessment.criteria) {
    document["criteria"].push_back({{"text", one.text}, {"verdict", name_of(one.verdict)}, {"as_asked", one.as_asked}, {"only_recorded", one.only_recorded}, {"evidence", one.evidence}});
  }
  for (const auto& window : assessment.windows) {
    document["windows"].push_back({{"name", window.name}, {"taken_ms", window.taken_ms}, {"limit_ms", window.limit_ms}});
  }
  return document;
}

std::string criteria_text(const Assessment& assessment) {
  const std::string_view excuses[] = {"not asked for", "only recorded"};
  size_t excused = 0;
  std::string counts;
  for (const std::string_view excuse : excuses) {
    const size_t count = count_excused(assessment, excuse);
    excused += count;
    if (count != 0) counts += fmt::format(", {} {}", count, excuse);
  }
  std::string text = fmt::format("success criteria of the rollback of phase {}: {} met, {} not met, {} not measured{}\n", name_of(assessment.phase),
                                 assessment.count(Verdict::met), assessment.count(Verdict::not_met) - excused, assessment.count(Verdict::not_measured), counts);
  for (const auto& one : assessment.criteria) {
    const std::string_view excuse = excuse_of(one);
    text += fmt::format("  {} {:<14} {}\n      {}\n", excuse.empty() ? mark_of(one.verdict) : "·", excuse.empty() ? name_of(one.verdict) : excuse, one.text, one.evidence);
  }
  text += time_line("time", assessment.taken_ms, assessment.limit_ms);
  for (const auto& window : assessment.windows) text += time_line(window.name + " by", window.taken_ms, window.limit_ms);
  if (!assessment.incident.empty()) text += fmt::format("incident {}; what happened: rollproof report incident {}; the state of now, proven: rollproof report validation\n", assessment.incident, assessment.incident);
  return text;
}

int print_criteria(Context& context, Json document, const std::string& text) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  auto assessment = rollback::assess_rollback(context.world(), *config);
  if (!assessment) return context.finish(assessment.error());
  document["criteria"] = criteria_json(*assessment);
  context.print(document, text + criteria_text(*assessment));
  if (assessment->good()) return 0;
  return context.tell({Code::differs, "rolled back and verified, but a success criterion or a time limit was missed", config->path,
                "The lines marked ✗ say which; the data itself was proven."}, ExitCode::threshold_missed);
}

}  // namespace rollproof::cli
