// Coverage as phase and direction against fault, and the times of recovery along both.
#pragma once

#include <string>
#include <vector>

#include "reports/run.h"

namespace rollproof::reports {

// Several scenarios taken together.
struct Cell {
  uint64_t passed = 0, failed = 0, inconclusive = 0, not_run = 0;  // scenarios
  uint64_t cases_run = 0, cases_failed = 0, cases_inconclusive = 0, images = 0, fired = 0;
  int64_t max_ms = 0, target_ms = 0;
  Times times;
  bool not_applicable = false;
  std::string why;  // not applicable

  uint64_t planned() const { return passed + failed + inconclusive + not_run; }
  Verdict verdict() const;  // the worst of what ran; not_run only if nothing did
  // Glyph and number: "✗ 6 of 55", "? 2 of 10", "? incomplete", "✓ 3,417", "○ not run", "·" where nothing was planned, "n/a".
  std::string to_string() const;
  void add(const Scenario& scenario);
};

struct Row {
  std::string phase, direction;
  std::vector<Cell> cells;  // as Matrix::faults
};

struct Matrix {
  std::vector<std::string> faults;
  std::vector<Row> rows;  // phases in their order, forward before rollback before recovery
};

Matrix matrix_of(const Run& run);

// The phases that the record speaks of, in the order in which they are gone through.
std::vector<std::string> phases_of(const Run& run);

// All scenarios of a phase; `direction` empty: of every one.
Cell cell_of_phase(const Run& run, const std::string& phase, const std::string& direction = {});

// "31 ms", or "not measured" for a phase in which nothing was recovered from.
std::string time_or_nothing(const std::optional<int64_t>& ms);

// Scenarios that did not pass, worst first: failed by how bad the category is, then inconclusive; by id among equals. Not those that were not run.
std::vector<const Scenario*> worst_first(const Run& run);

// The same, those of one category in which the same was seen taken together, so that equal ones do not drown the others. Never empty.
using Kind = std::vector<const Scenario*>;
std::vector<Kind> kinds_of_trouble(const Run& run);

}  // namespace rollproof::reports
