// The rollback validation report (seed 002, "Validation Report Generation"; seed 000, the verification checklist): what was measured on the real
// stores after a rollback, line by line, and whether the system is ready.
#pragma once

#include <string>
#include <vector>

#include "lib/base/exit_code.h"
#include "lib/report/document.h"
#include "lib/report/history.h"
#include "lib/rollback/verification.h"

namespace rollproof::report {

struct Validation {
  int64_t now_ms = 0;
  std::string incident;      // of the rollback
  std::string operation, phase, goal;
  std::string backend;       // "leveldb:./db"
  std::string route;
  std::vector<rollback::VerificationLine> lines;
  std::string counts;        // "28/28", "28, of how many is not measured"
  std::string spaces;        // "6/6", and their names with counts
  std::string performance;   // the verdict of its part, in words
  std::string integrity;     // "100 %", "27 of 28 records", "not measured"
  std::vector<std::string> actions;
  bool operational = false;  // nothing of system health is missed
  bool ready = false;        // no line is missed, and health and data were wholly measured
  ExitCode exit_code = ExitCode::done;  // 22 if data is missed, 10 if another line is, 12 if too little was measured
};

// Pure. `source`: as the configuration names it; `incident`: of the last rollback.
Validation validation_of(const rollback::Measured& measured, const std::string& source, const std::string& incident);

Document validation_document(const Validation& validation);
Json validation_json(const Validation& validation);

}  // namespace rollproof::report
