#include "lib/report/incident.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/time_text.h"
#include "lib/base/words.h"
#include "lib/incident/field.h"
#include "lib/record/shown_text.h"
#include "lib/report/occurrence.h"
#include "lib/rollback/criteria.h"

namespace rollproof::report {
namespace {

using incident::text_in;
using incident::whole_in;

constexpr int64_t kMinute_ms = 60'000;

bool is_trouble(const std::string& type) { return type == "looked_again" || type == "safe_stop" || type == "foreign_open" || type == "foreign_taken_over" || type == "store_behind"; }

std::string sentence_of(const Happening& happening) {
  const Json& event = happening.event;
  std::string what;
  if (happening.type == "safe_stop" || happening.type == "looked_again") {
    what = (happening.type == "safe_stop" ? "safe stop: " : "looked at a second time before a safe stop (where that went well: check this machine's disk and memory): ") + text_in(event, "message");
    if (!text_in(event, "path").empty()) what += " (" + text_in(event, "path") + ")";
  } else if (happening.type == "foreign_open") {
    what = "another program had changed files of the " + text_in(event, "store") + "; the records were the same";
  } else if (happening.type == "foreign_taken_over") {
    what = "writes of another program to the " + text_in(event, "store") + " were taken over";
  } else if (happening.type == "store_behind") {
    what = fmt::format("the {} could not be opened for a write, and lacked it until it could be: {}", text_in(event, "store"), text_in(event, "why"));
  } else if (happening.type == "operation_end") {
    what = fmt::format("{} {} ({}): {}", text_in(event, "operation"), text_in(event, "result"), whole_in(event, "exit_code").value_or(0), text_in(event, "error"));
  } else if (happening.type == "left_open") {
    what = fmt::format("{} {} was begun and nobody recorded its end", text_in(event, "operation"), text_in(event, "operation_id"));
  }
  return time_text(happening.time_ms) + " " + what;
}

// Failures of this migration since it last did what it was asked for: what the rollback answers.
std::vector<Happening> led_to_it(const History& history, const Migration& migration, const Operation& rollback) {
  std::vector<Happening> found;
  for (const size_t index : migration.operations) {
    const Operation& one = history.operations[index];
    if (&one == &rollback) break;
    if (one.succeeded()) found.clear();
    for (const Happening& happening : one.happenings) {
      if (is_trouble(happening.type)) found.push_back(happening);
    }
    if (!one.ended_ms) {
      found.push_back({one.position, one.begun_ms, "left_open", Json{{"operation", one.kind}, {"operation_id", one.id}}});
    } else if (!one.succeeded()) {
      found.push_back({one.position, *one.ended_ms, "operation_end",
                       Json{{"operation", one.kind}, {"result", one.result}, {"exit_code", one.exit_code}, {"error", one.error}}});
    }
  }
  for (const Happening& happening : migration.outside) {
    if (is_trouble(happening.type) && happening.position < rollback.position) found.push_back(happening);
  }
  std::stable_sort(found.begin(), found.end(), [](const Happening& a, const Happening& b) { return a.time_ms < b.time_ms; });
  return found;
}

Moment detection(const Incident& incident) {
  Moment moment{"Initial issue detected", incident.rollback->detected_ms, "said with `--detected` when the rollback was begun"};
  if (moment.time_ms) return moment;
  // A command that was stopped on request is no problem that anybody detected.
  const auto first = std::find_if(incident.before.begin(), incident.before.end(), [](const Happening& one) {
    return one.type != "left_open" && text_in(one.event, "result") != "stopped";
  });
  if (first != incident.before.end()) return {moment.name, first->time_ms, "the journal's first failure before the rollback"};
  return {moment.name, std::nullopt, "nobody said when (`rollproof rollback --detected TIME`), and no failure is in the journal before it"};
}

Moment done_moment(const char* name, const Operation& rollback, std::initializer_list<const char*> steps, const char* what) {
  for (const char* step : steps) {
    if (const Step* done = rollback.done_step(step)) return {name, done->done_ms, fmt::format("{}: step {} was done", what, step)};
  }
  return {name, std::nullopt, "the rollback did not get that far"};
}

Response respond(const char* name, int64_t minutes, const std::optional<int64_t>& detected, const std::optional<int64_t>& decided, const Moment& until) {
  Response response{.name = name, .limit_ms = minutes * kMinute_ms, .verdict = "not measured"};
  if (!until.time_ms) {
    response.evidence = until.source;
    return response;
  }
  if (detected) {
    response.taken_ms = *until.time_ms - *detected;
    response.verdict = *response.taken_ms <= response.limit_ms ? "met" : "not met";
    response.evidence = "from the detection";
    return response;
  }
  const int64_t at_least = *until.time_ms - decided.value_or(*until.time_ms);
  response.evidence = fmt::format("the detection has no time; from the decision it took {}", record::duration_text(at_least));
  if (at_least > response.limit_ms) {
    response.verdict = "not met";
    response.evidence += ", which is more than the limit by itself";
  }
  return response;
}

// Nothing records when an assessment was over; it was no later than the decision that followed from it.
Response assessment(const std::optional<int64_t>& detected, const Moment& decided) {
  Response response{.name = "emergency assessment", .limit_ms = 5 * kMinute_ms, .verdict = "not measured"};
  if (!detected || !decided.time_ms) {
    response.evidence = "the detection has no time";
  } else if (*decided.time_ms - *detected <= response.limit_ms) {
    response.verdict = "met";
    response.taken_ms = *decided.time_ms - *detected;
    response.at_most = true;
    response.evidence = "nothing records when it was over; no later than the decision";
  } else {
    response.evidence = fmt::format("nothing records when it was over; it was decided {} after the detection", record::duration_text(*decided.time_ms - *detected));
  }
  return response;
}

// Damage that the rollback came upon. It is worth more than a reason that nobody gave.
std::string damage_of(const Operation& rollback) {
  for (const char* step : {"check-source", "prove-source", "prove-untouched"}) {
    const Json* damage = rollback.fact(step, "damage");
    if (damage != nullptr && damage->is_string()) return fmt::format("{} the source was found damaged: {}", time_text(*rollback.done_step(step)->done_ms), damage->get<std::string>());
  }
  return "";
}

// It may be damaged, older, or another program's; earlier versions did not write down which.
std::string because(const Json& event) {
  const std::string why = event.value("why", std::string());
  return why.empty() ? "" : fmt::format(" ({})", why);
}

void take_disturbances(Incident& incident) {
  const Operation& rollback = *incident.rollback;
  if (const std::string damage = damage_of(rollback); !damage.empty()) incident.failures.push_back(damage);
  for (const Happening& one : rollback.happenings) {
    if (one.type != "session_begin") {
      if (is_trouble(one.type)) incident.failures.push_back(sentence_of(one));
      if (one.type == "source_replacing") incident.disturbances.push_back(fmt::format("{} the source was replaced by one made from {}{}; the one of before is kept at {}", time_text(one.time_ms), text_in(one.event, "from"), because(one.event), text_in(one.event, "aside")));
      continue;
    }
    const std::string command = text_in(one.event, "command");
    if (one.interrupted_before) incident.disturbances.push_back(fmt::format("{} interrupted before: `{}` found the stores open", time_text(one.time_ms), command));
    if (command == "rollproof recover") incident.disturbances.push_back(fmt::format("{} carried on by `{}`", time_text(one.time_ms), command));
  }
  if (!rollback.succeeded() && rollback.ended_ms) {
    incident.failures.push_back(fmt::format("{} the rollback ended with exit code {}{}", time_text(*rollback.ended_ms), rollback.exit_code, rollback.is_said_by_a_safe_stop() ? "" : ": " + rollback.error));
  }
}

std::string text_of(const Json* fact) { return fact == nullptr || !fact->is_string() ? "?" : fact->get<std::string>(); }
std::string count_of(const Json* fact) { return fact == nullptr || !fact->is_number_unsigned() ? "not measured" : record::counted(fact->get<uint64_t>()); }

void assess_data(Incident& incident) {
  const Operation& rollback = *incident.rollback;
  auto& data = incident.impact.data;
  if (const Json* records = rollback.fact("prove-source", "records")) {
    const Json* with = rollback.fact("prove-source", "compared_with");
    const Json* digest = rollback.fact("prove-source", "digest");
    data.push_back(fmt::format("{} records of the source were compared with {}; digest {}", count_of(records), text_of(with), text_of(digest)));
    data.push_back("records lost or changed: 0, or the step would have failed");
    if (const Json* written = rollback.fact("prove-source", "written_since")) data.push_back(fmt::format("keys written since that copy and kept, Rollproof's own probes among them: {}", count_of(written)));
  } else if (const Json* files = rollback.fact("prove-untouched", "files")) {
    data.push_back("neither store had been opened for writing; the source's files: " + text_of(files));
  } else {
    data.push_back("records lost or changed: not measured, the source was not proven");
  }
  if (incident.migration != nullptr) {
    data.push_back(incident.migration->writes ? fmt::format("writes through the route during the migration: {}", record::counted(*incident.migration->writes))
                                              : "writes through the route during the migration: not measured, the audit trail does not count them");
  }
}

void assess_impact(Incident& incident) {
  const Operation& rollback = *incident.rollback;
  Impact& impact = incident.impact;
  assess_data(incident);
  const bool target_answered = rollback.route_before == "dual_target_first" || rollback.route_before == "target_only";
  impact.system.push_back(target_answered ? "the target answered when it began; the source answers since the switch back" : "the source answered the whole time");
  impact.system.push_back(fmt::format("route {} before, {} after", rollback.route_before, rollback.route_after));
  impact.system.push_back("availability: not measured, nobody counts the reads and writes of your programs");
  impact.performance.push_back("not measured by the journal; `rollproof report validation` times the source against the baseline");
  const auto replaced = std::any_of(rollback.happenings.begin(), rollback.happenings.end(), [](const Happening& one) { return one.type == "source_replacing"; });
  if (!rollback.succeeded()) impact.reasons.push_back(rollback.ended_ms ? "the rollback did not reach its end" : "the rollback has not ended");
  if (replaced) impact.reasons.push_back("the source was damaged and had to be made anew");
  if (!impact.reasons.empty()) {
    impact.level = "high";
    return;
  }
  if (target_answered) impact.reasons.push_back("the target had answered reads and writes");
  if (incident.taken_ms > incident.limit_ms) impact.reasons.push_back("the rollback took longer than the limit of its phase");
  if (!incident.disturbances.empty()) impact.reasons.push_back("the rollback was interrupted on its way");
  impact.level = impact.reasons.empty() ? "low" : "medium";
  if (impact.reasons.empty()) impact.reasons.push_back("the source answered the whole time, and the rollback went through undisturbed and in time");
}

void propose_actions(Incident& incident) {
  const Operation& rollback = *incident.rollback;
  auto& actions = incident.actions;
  if (!rollback.ended_ms) actions.push_back("Finish it: `rollproof recover`.");
  if (rollback.ended_ms && !rollback.succeeded()) actions.push_back("Do what the safe stop asked for, then roll back again; `rollproof status` repeats it.");
  if (!incident.detected.time_ms) actions.push_back("Write down when and how it was noticed; next time give it along: `rollproof rollback --detected TIME`.");
  if (rollback.reason.empty()) actions.push_back("Write down why it was rolled back; next time give it along: `--reason TEXT`.");
  for (const Happening& one : rollback.happenings) {
    if (one.type == "source_replacing") actions.push_back(fmt::format("Keep the source of before as evidence until the cause is known: {}", text_in(one.event, "aside")));
  }
  for (const Response& one : incident.responses) {
    if (one.verdict == "not met") actions.push_back(fmt::format("Find out why the {} took longer than {}.", one.name, record::duration_text(one.limit_ms)));
  }
  if (rollback.succeeded()) actions.push_back("Prove the state of now: `rollproof report validation`.");
}

}  // namespace

Incident incident_of(const History& history, const Operation& rollback, int64_t now_ms) {
  Incident incident;
  incident.rollback = &rollback;
  incident.migration = history.migration(rollback.migration);
  incident.status = !rollback.ended_ms ? "not ended" : rollback.succeeded() ? "resolved" : rollback.result;
  if (incident.migration != nullptr) {
    incident.before = led_to_it(history, *incident.migration, rollback);
    for (const size_t index : incident.migration->operations) {
      const Operation& later = history.operations[index];
      if (later.position > rollback.position && !later.incident.empty()) incident.replaced_by = later.incident;
    }
  }
  for (const Happening& one : incident.before) incident.failures.push_back(sentence_of(one));
  take_disturbances(incident);
  incident.trigger = rollback.reason;
  if (incident.trigger.empty() && !incident.before.empty()) incident.trigger = sentence_of(incident.before.front());
  // What it came upon itself says more than nothing.
  if (incident.trigger.empty() && !incident.failures.empty()) incident.trigger = incident.failures.front();

  incident.detected = detection(incident);
  incident.decided = {"Rollback decision made", rollback.begun_ms, "the command was given by " + (rollback.by.empty() ? std::string("somebody") : rollback.by)};
  const Step* first = rollback.steps.empty() ? nullptr : &rollback.steps.front();
  incident.started = {"Rollback execution started", first == nullptr ? std::nullopt : std::optional(first->begun_ms),
                      first == nullptr ? "no step was begun" : "its first step, " + first->name};
  incident.restored = done_moment("System restored", rollback, {"prove-source", "prove-untouched"}, "the source answers and is proven");
  incident.verified = rollback.succeeded() ? done_moment("Verification completed", rollback, {"verify-restored", "undo-phases"}, "the result was looked at")
                                           : Moment{"Verification completed", std::nullopt, "the rollback did not get that far"};
  const auto& detected = incident.detected.time_ms;
  incident.responses = {assessment(detected, incident.decided), respond("rollback decision", 10, detected, incident.decided.time_ms, incident.decided),
                        respond("rollback execution", 30, detected, incident.decided.time_ms, incident.restored),
                        respond("system verification", 60, detected, incident.decided.time_ms, incident.verified)};
  incident.taken_ms = rollback.ended_ms.value_or(now_ms) - rollback.begun_ms;
  incident.limit_ms = rollback::limit_minutes(rollback.phase) * kMinute_ms;
  for (const Step& step : rollback.steps) {
    if (step.done_ms) incident.steps.push_back({step.name, *step.done_ms - step.begun_ms});
  }
  assess_impact(incident);
  incident.occurrences = occurrences_of(history, incident);
  propose_actions(incident);
  return incident;
}

Result<const Operation*> find_incident(const History& history, const std::string& id) {
  if (const Operation* found = history.incident(id)) return found;
  const auto ids = history.incidents();
  if (ids.empty()) return fail(Code::not_found, "there is no incident: no rollback was ever begun here", "", "`rollproof status` shows where things stand.");
  const std::string near = nearest(id, ids);
  return fail(Code::not_found, fmt::format("there is no incident {}", record::legal_text(id, 200, "what was typed")), "",
              near.empty() ? "`rollproof report incident` lists them." : fmt::format("Did you mean {}? `rollproof report incident` lists them.", near));
}

}  // namespace rollproof::report
