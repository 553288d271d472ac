#include "lib/cli/plan_phases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/cli/criteria_text.h"
#include "lib/rollback/criteria.h"

namespace rollproof::cli {
namespace {

constexpr int64_t kMsPerMinute = 60'000;
constexpr int64_t kShown_ms = 1000;  // less than this is not estimated

struct Row {
  std::string_view risk;
  std::string_view complexity;
  std::string_view what_can_go_wrong;
  std::string_view bytes_for;
  double passes;  // how many times as long as one reading of the source; measured with a million records
};

// Seed 000, "Phase-Specific Rollback Procedures", in the order of the phases.
constexpr std::array<Row, 5> kRows = {{
    {"low", "minimal", "nothing is changed; damage or missing room is found here", "nothing", 1.6},
    {"medium", "moderate", "a slower or failing target slows down writes or lags behind; the journal keeps what it lacks", "a backup and the reserve for the way back", 0.8},
    {"high", "complex", "a full disk, a crash in the middle, records that differ; the source answers all the while", "the target, once more while its files are written anew", 2.4},
    {"medium", "moderate", "the target or your own checks fail; the source answers all the while", "a view and a copy of the target, for the time of the phase", 6},
    {"critical", "high", "the target answers from here on; the source follows, so that the way back loses nothing", "nothing", 0.9},
}};

uint64_t bytes_of(migrate::Phase phase, const SourceSize& source, uint64_t reserve_bytes) {
  switch (phase) {
    case migrate::Phase::dual_write: return source.file_bytes + reserve_bytes;
    case migrate::Phase::copy:
    case migrate::Phase::prove: return 2 * source.value_bytes;
    default: return 0;
  }
}

}  // namespace

PhasePlan plan_of(migrate::Phase phase, const SourceSize& source, uint64_t reserve_bytes) {
  const Row& row = kRows[static_cast<size_t>(phase)];
  return {phase, row.risk, row.complexity, row.what_can_go_wrong, bytes_of(phase, source, reserve_bytes), row.bytes_for,
          static_cast<int64_t>(row.passes * static_cast<double>(source.read_ms)), rollback::limit_minutes(phase) * kMsPerMinute};
}

Json to_json(const PhasePlan& plan) {
  return {{"phase", name_of(plan.phase)}, {"risk", plan.risk}, {"rollback_complexity", plan.complexity}, {"what_can_go_wrong", plan.what_can_go_wrong},
          {"bytes", plan.bytes}, {"bytes_for", plan.bytes_for}, {"about_ms", plan.about_ms}, {"rollback_limit_ms", plan.rollback_limit_ms}};
}

std::string to_text(const PhasePlan& plan) {
  const std::string time = plan.about_ms < kShown_ms ? "under 1 s" : "about " + duration_text(plan.about_ms);
  const std::string room = plan.bytes == 0 ? "no room" : fmt::format("at most {} ({})", bytes_text(plan.bytes), plan.bytes_for);
  return fmt::format("{}: risk {}, rollback {}, within {}\n     {}, {}\n     {}\n", name_of(plan.phase), plan.risk, plan.complexity, duration_text(plan.rollback_limit_ms), time,
                     room, plan.what_can_go_wrong);
}

}  // namespace rollproof::cli
