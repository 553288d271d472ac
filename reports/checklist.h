// The checklists that a drill fills: the twelve lines of rollback testing (six tests, six points of validation) of the localStorage
// migration's document, and the sixteen lines of verification after a rollback of the state migration's. Each is judged from a run record
// and from nothing else.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/run.h"

namespace rollproof::reports {

struct ChecklistLine {
  std::string list;      // "rollback testing", "after a rollback"
  std::string part;      // "Tests", "Validation"; "System health", …
  int number = 0;        // within its list
  std::string text;
  std::string verdict;   // "met", "not met", "not measured", "not applicable"
  std::string evidence;  // in words, with counts; for "not measured" what is missing
};

// The twelve, then the sixteen. What the record does not hold is not measured.
std::vector<ChecklistLine> checklist_of(const Run& run);

// As `checklist` in the record, and in checklist.json.
nlohmann::ordered_json to_json(const std::vector<ChecklistLine>& lines);

// "✓ met", "✗ not met", "? not measured", "– not applicable".
std::string marked(const std::string& checklist_verdict);

// checklist.md and checklist.json. The same record gives the same bytes.
std::string render_checklist(const Run& run);
std::string render_checklist_json(const Run& run);

}  // namespace rollproof::reports
