// The banner, the answers to three readers, sections 1 and 2.
#include <fmt/format.h>

#include <algorithm>

#include "lib/base/exit_code.h"
#include "reports/html/page.h"
#include "reports/judgement.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports::html {
namespace {

// Real times where there are some: they are what an engineer waits for.
void fill_way_back(const Run& run, Dictionary& page) {
  if (!run.projections.empty()) set(add(page, "BACK"), "BACK_TEXT", "Projected for your data, from:");
  for (const Projection& one : run.projections) {
    set(add(page, "BACK"), "BACK_TEXT",
        fmt::format("{}{}: {} of {}", one.phase, one.source_damaged ? ", damaged source" : "", duration_text(one.projected_ms), duration_text(one.limit_ms)));
  }
  if (!run.projections.empty()) return;
  int64_t longest = 0;
  bool any = false;
  for (const Scenario& scenario : run.scenarios) {
    if (scenario.direction == "forward" || scenario.counts.run == 0) continue;
    longest = std::max(longest, scenario.recovery_ms);
    any = true;
  }
  set(add(page, "BACK"), "BACK_TEXT", "How long on your data: not measured.");
  set(add(page, "BACK"), "BACK_TEXT", any ? fmt::format("Under faults, simulated clock: at most {}.", duration_text(longest)) : "Under faults: not measured.");
}

void fill_ship(const Run& run, const Judgement& judgement, Dictionary& page) {
  const char* ship = judgement.verdict == Verdict::passed ? "✓ Nothing in this run speaks against it." : judgement.verdict == Verdict::failed ? "✗ No." : "? Not on this evidence.";
  set(page, "SHIP", ship);
  set(page, "SHIP_WHY", judgement.why);
  set(page, "PASS_RATE", fmt::format("{} of {} scenarios passed, {} failed, {} inconclusive, {} not run", counted(run.count(Verdict::passed)), counted(run.scenarios.size()),
                                     counted(run.count(Verdict::failed)), counted(run.count(Verdict::inconclusive)), counted(run.count(Verdict::not_run))));
  set(page, "MUTANTS", run.mutants_planned == 0 ? std::string("mutants: not measured") : fmt::format("{} of {} mutants caught", run.mutants_caught, run.mutants_planned));
}

void fill_gate(const Run& run, Dictionary& page) {
  for (const ClauseRow& clause : clauses_of(run)) {
    Dictionary& row = add(page, "CLAUSE");
    set_look(row, verdict_of_word(clause.verdict));
    set(row, "NAME", clause.name);
    set(row, "VERDICT", clause.verdict.empty() ? "not measured" : clause.verdict);
    set(row, "MEASURED", clause.measured);
    set(row, "LIMIT", clause.limit);
    set(row, "MARGIN", clause.margin);
    set(row, "REASON", clause.why);
  }
  if (!run.exit_code) return;
  Dictionary& code = add(page, "EXIT_CODE");
  set(code, "CODE", std::to_string(*run.exit_code));
  set(code, "MEANING", meaning_of(static_cast<ExitCode>(*run.exit_code)));
}

}  // namespace

void fill_head(const Run& run, Dictionary& page) {
  const Judgement judgement = judgement_of(run);
  set_look(page, judgement.verdict);
  set(page, "WORD", judgement.word);
  set(page, "WHY", judgement.why + ".");
  set(page, "RUN_ID", run.run_id);
  set(page, "TESTED", fmt::format("{} in {}, {} checked", plural(run.cases.run, "fault point"), plural(run.scenarios.size(), "scenario"), plural(run.images, "disk content")));
  set(page, "STARTED", readable_moment(run.started_at));
  set(page, "FINISHED", readable_moment(run.finished_at));
  set(page, "VERSION", run.version.empty() ? "unknown" : run.version);
  set(page, "COMMIT_SHORT", run.commit.size() > 12 ? run.commit.substr(0, 12) + (run.commit.ends_with("+changes") ? "+changes" : "") : run.commit);
  set(page, "PROFILE", run.profile);
  set(page, "SEED", std::to_string(run.seed));
  fill_way_back(run, page);
  fill_ship(run, judgement, page);
  for (const std::string& line : shown_by(run)) set(add(page, "SHOWN"), "LINE", line);
  for (const std::string& line : not_shown_by(run)) set(add(page, "NOT_SHOWN"), "LINE", line);
  fill_gate(run, page);
}

}  // namespace rollproof::reports::html
