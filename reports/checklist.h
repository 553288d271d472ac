// The rollback testing checklist: the twelve lines of the localStorage migration's document (six tests, six points of validation),
// each judged from a run record and from nothing else.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace rollproof::reports {

struct ChecklistLine {
  int number = 0;
  std::string text;
  std::string verdict;   // "met", "not met", "not measured", "not applicable"
  std::string evidence;  // in words, with counts; for "not measured" what is missing
};

// REQUIRES: `record` is a run.json of this schema (schema_version 1); what is missing in it counts as not measured.
std::vector<ChecklistLine> checklist_of(const nlohmann::ordered_json& record);

// As `checklist` in the record.
nlohmann::ordered_json to_json(const std::vector<ChecklistLine>& lines);

// checklist.md. The same record gives the same bytes.
std::string render_checklist(const nlohmann::ordered_json& record);

}  // namespace rollproof::reports
