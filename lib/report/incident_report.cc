#include "lib/report/incident_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/time_text.h"
#include "lib/record/shown_text.h"
#include "lib/report/occurrence.h"

namespace rollproof::report {
namespace {

using record::duration_text;

constexpr int64_t kHour_ms = 3'600'000;

std::string goal_text(const Operation& rollback) { return rollback.goal == "source" ? "the source alone" : "the end of " + rollback.goal; }

Words took(const Response& one) {
  if (!one.taken_ms) return verdict_words(kNotMeasured);
  return (one.at_most ? "at most " : "") + duration_text(*one.taken_ms);
}

Tone tone_of_status(const std::string& status) { return status == "resolved" ? Tone::good : Tone::bad; }

class Printer {
 public:
  Printer(const History& history, const Incident& incident, const Beside& beside, int64_t now_ms)
      : history_(history), incident_(incident), rollback_(*incident.rollback), beside_(beside), now_ms_(now_ms) {}

  Document take() {
    document_.title = "Migration Rollback Incident Report: " + incident_.id();
    summary();
    timeline();
    root_cause();
    impact();
    effectiveness();
    drilled();
    document_.heading("Lessons Learned");
    document_.fill("key takeaways: what would have prevented it, what would have shortened it, which warning signs were missed");
    actions();
    follow_up();
    origin();
    return std::move(document_);
  }

 private:
  void summary() {
    document_.heading("Executive Summary");
    Facts facts;
    facts.lines.emplace_back("Incident", Words(incident_.id(), Tone::plain, true));
    facts.lines.emplace_back("Status", Words(incident_.status, tone_of_status(incident_.status)));
    facts.lines.emplace_back("Incident Date", time_text(incident_.detected.time_ms.value_or(rollback_.begun_ms)) + (incident_.detected.time_ms ? "" : " (of the command; the detection has no time)"));
    facts.lines.emplace_back("Rollback Trigger", incident_.trigger.empty() ? Words("nobody gave a reason, and no failure is in the journal before it", Tone::unknown) : Words(incident_.trigger));
    facts.lines.emplace_back("Rollback Phase", fmt::format("{}, back to {}", name_of(rollback_.phase), goal_text(rollback_)));
    const bool late = incident_.taken_ms > incident_.limit_ms;
    facts.lines.emplace_back("Recovery Time", Words(fmt::format("{}{}, of at most {} for this phase", duration_text(incident_.taken_ms), rollback_.ended_ms ? "" : " until now", duration_text(incident_.limit_ms)), late ? Tone::bad : Tone::plain));
    facts.lines.emplace_back("Impact Level", fmt::format("{}: {} (proposed from the journal; a person decides)", incident_.impact.level, incident_.impact.reasons.front()));
    if (incident_.migration != nullptr) facts.lines.emplace_back("Migration", fmt::format("{}, from {} to {}", incident_.migration->id, incident_.migration->source, incident_.migration->target));
    if (!incident_.replaced_by.empty()) facts.lines.emplace_back("Later attempt", Words(incident_.replaced_by, Tone::plain, true));
    document_.add(std::move(facts));
    document_.fill("one paragraph for people who were not there");
  }

  void timeline() {
    document_.heading("Timeline of Events");
    Table table{{"time", "event", "from"}, {}};
    for (const Moment* moment : {&incident_.detected, &incident_.decided, &incident_.started, &incident_.restored, &incident_.verified}) {
      table.rows.push_back({moment->time_ms ? Words(time_text(*moment->time_ms)) : verdict_words(kNotMeasured), moment->name, moment->source});
    }
    document_.add(std::move(table));
    if (!incident_.detected.time_ms) document_.fill("when the issue was detected, by whom or by what");
    if (incident_.steps.empty()) return;
    document_.heading("Steps of the rollback", 3);
    Table steps{{"step", "took"}, {}};
    for (const Timed& step : incident_.steps) steps.rows.push_back({Words(step.name, Tone::plain, true), duration_text(step.ms)});
    document_.add(std::move(steps));
    if (!incident_.disturbances.empty()) document_.list(incident_.disturbances);
  }

  void root_cause() {
    document_.heading("Root Cause Analysis");
    document_.sentence("What the journal holds of failures before and during the rollback:");
    document_.list(incident_.failures.empty() ? std::vector<std::string>{"none: nothing of Rollproof failed; the cause lies outside of it, or was given as the reason"} : incident_.failures);
    document_.fill("detailed technical analysis: what triggered the rollback, what went wrong in the migration, were there warning signs");
  }

  void impact() {
    document_.heading("Impact Assessment");
    document_.heading("Data", 3);
    document_.list(incident_.impact.data);
    document_.heading("System", 3);
    document_.list(incident_.impact.system);
    document_.heading("Performance", 3);
    document_.list(incident_.impact.performance);
    document_.fill("users and stakeholders that were affected, and how");
  }

  void effectiveness() {
    document_.heading("Response Effectiveness");
    document_.sentence("Times are counted from the detection.");
    Table table{{"", "at most", "took", "verdict", "evidence"}, {}};
    for (const Response& one : incident_.responses) {
      table.rows.push_back({one.name, duration_text(one.limit_ms), took(one), verdict_words(one.verdict), one.evidence});
    }
    const bool late = incident_.taken_ms > incident_.limit_ms;
    table.rows.push_back({fmt::format("rollback of {}, from the command on", name_of(rollback_.phase)), duration_text(incident_.limit_ms), duration_text(incident_.taken_ms),
                          verdict_words(late ? "not met" : rollback_.ended_ms ? "met" : kNotMeasured), rollback_.ended_ms ? "first to last entry of the journal" : "it has not ended"});
    document_.add(std::move(table));
    document_.fill("what worked, what did not, were all procedures followed");
  }

  void drilled() {
    document_.heading("Was this drilled?");
    if (!beside_.drill) {
      document_.sentence({"No drill stands beside this incident: " + beside_.why_none, Tone::bad});
      return;
    }
    const Drill& drill = *beside_.drill;
    Facts facts;
    facts.lines.emplace_back("Drill", fmt::format("{} of {}, profile {}, {}{}", drill.run_id, drill.started_at, drill.profile, drill.subject.empty() ? "unknown stores" : drill.subject, drill.whole ? "" : "; it was cut short"));
    facts.lines.emplace_back("Record", Words(drill.path, Tone::plain, true));
    document_.add(std::move(facts));
    Table table{{"what happened", "nearest drilled cell", "drilled?", "recovery there, at most", "here"}, {}};
    for (const Nearest& one : nearest()) {
      const std::string& differs = one.what_differs;
      Words verdict = one.nearness == Nearness::same   ? Words("drilled, and passed", Tone::good)
                      : one.nearness == Nearness::near ? Words("drilled in another step of the same phase, and passed", Tone::unknown)
                                                       : Words("this was never drilled", Tone::bad);
      if (one.nearness == Nearness::never && one.cell && !differs.empty()) verdict.text += "; nearest, but for " + differs;
      std::string there = one.cell && one.cell->recovery_ms ? fmt::format("{} ({})", duration_text(*one.cell->recovery_ms), one.cell->proof) : kNotMeasured;
      if (one.projected_ms) there += fmt::format("; {} projected for your stores", duration_text(*one.projected_ms));
      table.rows.push_back({to_text(one.occurrence), cell_words(one), verdict, there, duration_text(incident_.taken_ms)});
    }
    document_.add(std::move(table));
    document_.sentence("A simulated time is that of the library's own work on a disk in memory; the real one holds this disk's syncs and your records.");
  }

  static Words cell_words(const Nearest& one) {
    if (!one.cell) return "none of that phase";
    // What a control run has not measured is how long it takes; that of a recovery is the more careful figure.
    if (one.occurrence.fault.empty() && one.nearness != Nearness::never) return fmt::format("the control run without a fault; the longest recovery: `{}`", one.cell->id);
    return {one.cell->id, Tone::plain, true};
  }

  std::vector<Nearest> nearest() const {
    const std::string store = incident_.migration == nullptr ? "" : stores_of(*incident_.migration);
    return nearest_cells(*beside_.drill, incident_.occurrences, store);
  }

  void actions() {
    document_.heading("Action Items");
    std::vector<std::string> lines = incident_.actions;
    const bool never = !beside_.drill || [&] {
      const auto found = nearest();
      return std::any_of(found.begin(), found.end(), [](const Nearest& one) { return one.nearness == Nearness::never; });
    }();
    if (never) lines.push_back(fmt::format("Drill it from now on: `rollproof report incident {} --to-scenario FILE`, then `rollproof-drill run --scenario FILE`.", incident_.id()));
    document_.list(lines, true);
    document_.fill("specific improvements, each with an owner and a date");
  }

  void follow_up() {
    document_.heading("Follow-up Actions");
    const int64_t end = rollback_.ended_ms.value_or(now_ms_);
    document_.list({fmt::format("Immediate assessment (root cause, impact, response), until {}", time_text(end + 2 * kHour_ms)),
          fmt::format("Detailed analysis (logs, performance data, code of what failed, process), until {}", time_text(end + 24 * kHour_ms)),
          fmt::format("This report, complete, until {}", time_text(end + 24 * kHour_ms)),
          fmt::format("Closer watching until {}", time_text(end + 24 * kHour_ms)),
          fmt::format("Review on {}", time_text(end + 7 * 24 * kHour_ms).substr(0, 10)),
          "Document lessons learned", "Update rollback procedures", "Improve the migration process", "Enhance monitoring and alerting", "Update team training", "Review and test the changes"},
         true);
    document_.fill("next steps with a timeline, and who has seen this report");
  }

  void origin() {
    document_.heading("Where this comes from");
    std::string from = fmt::format("Read on {} from {}; the beginning of this rollback is entry {} there ({}).", time_text(now_ms_), history_.read_from, rollback_.position, rollback_.id);
    if (!history_.clean) from += " The journal was not closed cleanly: `rollproof recover` may add to it.";
    document_.sentence(from);
  }

  const History& history_;
  const Incident& incident_;
  const Operation& rollback_;
  const Beside& beside_;
  int64_t now_ms_;
  Document document_;
};

}  // namespace

Document incident_document(const History& history, const Incident& incident, const Beside& beside, int64_t now_ms) { return Printer(history, incident, beside, now_ms).take(); }

Document incidents_document(const History& history, int64_t now_ms) {
  Document document{"Incidents", {}};
  Table table{{"incident", "status", "phase", "took", "impact", "trigger"}, {}};
  for (auto one = history.operations.rbegin(); one != history.operations.rend(); ++one) {
    if (one->incident.empty()) continue;
    const Incident incident = incident_of(history, *one, now_ms);
    table.rows.push_back({Words(incident.id(), Tone::plain, true), {incident.status, tone_of_status(incident.status)}, std::string(name_of(one->phase)), duration_text(incident.taken_ms), incident.impact.level, record::legal_text(incident.trigger, 200, "its report")});
  }
  if (table.rows.empty()) {
    document.sentence("None: no rollback was ever begun here.");
    return document;
  }
  document.add(std::move(table));
  document.sentence(fmt::format("Read on {} from {}. One of them: `rollproof report incident ID`.", time_text(now_ms), history.read_from));
  return document;
}

}  // namespace rollproof::report
