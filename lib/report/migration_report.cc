#include "lib/report/migration_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/time_text.h"
#include "lib/record/shown_text.h"

namespace rollproof::report {
namespace {

using record::counted;
using record::duration_text;

// Seed 003, "Phase N Completion", Total Duration.
constexpr int64_t kPlanned_ms[] = {180 * 60'000, 105 * 60'000, 360 * 60'000, 180 * 60'000, 60 * 60'000};

std::string count_of(const Json* fact) { return fact == nullptr || !fact->is_number_unsigned() ? kNotMeasured : counted(fact->get<uint64_t>()); }
std::string text_of(const Json* fact) { return fact == nullptr || !fact->is_string() ? kNotMeasured : fact->get<std::string>(); }

Words measured(std::string text) {
  if (text == kNotMeasured) return verdict_words(text);
  return text;
}

std::string latency_text(const std::optional<migrate::Latency>& one) {
  if (!one) return kNotMeasured;
  return fmt::format("{} / {} / {}", record::microseconds_text(one->p50_us), record::microseconds_text(one->p95_us), record::microseconds_text(one->p99_us));
}

class Printer {
 public:
  Printer(const History& history, const MigrationRecord& record, int64_t now_ms) : history_(history), record_(record), migration_(*record.migration), now_ms_(now_ms) {}

  Document take() {
    document_.title = "Migration Completion Report: " + migration_.id;
    summary();
    phases();
    metrics();
    integrity();
    performance();
    issues();
    deliverables();
    document_.heading("Recommendations");
    document_.list(recommendations(), true);
    document_.fill("post-migration recommendations");
    checklists();
    document_.heading("Where this comes from");
    document_.sentence(fmt::format("Read on {} from {}. {}", time_text(now_ms_), history_.read_from, others()));
    return std::move(document_);
  }

 private:
  const Json* inventory(const char* name) const {
    const auto seal = migration_.seals.find("inventory");
    return seal == migration_.seals.end() || !seal->second.facts.contains(name) ? nullptr : &seal->second.facts.at(name);
  }
  const Seal* seal(const char* kind) const {
    const auto found = migration_.seals.find(kind);
    return found == migration_.seals.end() ? nullptr : &found->second;
  }

  // After a rollback what counts is the source.
  Words integrity_of_the_source() const {
    const Operation& rollback = *record_.last_rollback;
    if (const Json* records = rollback.fact("prove-source", "records")) {
      return {fmt::format("100 % preserved: {} records of the source, proven by the rollback against {}", count_of(records), text_of(rollback.fact("prove-source", "compared_with"))), Tone::good};
    }
    const Json* unchanged = rollback.fact("prove-untouched", "unchanged");
    if (unchanged != nullptr && *unchanged == Json(true)) return {"100 % preserved: neither store was opened for writing, the source's files are as validate found them", Tone::good};
    return {fmt::format("not measured: {}", text_of(rollback.fact("prove-untouched", "files"))), Tone::unknown};
  }

  Words integrity_words() const {
    if (migration_.outcome == "rolled_back" && record_.last_rollback != nullptr) return integrity_of_the_source();
    const Seal* equal = seal("equivalence");
    if (equal == nullptr) return verdict_words(kNotMeasured);
    const std::string records = count_of(equal->facts.contains("records") ? &equal->facts.at("records") : nullptr);
    if (equal->passed && record_.status == "FAILED") return {fmt::format("not measured since something failed; after the copy {} records were equal byte for byte", records), Tone::unknown};
    if (equal->passed) return {fmt::format("100 % preserved: {} records compared byte for byte after the copy", records), Tone::good};
    return {fmt::format("{} differences in {} records", count_of(equal->facts.contains("differences") ? &equal->facts.at("differences") : nullptr), records), Tone::bad};
  }

  void summary() {
    document_.heading("Executive Summary");
    Facts facts;
    const Tone tone = record_.status == "SUCCESS" ? Tone::good : record_.status == "FAILED" ? Tone::bad : Tone::plain;
    facts.lines.emplace_back("Migration Status", Words(fmt::format("{}: {}", record_.status, record_.standing), tone));
    facts.lines.emplace_back("Total Duration", fmt::format("{} from beginning to {}, {} of it at work", duration_text(record_.total_ms), migration_.ended_ms ? "end" : "its last command", duration_text(record_.at_work_ms)));
    facts.lines.emplace_back("Data Integrity", integrity_words());
    facts.lines.emplace_back("System Availability", Words("not measured: nobody counts the reads and writes of your programs", Tone::unknown));
    facts.lines.emplace_back("Source", Words(migration_.source, Tone::plain, true));
    facts.lines.emplace_back("Target", Words(migration_.target, Tone::plain, true));
    facts.lines.emplace_back("Begun", time_text(migration_.begun_ms));
    facts.lines.emplace_back("Ended", migration_.ended_ms ? time_text(*migration_.ended_ms) : "it runs");
    facts.lines.emplace_back("Configuration", Words("sha256 " + migration_.config_sha256, Tone::plain, true));
    for (const std::string& incident : record_.incidents) facts.lines.emplace_back("Incident", Words(incident, Tone::plain, true));
    document_.add(std::move(facts));
    document_.fill("one paragraph for people who were not there");
  }

  void phases() {
    document_.heading("Phase Completion Summary");
    Table table{{"phase", "status", "at work", "the documents plan", "attempts", "begun", "done"}, {}};
    for (const PhaseRecord& one : record_.phases) {
      const Tone tone = one.status == "done" ? Tone::good : one.status == "not finished" ? Tone::bad : Tone::plain;
      table.rows.push_back({fmt::format("{} {}", table.rows.size() + 1, name_of(one.phase)), {one.status, tone}, one.attempts == 0 ? "" : duration_text(one.at_work_ms), duration_text(kPlanned_ms[static_cast<size_t>(one.phase)]), one.attempts == 0 ? "" : std::to_string(one.attempts),
                            one.begun_ms ? time_text(*one.begun_ms) : "", one.done_ms ? time_text(*one.done_ms) : ""});
    }
    document_.add(std::move(table));
  }

  void metrics() {
    document_.heading("Technical Metrics");
    Facts facts;
    const Json* spaces = inventory("spaces");
    const Seal* equal = seal("equivalence");
    const std::string compared = equal != nullptr && equal->passed ? count_of(equal->facts.contains("records") ? &equal->facts.at("records") : nullptr) : kNotMeasured;
    facts.lines.emplace_back("Records Migrated", measured(compared == kNotMeasured ? compared : fmt::format("{} compared in both stores; validate had sealed {}", compared, count_of(inventory("records")))));
    facts.lines.emplace_back("Spaces Validated", measured(spaces == nullptr ? kNotMeasured : std::to_string(spaces->size())));
    facts.lines.emplace_back("Excepted Records", measured(count_of(inventory("excepted_records"))));
    facts.lines.emplace_back("Writes During The Migration", measured(migration_.writes ? counted(*migration_.writes) : kNotMeasured));
    facts.lines.emplace_back("Put Aside (the target's format can not hold it)", measured(count_of(record_.fact("cutover/conditions", "quarantined"))));
    facts.lines.emplace_back("Commands That Failed", fmt::format("{} of {}", record_.commands_failed, record_.commands));
    facts.lines.emplace_back("Error Rate", Words("not measured: nobody counts the calls of your programs that failed", Tone::unknown));
    document_.add(std::move(facts));
    if (spaces == nullptr || spaces->empty()) return;
    document_.heading("Records per space", 3);
    Table table{{"space", "records, as validate sealed them"}, {}};
    for (const auto& [space, count] : spaces->items()) table.rows.push_back({space, count_of(&count)});
    document_.add(std::move(table));
    if (const Json* account = inventory("account")) {
      std::string text;
      for (const auto& [name, count] : account->items()) {
        std::string words = name;
        std::replace(words.begin(), words.end(), '_', ' ');
        text += fmt::format("{}{} {}", text.empty() ? "What the values are made of: " : ", ", count_of(&count), words);
      }
      document_.sentence(text + ".");
    }
  }

  void integrity() {
    document_.heading("Data Integrity");
    Table table{{"moment", "records", "digest"}, {}};
    const auto row = [&](const char* moment, const Json* records, const Json* digest) { table.rows.push_back({moment, measured(count_of(records)), digest == nullptr ? verdict_words(kNotMeasured) : Words(text_of(digest), Tone::plain, true)}); };
    const auto in_seal = [&](const char* kind, const char* name) -> const Json* {
      const Seal* found = seal(kind);
      return found == nullptr || !found->facts.contains(name) ? nullptr : &found->facts.at(name);
    };
    row("source, sealed by validate", inventory("records"), inventory("digest"));
    row("backup, opened and read", in_seal("backup", "records"), in_seal("backup", "digest"));
    row("source, compared after the copy", in_seal("equivalence", "records"), in_seal("equivalence", "source_digest"));
    row("target, compared after the copy", in_seal("equivalence", "records"), in_seal("equivalence", "target_digest"));
    row("target, read from its files in prove", record_.fact("prove/target-alone", "records"), record_.fact("prove/target-alone", "digest"));
    if (!record_.incidents.empty()) row("source, proven by the rollback", in_seal("source", "records"), in_seal("source", "digest"));
    document_.add(std::move(table));
    document_.sentence("A digest is of every key and value; digests of different moments differ by the writes between them.");
  }

  void performance() {
    document_.heading("Performance Impact");
    document_.sentence("p50 / p95 / p99 of single calls. The limit is on the p95; a difference below what counts is met.");
    Table table{{"", "source, before", "target", "p95", "limit", "verdict"}, {}};
    for (const Compared& one : record_.performance) {
      table.rows.push_back({one.kind, measured(latency_text(one.source)), measured(latency_text(one.target)), one.ratio ? fmt::format("{:.2f}x", *one.ratio) : "", fmt::format("{:.0f}x", one.limit), verdict_words(one.verdict)});
    }
    document_.add(std::move(table));
    const auto memory = [](const std::optional<uint64_t>& bytes) { return bytes ? fmt::format("{:.1f} MB", static_cast<double>(*bytes) / 1e6) : std::string(kNotMeasured); };
    Facts facts;
    facts.lines.emplace_back("Memory", fmt::format("{} with the source open and read, {} with the target (limit 150 %)", memory(record_.memory_source), memory(record_.memory_target)));
    const auto& alone = record_.performance[1].source;
    facts.lines.emplace_back("Writing To Both", record_.dual_write ? Words(fmt::format("p50 {}, p95 {} (to the source alone: {}; limit 1.5x)", record::microseconds_text(record_.dual_write->p50_us), record::microseconds_text(record_.dual_write->p95_us), alone ? "p95 " + record::microseconds_text(alone->p95_us) : kNotMeasured)) : verdict_words(kNotMeasured));
    document_.add(std::move(facts));
  }

  void issues() {
    document_.heading("Issues Encountered");
    if (record_.errors.empty()) {
      document_.sentence("None in the journal.");
    } else {
      document_.list(record_.errors);
    }
    document_.fill("resolutions, and issues that no journal sees");
  }

  void deliverables() {
    document_.heading("Deliverables");
    Table table{{"phase", "deliverable", "verdict", "evidence"}, {}};
    for (const Deliverable& one : record_.deliverables) table.rows.push_back({std::string(name_of(one.phase)), one.text, verdict_words(one.verdict), one.evidence});
    document_.add(std::move(table));
  }

  std::vector<std::string> recommendations() const {
    std::vector<std::string> lines;
    if (record_.status == "SUCCESS" && !migration_.ended_ms) {
      lines.push_back("Keep the way back warm: `rollproof can-rollback` measures it, on a throw-away view.");
      lines.push_back("Compare both stores again after 24 hours: `rollproof verify`.");
    }
    if (record_.status == "NOT FINISHED" || record_.status == "FAILED") lines.push_back("`rollproof status` says where it stands; `rollproof migrate --execute` goes on, `rollproof rollback --execute` goes back.");
    if (record_.status == "ROLLED BACK" && !record_.incidents.empty()) {
      lines.push_back(fmt::format("Complete the incident report: `rollproof report incident {}`.", record_.incidents.back()));
      lines.push_back("Prove the state after the rollback: `rollproof report validation`.");
    }
    for (const Compared& one : record_.performance) {
      if (one.verdict == "not met") lines.push_back(fmt::format("Find out why {} of the target take more than {:.0f} times as long.", one.kind, one.limit));
    }
    for (const Deliverable& one : record_.deliverables) {
      if (one.verdict == kNotMeasured && record_.phases[static_cast<size_t>(one.phase)].status == "done") lines.push_back(fmt::format("{} is not measured: {}.", one.text, one.evidence));
    }
    return lines;
  }

  void checklists() {
    document_.heading("Documents to update");
    document_.list({"Deployment instructions", "Troubleshooting guides", "System architecture documentation", "Post-migration best practices guide"}, true);
    document_.heading("Pre-migration checklist, to be confirmed by a person");
    document_.list({"All team members have required access", "Backup procedures documented and tested", "Rollback plans reviewed and approved", "Migration timeline communicated to stakeholders",
                    "Emergency contact information verified", "Test environment validation completed"},
                   true);
  }

  std::string others() const {
    std::string text;
    for (const Migration& one : history_.migrations) {
      if (one.id != migration_.id) text += fmt::format("{}`{}`", text.empty() ? "Other migrations there: " : ", ", one.id);
    }
    return text.empty() ? "It tells of no other migration." : text + ".";
  }

  const History& history_;
  const MigrationRecord& record_;
  const Migration& migration_;
  int64_t now_ms_;
  Document document_;
};

}  // namespace

Document migration_document(const History& history, const MigrationRecord& record, int64_t now_ms) { return Printer(history, record, now_ms).take(); }

}  // namespace rollproof::report
