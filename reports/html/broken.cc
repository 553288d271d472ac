#include <fmt/format.h>

#include "reports/html/page.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports::html {
namespace {

constexpr size_t kShown = 20;
constexpr size_t kFolded = 500;
constexpr size_t kTimelines = 5;

void fill_row(const Scenario& one, Dictionary& row) {
  set_look(row, one.verdict);
  set(row, "CATEGORY", one.category);
  set(row, "OBSERVED", one.observed.empty() ? "nothing was observed" : one.observed);
  set(row, "ID", one.id);
  set(row, "CASES", fmt::format("{} failed and {} inconclusive of {} run, {} planned", counted(one.failed), counted(one.inconclusive), counted(one.counts.run), counted(one.counts.planned)));
  if (!one.replay.empty()) set(add(row, "REPLAY"), "LINE", one.replay);
}

void fill_violations(const Run& run, Dictionary& page) {
  if (run.violations.empty()) return;
  Dictionary& part = add(page, "VIOLATIONS");
  const size_t listed = std::min(run.violations.size(), kFolded);
  set(part, "SUMMARY", fmt::format("{} of promises{}", plural(run.violations_total, "violation"), listed < run.violations_total ? fmt::format(", {} of them here", listed) : ""));
  for (size_t i = 0; i < listed; ++i) {
    Dictionary& row = add(part, "VIOLATION");
    set(row, "PROMISE", std::to_string(run.violations[i].promise));
    set(row, "WHAT", run.violations[i].what);
    set(row, "CASE", run.violations[i].case_id);
  }
}

void fill_timelines(const std::vector<const Scenario*>& worst, Dictionary& page) {
  for (size_t i = 0; i < worst.size() && i < kTimelines; ++i) {
    const Scenario& one = *worst[i];
    Dictionary& row = add(page, "TIMELINE");
    set_look(row, one.verdict);
    set(row, "ID", one.id);
    set(row, "FAULT", fmt::format("{} in {}, {}, step {}, {}; went off {}", one.fault, one.phase, one.direction, one.step, one.store, plural(one.fired, "time")));
    set(row, "RECOVERY", one.counts.run == 0 ? "not measured" : fmt::format("the longest {}, target {}, simulated clock", duration_text(one.recovery_ms), duration_text(one.target_ms)));
    set(row, "SEEN", one.observed.empty() ? one.category : one.observed);
    set(row, "REPLAY", one.replay.empty() ? "not measured" : one.replay);
  }
}

}  // namespace

void fill_broken(const Run& run, Dictionary& page) {
  const auto worst = worst_first(run);
  const bool ran = run.count(Verdict::passed) != 0;
  if (worst.empty()) {
    const char* text = run.violations_total != 0 ? "No scenario, but promises were broken: see the list." : ran ? "Nothing of what was run." : "not measured: no scenario was run under a fault";
    set(add(page, "NOTHING_BROKE"), "TEXT", text);
    set(add(page, "NO_TIMELINE"), "TEXT", ran ? "Nothing failed, so there is none." : "not measured");
  } else {
    Dictionary& first = add(page, "BROKEN_FIRST");
    for (size_t i = 0; i < worst.size() && i < kShown; ++i) fill_row(*worst[i], add(first, "BROKEN"));
  }
  if (worst.size() > kShown) {
    Dictionary& rest = add(page, "BROKEN_REST");
    const size_t listed = std::min(worst.size() - kShown, kFolded);
    set(rest, "COUNT", counted(worst.size() - kShown));
    set(rest, "LISTED", counted(listed));
    for (size_t i = kShown; i < kShown + listed; ++i) fill_row(*worst[i], add(rest, "BROKEN"));
  }
  fill_violations(run, page);
  fill_timelines(worst, page);
}

}  // namespace rollproof::reports::html
