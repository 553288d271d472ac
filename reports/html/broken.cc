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

void fill_findings(const Run& run, Dictionary& page) {
  if (const auto outside = run.outside_of_scenarios(); !outside.empty()) {
    Dictionary& part = add(page, "OUTSIDE");
    for (size_t i = 0; i < outside.size() && i < kShown; ++i) {
      Dictionary& row = add(part, "OUTSIDE_ROW");
      set_look(row, Verdict::failed);
      set(row, "PROMISE", std::to_string(outside[i]->promise));
      set(row, "WHAT", outside[i]->what);
      set(row, "CASE", outside[i]->case_id);
      set(row, "LINE", outside[i]->replay);
    }
  }
  if (run.findings.empty()) return;
  Dictionary& part = add(page, "FINDINGS");
  for (size_t i = 0; i < run.findings.size() && i < kShown; ++i) {
    Dictionary& row = add(part, "FINDING");
    set(row, "PROMISE", std::to_string(run.findings[i].promise));
    set(row, "WORDS", run.findings[i].words);
    set(row, "FAULT", run.findings[i].fault.empty() ? "no fault is needed" : run.findings[i].fault);
    set(row, "OPERATIONS", counted(run.findings[i].operations));
    set(row, "FILE", run.findings[i].file);
  }
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

// The scenarios in which the same was seen.
void fill_others(const Kind& kind, size_t& room, Dictionary& row) {
  if (kind.size() == 1) return;
  Dictionary& others = add(row, "OTHERS");
  const size_t listed = std::min(kind.size() - 1, room);
  room -= listed;
  set(others, "COUNT", plural(kind.size() - 1, "more scenario"));
  if (listed < kind.size() - 1) set(add(others, "OTHERS_CUT"), "LISTED", counted(listed));
  for (size_t i = 1; i <= listed; ++i) {
    Dictionary& other = add(others, "OTHER");
    set(other, "ID", kind[i]->id);
    if (!kind[i]->replay.empty()) set(add(other, "OTHER_REPLAY"), "LINE", kind[i]->replay);
  }
}

void fill_timelines(const std::vector<Kind>& kinds, Dictionary& page) {
  for (size_t i = 0; i < kinds.size() && i < kTimelines; ++i) {
    const Scenario& one = *kinds[i].front();
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
  const auto kinds = kinds_of_trouble(run);
  const bool ran = run.count(Verdict::passed) != 0;
  if (kinds.empty()) {
    const char* text = run.violations_total != 0 ? "No scenario." : ran ? "Nothing of what was run." : "not measured: no scenario was run under a fault";
    set(add(page, "NOTHING_BROKE"), "TEXT", text);
    set(add(page, "NO_TIMELINE"), "TEXT", ran ? "Nothing failed, so there is none." : "not measured");
  } else {
    Dictionary& first = add(page, "BROKEN_FIRST");
    set(first, "SUMMARY", fmt::format("{} failed, {} inconclusive: {}, worst first.", plural(run.count(Verdict::failed), "scenario"), counted(run.count(Verdict::inconclusive)), plural(kinds.size(), "kind of trouble", "kinds of trouble")));
    size_t room = kFolded;
    for (size_t i = 0; i < kinds.size() && i < kShown; ++i) {
      Dictionary& row = add(first, "BROKEN");
      fill_row(*kinds[i].front(), row);
      fill_others(kinds[i], room, row);
    }
  }
  if (kinds.size() > kShown) {
    Dictionary& rest = add(page, "BROKEN_REST");
    const size_t more = kinds.size() - kShown, listed = std::min(more, kFolded);
    set(rest, "COUNT", plural(more, "more kind"));
    if (listed < more) set(add(rest, "REST_CUT"), "LISTED", counted(listed));
    for (size_t i = kShown; i < kShown + listed; ++i) fill_row(*kinds[i].front(), add(rest, "BROKEN"));
  }
  fill_findings(run, page);
  fill_violations(run, page);
  fill_timelines(kinds, page);
}

}  // namespace rollproof::reports::html
