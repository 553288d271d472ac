#include "reports/gate_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kFailingShown = 5;

// A record may come from anywhere, and goes to a terminal.
std::string printable(std::string text) {
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

const char* glyph_of(GateClause::Verdict verdict) { return verdict == GateClause::Verdict::passed ? "✓" : verdict == GateClause::Verdict::failed ? "✗" : "○"; }

}  // namespace

Json to_json(const Gate& gate) {
  Json clauses = Json::array();
  for (const GateClause& clause : gate.clauses) {
    Json json{{"number", clause.number}, {"id", clause.id}, {"name", fmt::format("{} {}", clause.number, clause.id)}, {"verdict", name_of(clause.verdict)}, {"measured", clause.measured},
              {"limit", clause.limit}, {"margin", clause.margin}, {"why", clause.why}, {"failing", clause.failing}, {"failing_total", clause.failing_total}};
    json["exit_codes"] = Json::array();
    for (const ExitCode code : clause.codes) json["exit_codes"].push_back(static_cast<int>(code));
    clauses.push_back(std::move(json));
  }
  return Json{{"exit_code", static_cast<int>(gate.code)}, {"meaning", meaning_of(gate.code)}, {"next", gate.next}, {"clauses", std::move(clauses)}};
}

Json known_failures_json(const Gate& gate) {
  Json list = Json::array();
  for (const KnownFailureState& state : gate.known_failures) {
    Json json = to_json(state.known);
    json["state"] = state.state;
    json["scenarios"] = state.scenarios;
    list.push_back(std::move(json));
  }
  return list;
}

std::string to_text(const Gate& gate) {
  std::string text;
  for (const GateClause& clause : gate.clauses) {
    text += fmt::format("{} {} {:<15} {:<11}", glyph_of(clause.verdict), clause.number, clause.id, name_of(clause.verdict));
    std::string words = clause.measured;
    if (!clause.why.empty() && clause.failing.empty()) words += (words.empty() ? "" : "; ") + clause.why;
    text += printable(words) + "\n";
    if (clause.verdict == GateClause::Verdict::failed) text += fmt::format("      wanted: {}\n", printable(clause.limit));
    for (size_t i = 0; i < std::min(clause.failing.size(), kFailingShown); ++i) text += fmt::format("      {}\n", printable(clause.failing[i]));
    if (clause.failing_total > kFailingShown) text += fmt::format("      and {} more\n", clause.failing_total - kFailingShown);
  }
  for (const KnownFailureState& state : gate.known_failures) {
    if (state.state != "in force") text += printable(fmt::format("  known failure {}: {}", state.known.id, state.state)) + "\n";
  }
  return text + printable(fmt::format("exit code {}: {}. {}", static_cast<int>(gate.code), meaning_of(gate.code), gate.next)) + "\n";
}

}  // namespace rollproof::reports
