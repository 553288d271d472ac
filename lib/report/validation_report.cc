#include "lib/report/validation_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/time_text.h"
#include "lib/record/shown_text.h"

namespace rollproof::report {
namespace {

using rollback::Measured;
using rollback::Verdict;
using rollback::VerificationLine;

constexpr std::string_view kHealth = "System health", kData = "Data integrity", kSpeed = "Performance";

bool is_there(const std::vector<VerificationLine>& lines, std::string_view part, Verdict verdict) {
  return std::any_of(lines.begin(), lines.end(), [&](const VerificationLine& line) { return (part.empty() || line.part == part) && line.verdict == verdict; });
}

size_t count(const std::vector<VerificationLine>& lines, Verdict verdict) {
  return static_cast<size_t>(std::count_if(lines.begin(), lines.end(), [&](const VerificationLine& line) { return line.verdict == verdict; }));
}

// Whether it is known what the source has to hold now: not where somebody may have written something else since.
bool is_known(const Measured& measured) { return measured.held && (measured.held->comparison.equal() || !measured.written_since); }

std::string counts_of(const Measured& measured) {
  if (!measured.inventory) return kNotMeasured;
  if (!is_known(measured)) return fmt::format("{}, of how many is not measured", record::counted(measured.inventory->records));
  return fmt::format("{}/{}", record::counted(measured.inventory->records), record::counted(measured.held->comparison.left.count()));
}

std::string spaces_of(const Measured& measured) {
  if (!measured.inventory) return kNotMeasured;
  size_t complete = 0;
  std::string names;
  for (const auto& [space, found] : measured.inventory->per_space) {
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", space, record::counted(found));
    if (is_known(measured) && measured.held->per_space.contains(space) && measured.held->per_space.at(space) == found) ++complete;
  }
  const size_t wanted = is_known(measured) ? measured.held->per_space.size() : measured.inventory->per_space.size();
  return is_known(measured) ? fmt::format("{}/{} complete ({})", complete, wanted, names) : fmt::format("{} found ({}), how many there have to be is not measured", wanted, names);
}

std::string integrity_of(const Measured& measured) {
  if (!is_known(measured) && measured.written_since) return fmt::format("{}: {}", kNotMeasured, *measured.written_since);
  if (!measured.held) return measured.held.error().code == Code::differs ? "not the records that were sealed: " + measured.held.error().to_string() : kNotMeasured;
  const auto& comparison = measured.held->comparison;
  if (comparison.equal()) return fmt::format("100 %: {} records byte for byte, against {} and the journaled writes", record::counted(comparison.right.count()), measured.held->copy);
  return fmt::format("{} of {} records differ from {} and the journaled writes", record::counted(comparison.difference_count()), record::counted(comparison.left.count()), measured.held->copy);
}

std::string performance_of(const std::vector<VerificationLine>& lines) {
  if (is_there(lines, kSpeed, Verdict::not_met)) return "not within the baseline's ranges";
  return is_there(lines, kSpeed, Verdict::not_measured) ? "within the baseline's ranges as far as it was measured" : "within the baseline's ranges";
}

ExitCode code_for(const std::vector<VerificationLine>& lines) {
  if (is_there(lines, kData, Verdict::not_met)) return ExitCode::differs;
  if (is_there(lines, "", Verdict::not_met)) return ExitCode::threshold_missed;
  if (is_there(lines, kHealth, Verdict::not_measured) || is_there(lines, kData, Verdict::not_measured)) return ExitCode::not_enough_evidence;
  return ExitCode::done;
}

Tone tone_of(Verdict verdict) { return verdict_words(std::string(rollback::name_of(verdict))).tone; }

}  // namespace

Validation validation_of(const Measured& measured, const std::string& source, const std::string& incident) {
  Validation validation{.now_ms = measured.now_ms, .incident = incident, .operation = measured.past.operation_id, .phase = std::string(name_of(measured.past.phase)),
                        .goal = measured.past.goal, .backend = answers_from_source(measured.state.route) ? source : "the target, not the source", .route = std::string(name_of(measured.state.route))};
  validation.lines = rollback::judge(measured);
  validation.counts = counts_of(measured);
  validation.spaces = spaces_of(measured);
  validation.performance = performance_of(validation.lines);
  validation.integrity = integrity_of(measured);
  for (const VerificationLine& line : validation.lines) {
    if (line.verdict == Verdict::not_met) validation.actions.push_back(fmt::format("Mend before anything else, {}: {}", line.text, line.evidence));
  }
  for (const VerificationLine& line : validation.lines) {
    if (line.verdict == Verdict::not_measured) validation.actions.push_back(fmt::format("Look at it yourself, {}: {}", line.text, line.evidence));
  }
  validation.exit_code = code_for(validation.lines);
  validation.operational = !is_there(validation.lines, kHealth, Verdict::not_met);
  validation.ready = validation.exit_code == ExitCode::done;
  return validation;
}

Document validation_document(const Validation& validation) {
  const auto& lines = validation.lines;
  Document document{"Rollback Validation Report", {}};
  const auto fact = [](bool good, std::string text) { return Words(std::move(text), good ? Tone::good : Tone::bad); };
  Facts facts;
  facts.lines.emplace_back("Report generated", time_text(validation.now_ms));
  facts.lines.emplace_back("Incident", Words(validation.incident, Tone::plain, true));
  facts.lines.emplace_back("Rollback", fmt::format("of {} to {} ({})", validation.phase, validation.goal == "source" ? "the source alone" : "the end of " + validation.goal, validation.operation));
  facts.lines.emplace_back("System status", fact(validation.operational, validation.operational ? "operational" : "not operational"));
  facts.lines.emplace_back("Backend", fmt::format("{}, route {}", validation.backend, validation.route));
  facts.lines.emplace_back("Count", validation.counts);
  facts.lines.emplace_back("Spaces", validation.spaces);
  facts.lines.emplace_back("Performance", Words(validation.performance, is_there(lines, kSpeed, Verdict::not_met) ? Tone::bad : is_there(lines, kSpeed, Verdict::not_measured) ? Tone::unknown : Tone::good));
  facts.lines.emplace_back("Data integrity", Words(validation.integrity, is_there(lines, kData, Verdict::not_met) ? Tone::bad : is_there(lines, kData, Verdict::not_measured) ? Tone::unknown : Tone::good));
  const size_t open = count(lines, Verdict::not_measured);
  facts.lines.emplace_back("System ready", !validation.ready ? Words("no", Tone::bad)
                                           : open == 0       ? Words("production can resume", Tone::good)
                                                             : Words(fmt::format("production can resume, once a person has looked at the {} not measured", record::plural(open, "line that is", "lines that are")), Tone::unknown));
  document.add(std::move(facts));
  document.heading("Post-Rollback Verification Checklist");
  document.sentence(fmt::format("{} met, {} not met, {} not measured, {} not applicable.", count(lines, Verdict::met), count(lines, Verdict::not_met), count(lines, Verdict::not_measured), count(lines, Verdict::not_applicable)));
  Table table{{"", "part", "line", "verdict", "evidence"}, {}};
  for (const VerificationLine& line : lines) {
    table.rows.push_back({std::to_string(table.rows.size() + 1), std::string(line.part), std::string(line.text), {std::string(rollback::name_of(line.verdict)), tone_of(line.verdict)}, line.evidence});
  }
  document.add(std::move(table));
  document.heading("Actions required");
  document.list(validation.actions.empty() ? std::vector<std::string>{"None."} : validation.actions, !validation.actions.empty());
  document.sentence(fmt::format("What happened: `rollproof report incident {}`.", validation.incident));
  return document;
}

Json validation_json(const Validation& validation) {
  Json json{{"generated_at", time_text(validation.now_ms)}, {"incident", validation.incident}, {"operation", validation.operation}, {"phase", validation.phase}, {"goal", validation.goal},
            {"status", validation.operational ? "operational" : "not operational"}, {"backend", validation.backend}, {"route", validation.route}, {"counts", validation.counts}, {"spaces", validation.spaces},
            {"performance", validation.performance}, {"integrity", validation.integrity}, {"lines", Json::array()}, {"actions", validation.actions}, {"ready", validation.ready},
            {"exit_code", static_cast<int>(validation.exit_code)}};
  for (const VerificationLine& line : validation.lines) {
    json["lines"].push_back({{"number", json["lines"].size() + 1}, {"part", line.part}, {"text", line.text}, {"verdict", rollback::name_of(line.verdict)}, {"evidence", line.evidence}});
  }
  return json;
}

}  // namespace rollproof::report
