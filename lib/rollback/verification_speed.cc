#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lib/record/shown_text.h"
#include "lib/rollback/verification.h"

namespace rollproof::rollback {
namespace {

using migrate::Latency;
using migrate::Performance;

constexpr std::string_view kPart = "Performance";
constexpr double kFactor = 1.2;  // of the documents; runs of the same that lie further apart give no verdict either

struct Kind {
  const char* name;
  Latency Performance::*of;
  int64_t floor_us;  // below it a difference is none (lib/migrate/performance.h)
};
constexpr Kind kKinds[] = {{"reads", &Performance::read, migrate::kReadFloor_us}, {"writes", &Performance::write, migrate::kWriteFloor_us}, {"queries", &Performance::query, migrate::kQueryFloor_us}};

double spread(std::vector<int64_t> values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return static_cast<double>(*most) / static_cast<double>(std::max<int64_t>(*least, 1));
}

std::vector<int64_t> each(const std::vector<Performance>& runs, const Kind& kind, int64_t Latency::*figure) {
  std::vector<int64_t> values;
  for (const Performance& run : runs) values.push_back((run.*(kind.of)).*figure);
  return values;
}

// Why nothing can be said; empty if something can.
std::string unmeasured(const Measured& measured) {
  if (!measured.baseline) return "no baseline of this source was measured before the migration";
  if (!measured.runs) return measured.runs.error().to_string();
  return measured.runs->empty() ? "nothing was timed" : "";
}

// The best of the runs is held against the limit: a moment of another program must not count as ours.
VerificationLine response_times(const Measured& measured) {
  constexpr std::string_view text = "Response times";
  if (const std::string why = unmeasured(measured); !why.empty()) return {kPart, text, Verdict::not_measured, why};
  VerificationLine line{kPart, text, Verdict::met};
  for (const Kind& kind : kKinds) {
    const Latency& before = *measured.baseline.*(kind.of);
    const auto values = each(*measured.runs, kind, &Latency::p95_us);
    const int64_t best = *std::min_element(values.begin(), values.end());
    line.evidence += fmt::format("{}{} p95 {} (before {})", line.evidence.empty() ? "" : ", ", kind.name, record::microseconds_text(best), record::microseconds_text(before.p95_us));
    if (before.count == 0 || (measured.runs->front().*(kind.of)).count == 0) {
      if (line.verdict == Verdict::met) line.verdict = Verdict::not_measured;
      line.evidence += ": nothing to compare";
      continue;
    }
    if (best <= kind.floor_us || static_cast<double>(best) <= kFactor * static_cast<double>(before.p95_us)) continue;
    if (spread(values) > kFactor) {
      if (line.verdict == Verdict::met) line.verdict = Verdict::not_measured;
      line.evidence += fmt::format(": too noisy, runs of the same differ by a factor of {:.1f}", spread(values));
    } else {
      line.verdict = Verdict::not_met;
      line.evidence += fmt::format(": more than {}x", kFactor);
    }
  }
  return line;
}

VerificationLine memory(const Measured& measured) {
  constexpr std::string_view text = "Memory";
  if (const std::string why = unmeasured(measured); !why.empty()) return {kPart, text, Verdict::not_measured, why};
  uint64_t peak = 0;
  for (const Performance& run : *measured.runs) peak = std::max(peak, run.memory_bytes);
  const uint64_t before = measured.baseline->memory_bytes;
  std::string evidence = fmt::format("{:.1f} MB more with the source open and read (before {:.1f} MB)", peak / 1e6, before / 1e6);
  if (measured.memory_limit != 0) evidence += fmt::format("; {:.0f} MB used of a limit of {:.0f} MB", measured.memory_used / 1e6, measured.memory_limit / 1e6);
  const bool more = peak > migrate::kMemoryFloorBytes && peak > before + before / 2;
  const bool near_limit = measured.memory_limit != 0 && measured.memory_used > measured.memory_limit / 10 * 9;
  return {kPart, text, more || near_limit ? Verdict::not_met : Verdict::met, evidence};
}

// The middle one of the runs against the baseline, and whether each was slower than the one before.
VerificationLine no_degradation(const Measured& measured) {
  constexpr std::string_view text = "No degradation";
  if (const std::string why = unmeasured(measured); !why.empty()) return {kPart, text, Verdict::not_measured, why};
  if (measured.runs->size() < 5) return {kPart, text, Verdict::not_measured, fmt::format("{} runs were timed, five are needed", measured.runs->size())};
  VerificationLine line{kPart, text, Verdict::met, fmt::format("{} runs", measured.runs->size())};
  for (const Kind& kind : {kKinds[0], kKinds[2]}) {
    const auto values = each(*measured.runs, kind, &Latency::p50_us);
    auto sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const int64_t median = sorted[sorted.size() / 2];
    const int64_t before = (*measured.baseline.*(kind.of)).p50_us;
    line.evidence += fmt::format(", {} {} in the middle (before {})", kind.name, record::microseconds_text(median), record::microseconds_text(before));
    if (sorted.back() <= kind.floor_us) continue;  // twice of almost nothing is still almost nothing
    const bool upward = std::is_sorted(values.begin(), values.end()) && static_cast<double>(values.back()) > kFactor * static_cast<double>(values.front());
    if (upward) {
      line.verdict = Verdict::not_met;
      line.evidence += ", slower from run to run";
    } else if (spread(values) > kFactor) {
      if (line.verdict == Verdict::met) line.verdict = Verdict::not_measured;
      line.evidence += fmt::format(", too noisy: a factor of {:.1f} between runs", spread(values));
    } else if (static_cast<double>(median) > kFactor * static_cast<double>(before)) {
      line.verdict = Verdict::not_met;
      line.evidence += fmt::format(", more than {}x", kFactor);
    }
  }
  return line;
}

VerificationLine concurrent_operations(const Measured& measured) {
  constexpr std::string_view text = "Concurrent operations";
  if (!measured.concurrent_use) return {kPart, text, Verdict::not_measured, "readers and writers at once were not tried"};
  if (!*measured.concurrent_use) return line_of(kPart, text, measured.concurrent_use->error());
  return {kPart, text, Verdict::met, **measured.concurrent_use};
}

}  // namespace

std::vector<VerificationLine> judge_speed(const Measured& measured) {
  return {response_times(measured), memory(measured), no_degradation(measured), concurrent_operations(measured)};
}

}  // namespace rollproof::rollback
