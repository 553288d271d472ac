#include "lib/rollback/criteria.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "lib/migrate/ledger.h"
#include "lib/migrate/performance.h"
#include "lib/migrate/trial.h"
#include "lib/os/paths.h"
#include "lib/rollback/trial.h"
#include "lib/store/store.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Phase;

namespace {

// Seed 000, phase 1 to 5, "Success Criteria", in its order.
constexpr CriterionRow kCriteria[] = {
    {Phase::validate, "all validation processes stopped", Look::lock},
    {Phase::validate, "system returned to its original state", Look::original_state},
    {Phase::validate, "no data changes made", Look::data_unchanged},
    {Phase::validate, "original functionality intact", Look::operations},
    {Phase::dual_write, "dual-write completely disabled", Look::source_only},
    {Phase::dual_write, "system operates on the source only", Look::original_state},
    {Phase::dual_write, "performance returned to baseline", Look::performance},
    {Phase::dual_write, "no data corruption", Look::corruption},
    {Phase::dual_write, "all basic operations work", Look::operations},
    {Phase::copy, "migration process completely stopped", Look::lock},
    {Phase::copy, "system operates on the source only", Look::source_only},
    {Phase::copy, "every record accessible in the source", Look::every_record},
    {Phase::copy, "no data corruption in the source", Look::corruption},
    {Phase::copy, "basic deployment operations work", Look::operations},
    {Phase::copy, "performance returned to baseline", Look::performance},
    {Phase::prove, "testing of the target disabled", Look::target_not_asked},
    {Phase::prove, "functionality of the source verified", Look::operations},
    {Phase::prove, "deployment operations work", Look::user_checks},
    {Phase::prove, "system stable in dual-write or source only", Look::stability},
    {Phase::cutover, "system operates on the source (dual-write or primary)", Look::source_leads},
    {Phase::cutover, "all critical operations work", Look::operations},
    {Phase::cutover, "all spaces accessible", Look::every_record},
    {Phase::cutover, "performance within acceptable ranges", Look::performance},
    {Phase::cutover, "system stability restored", Look::stability},
};

// Seed 000: the headings of phase 3 and phase 5.
constexpr WindowRow kWindows[] = {
    {Phase::copy, "immediate actions", "settle", 5},      {Phase::copy, "data assessment", "prove-source", 15},
    {Phase::copy, "restoration", "", 45},                 {Phase::cutover, "immediate actions", "switch-back", 5},
    {Phase::cutover, "verification", "prove-source", 30}, {Phase::cutover, "clean-up and stabilisation", "", 45},
};

constexpr std::array<int64_t, 5> kLimitMinutes = {5, 15, 60, 30, 45};
constexpr int64_t kMsPerMinute = 60'000;
constexpr double kPerformanceFactor = 1.2;  // runs that differ by more than what is judged give no verdict

Criterion judged(bool good, std::string evidence) { return {"", good ? Verdict::met : Verdict::not_met, std::move(evidence)}; }
Criterion unmeasured(std::string why) { return {"", Verdict::not_measured, std::move(why)}; }

// Trouble of the machine says nothing about the store.
Criterion judged(const Error& error) {
  const bool verdict = error.code == Code::corruption || error.code == Code::differs || error.code == Code::not_found;
  return {"", verdict ? Verdict::not_met : Verdict::not_measured, error.to_string()};
}

// How far measurements of the same thing lie apart.
class Spread {
 public:
  void see(int64_t found) {
    least_ = least_ == 0 ? found : std::min(least_, found);
    most_ = std::max(most_, found);
  }
  double factor() const { return static_cast<double>(most_) / static_cast<double>(std::max<int64_t>(least_, 1)); }

 private:
  int64_t least_ = 0;
  int64_t most_ = 0;
};

class Judge {
 public:
  Judge(os::World& world, const migrate::Config& config, const migrate::LedgerView& view, const Past& past)
      : world_(world), config_(config), view_(view), past_(past) {}

  Criterion look(Look what) {
    switch (what) {
      case Look::lock: return lock();
      case Look::original_state: return original_state();
      case Look::data_unchanged: return data_unchanged();
      case Look::source_only: return source_only();
      case Look::source_leads: return source_leads();
      case Look::target_not_asked: return target_not_asked();
      case Look::performance: return performance();
      case Look::corruption: return corruption();
      case Look::every_record: return every_record();
      case Look::operations: return operations();
      case Look::user_checks: return user_checks();
      case Look::stability: return stability();
    }
    return unmeasured("");
  }

 private:
  const migrate::State& state() const { return view_.state; }

  Criterion lock() const {
    return judged(!state().operation, "the one lock was held from the first to the last entry, no operation is open");
  }

  Criterion original_state() const {
    const auto target = store::is_there(world_, config_.target);
    if (!target) return judged(target.error());
    const Json* configuration = past_.fact("verify-restored", "configuration_as_sealed");
    std::string wrong;
    if (state().active || state().outcome != "rolled_back") wrong = "the migration is still active";
    const Json* left = past_.fact("verify-restored", "target_left");
    if (*target && left == nullptr) wrong = "the target still holds records";
    if (configuration == nullptr || !configuration->get<bool>()) wrong = "the configuration is not the one that was sealed";
    if (!config_.migration_id.empty()) wrong = "the configuration carries the migration's id";
    return judged(wrong.empty(), !wrong.empty() ? wrong
                                  : left == nullptr ? "the source answers, the target is gone, the configuration is as it was sealed"
                                                    : "the source answers, the configuration is as it was sealed; the target is left: " + left->get<std::string>());
  }

  // Reads and queries as phase 1 timed them (seed 000: p95 within 1.2 times the baseline, on the same machine).
  Criterion performance() {
    const auto baseline = state().facts.find("validate/baseline");
    if (baseline == state().facts.end()) return unmeasured("no baseline of this store was measured before the migration");
    const auto before = migrate::performance_from(baseline->second.at("performance"));
    // Another program's moment must not count as ours: up to five runs, and the best one is judged.
    Result<migrate::Performance> now = migrate::Performance{};
    std::vector<std::string> missed;
    Spread reads, queries;
    for (int run = 0; run < 5; ++run) {
      now = migrate::measure(world_, config_.source, {.reads = before.read.count, .writes = 0, .queries = before.query.count});
      if (!now) return judged(now.error());
      missed = migrate::slower_than_before(before, *now);
      if (missed.empty()) break;
      reads.see(now->read.p95_us);
      queries.see(now->query.p95_us);
    }
    if (missed.empty()) {
      return judged(true, fmt::format("reads p95 {:.2f} ms (before {:.2f}), queries p95 {:.2f} ms (before {:.2f})", now->read.p95_us / 1e3, before.read.p95_us / 1e3,
                                      now->query.p95_us / 1e3, before.query.p95_us / 1e3));
    }
    const auto is_missed = [&](const char* kind) { return std::any_of(missed.begin(), missed.end(), [&](const std::string& one) { return one.starts_with(kind); }); };
    const double noise = std::max(is_missed("reads") ? reads.factor() : 1.0, is_missed("queries") ? queries.factor() : 1.0);
    if (noise > kPerformanceFactor) return unmeasured(fmt::format("too noisy: five runs of the same differ by a factor of {:.1f}; {}", noise, fmt::join(missed, "; ")));
    Criterion slower = judged(false, fmt::format("{}", fmt::join(missed, "; ")));
    slower.only_recorded = !config_.enforce_performance;
    return slower;
  }

  Criterion user_checks() const {
    const Json* checks = past_.fact("checks", "checks");
    if (checks == nullptr || !checks->is_array()) return unmeasured("no check of your own was run; the basic operations are tried on every rollback");
    std::string names;
    for (const Json& check : *checks) names += (names.empty() ? "" : ", ") + check.at("name").get<std::string>();
    return judged(true, "your own checks ended with 0 on a copy of the source: " + names);
  }

  Criterion data_unchanged() const {
    if (const Json* unchanged = past_.fact("prove-untouched", "unchanged")) {
      return judged(unchanged->get<bool>(), "neither store was opened for writing; the source's files are " + past_.fact("prove-untouched", "files")->get<std::string>());
    }
    const Json* digest = past_.fact("prove-source", "digest");
    const auto inventory = state().seals.find("inventory");
    if (digest == nullptr) return unmeasured("the source was not read");
    const std::string with = past_.fact("prove-source", "compared_with")->get<std::string>();
    if (with != "itself") return judged(true, fmt::format("equal to {} and the journaled writes, record by record", with));
    if (inventory == state().seals.end()) return unmeasured("no inventory was sealed to compare with");
    if (state().last_change != 0) return unmeasured("writes were made through the route meanwhile, and there is no copy from before to tell them from others");
    return judged(inventory->second.facts.at("digest") == *digest, "digest " + digest->get<std::string>() + " against the sealed inventory");
  }

  Criterion source_only() const {
    const bool good = state().route == migrate::Route::source_only && state().following == migrate::Following::none;
    Criterion found = judged(good, fmt::format("route {}, epoch {}", name_of(state().route), state().epoch));
    if (good || past_.goal == "source" || !answers_from_source(state().route)) return found;
    found.as_asked = true;
    found.evidence += ": asked to stop at the end of " + past_.goal;
    return found;
  }

  Criterion source_leads() const {
    return judged(answers_from_source(state().route), fmt::format("route {}, epoch {}", name_of(state().route), state().epoch));
  }

  Criterion target_not_asked() const {
    const bool asked = state().active && state().is_done(Phase::prove);
    return judged(!asked && answers_from_source(state().route), asked ? "the verdict of phase prove still counts" : "the source answers, the verdict of phase prove was taken back");
  }

  Criterion corruption() const {
    const Json* records = past_.fact("prove-source", "records");
    if (records == nullptr) return unmeasured("the source was not read");
    const auto inspection = store::inspect(world_, config_.source);
    if (!inspection) return judged(inspection.error());
    for (const auto& problem : inspection->problems) {
      if (!problem.ordinary) return judged(false, problem.file + ": " + problem.what);
    }
    return judged(true, fmt::format("{} records read with their checksums, compared with {}; every file scanned", records->get<uint64_t>(),
                                    past_.fact("prove-source", "compared_with")->get<std::string>()));
  }

  const Result<Trial>& trial() {
    if (!trial_) trial_ = try_store(world_, config_.source, os::join(config_.state_directory(), migrate::kSpillFile));
    return *trial_;
  }

  Criterion every_record() {
    if (!trial()) return judged(trial().error());
    const Json* proven = past_.fact("prove-source", "records");
    const bool all = proven != nullptr && proven->get<uint64_t>() == trial()->records;
    return judged(all, fmt::format("{} records in {} spaces, each read singly", trial()->records, trial()->per_space.size()));
  }

  Criterion operations() {
    if (!trial()) return judged(trial().error());
    if (trial()->operations == 0) return unmeasured("the source is empty");
    return judged(true, fmt::format("put, get after opening again, overwrite, delete and scan in {} spaces, on a throw-away view", trial()->per_space.size()));
  }

  Criterion stability() const {
    const bool good = view_.journal.clean && !state().operation && !state().in_session && !state().safe_stop;
    return judged(good, good ? "stores closed, journal sealed, nothing open, nothing left to replay" : "the journal is not sealed");
  }

  os::World& world_;
  const migrate::Config& config_;
  const migrate::LedgerView& view_;
  const Past& past_;
  std::optional<Result<Trial>> trial_;
};

// The end of the part that ends with `row.last_step`, or with the rollback itself.
std::optional<int64_t> end_of(const WindowRow& row, const Past& past) {
  if (row.last_step.empty()) return past.ended_ms;
  for (const auto& [step, done_ms] : past.steps) {
    if (step == row.last_step) return done_ms;
  }
  return std::nullopt;
}

}  // namespace

std::span<const CriterionRow> criteria_table() { return kCriteria; }
std::span<const WindowRow> window_table() { return kWindows; }
int64_t limit_minutes(Phase phase) { return kLimitMinutes[static_cast<size_t>(phase)]; }

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::met: return "met";
    case Verdict::not_met: return "not met";
    case Verdict::not_measured: return "not measured";
    case Verdict::not_applicable: return "not applicable";
  }
  return "unknown";
}

size_t Assessment::count(Verdict verdict) const {
  return static_cast<size_t>(std::count_if(criteria.begin(), criteria.end(), [&](const Criterion& one) { return one.verdict == verdict; }));
}

bool Assessment::in_time() const {
  return taken_ms <= limit_ms && std::all_of(windows.begin(), windows.end(), [](const Window& window) { return window.taken_ms <= window.limit_ms; });
}

bool Assessment::good() const {
  return in_time() && std::none_of(criteria.begin(), criteria.end(), [](const Criterion& one) { return one.verdict == Verdict::not_met && !one.as_asked && !one.only_recorded; });
}

Result<Assessment> assess_rollback(os::World& world, const migrate::Config& config) {
  ROLLPROOF_ASSIGN(const migrate::LedgerView view, migrate::view_ledger(world, config));
  ROLLPROOF_ASSIGN(const auto past, last_rollback(world, config));
  if (!past || !past->succeeded) return fail(Code::not_found, "no rollback has ended here", config.path);
  Assessment assessment{.phase = past->phase, .operation_id = past->operation_id, .incident = past->incident, .goal = past->goal, .taken_ms = past->taken_ms(),
                        .limit_ms = limit_minutes(past->phase) * kMsPerMinute};
  Judge judge(world, config, view, *past);
  for (const CriterionRow& row : kCriteria) {
    if (row.phase != past->phase) continue;
    assessment.criteria.push_back(judge.look(row.look));
    assessment.criteria.back().text = row.text;
  }
  for (const WindowRow& row : kWindows) {
    if (row.phase != past->phase) continue;
    if (const auto ended = end_of(row, *past)) assessment.windows.push_back({std::string(row.name), *ended - past->begun_ms, row.until_minutes * kMsPerMinute});
  }
  return assessment;
}

}  // namespace rollproof::rollback
