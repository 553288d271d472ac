#include <fmt/format.h>

#include <map>
#include <set>

#include "reports/html/page.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports::html {
namespace {

constexpr int kLabel = 150, kCellWidth = 90, kCellHeight = 32, kTop = 24;
constexpr size_t kRowsDrawn = 60;  // more phases than that are no picture any more; the table has them
constexpr size_t kGapsListed = 400;

std::string left_of(const Cell& cell) { return cell.not_run != 0 && cell.cases_run != 0 ? fmt::format("{} of {} not run", counted(cell.not_run), counted(cell.planned())) : ""; }

void fill_cell(const Cell& cell, int x, int y, int width, Dictionary& picture) {
  if (cell.planned() == 0 && !cell.not_applicable) {
    Dictionary& empty = add(picture, "CELL");
    for (const auto& [name, value] : {std::pair{"X", x}, {"Y", y}, {"W", 0}, {"TX", x + width / 2}, {"TY", y + 19}, {"SIZE", 12}}) set(empty, name, std::to_string(value));
    for (const auto& [name, value] : {std::pair{"FILL", "#FFFFFF"}, {"STROKE", "#FFFFFF"}, {"INK", "#777777"}, {"TEXT", "·"}}) set(empty, name, value);
    return;
  }
  const Verdict verdict = cell.verdict();
  const Look look = look_of(verdict);
  const bool planned = cell.planned() != 0;
  Dictionary& field = add(picture, "CELL");
  const std::string left = left_of(cell);
  set(field, "X", std::to_string(x));
  set(field, "Y", std::to_string(y));
  set(field, "W", std::to_string(width - 4));
  set(field, "TX", std::to_string(x + width / 2 - 2));
  set(field, "TY", std::to_string(y + (left.empty() ? 19 : 14)));
  set(field, "FILL", verdict == Verdict::failed ? "url(#hatch)" : verdict == Verdict::inconclusive ? "url(#dots)" : planned ? look.fill : "#EEEEEE");
  set(field, "STROKE", planned ? "#1A1A1A" : "#EEEEEE");
  set(field, "INK", planned ? look.ink : "#555555");
  const std::string text = cell.to_string();
  set(field, "TEXT", text);
  set(field, "SIZE", text.size() <= 12 ? "12" : text.size() <= 15 ? "10.5" : "9");  // a glyph has three bytes
  if (planned && verdict == Verdict::not_run) add(field, "DASHED");
  if (verdict == Verdict::failed || verdict == Verdict::inconclusive) add(field, "BOLD");
  if (left.empty()) return;
  Dictionary& small = add(field, "LEFT");
  set(small, "LY", std::to_string(y + 25));
  set(small, "TEXT", left);
}

void fill_picture(const Matrix& matrix, Dictionary& page) {
  Dictionary& picture = add(page, "HEAT_MAP");
  const size_t rows = std::min(matrix.rows.size(), kRowsDrawn);
  const int width = std::max(kCellWidth, static_cast<int>((1000 - kLabel) / std::max<size_t>(1, matrix.faults.size())));
  set(picture, "WIDTH", std::to_string(kLabel + static_cast<int>(matrix.faults.size()) * width));
  set(picture, "HEIGHT", std::to_string(kTop + static_cast<int>(rows) * kCellHeight + 4));
  for (size_t i = 0; i < matrix.faults.size(); ++i) {
    Dictionary& fault = add(picture, "FAULT");
    set(fault, "X", std::to_string(kLabel + static_cast<int>(i) * width + width / 2 - 2));
    set(fault, "NAME", legal_text(matrix.faults[i], 60));
  }
  for (size_t r = 0; r < matrix.rows.size(); ++r) {
    const Row& row = matrix.rows[r];
    Dictionary& in_table = add(picture, "TABLE_ROW");
    set(in_table, "PHASE", row.phase);
    set(in_table, "DIRECTION", row.direction);
    for (const Cell& cell : row.cells) {
      Dictionary& field = add(in_table, "FIELD");
      set(field, "TEXT", cell.to_string());
      if (const std::string left = left_of(cell); !left.empty()) set(add(field, "LEFT"), "TEXT", left);
    }
    if (r >= rows) continue;
    const int y = kTop + static_cast<int>(r) * kCellHeight;
    Dictionary& name = add(picture, "ROW");
    set(name, "Y", std::to_string(y + 19));
    set(name, "NAME", legal_text(fmt::format("{} {}", row.phase, row.direction), 60));
    for (size_t i = 0; i < row.cells.size(); ++i) fill_cell(row.cells[i], kLabel + static_cast<int>(i) * width, y, width, picture);
  }
}

// One folded table per row of the matrix: a line for each step and pair of stores, a field for each fault.
void fill_steps(const Run& run, const Matrix& matrix, Dictionary& page) {
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::map<std::string, Cell>>> steps;
  for (const Scenario& scenario : run.scenarios) steps[scenario.phase + "\n" + scenario.direction][{scenario.step, scenario.store}][scenario.fault].add(scenario);
  for (const Row& row : matrix.rows) {
    const auto found = steps.find(row.phase + "\n" + row.direction);
    if (found == steps.end()) continue;
    Dictionary& part = add(page, "STEPS");
    Cell all;
    std::set<std::string> used;
    for (const auto& [step, cells] : found->second) {
      for (const auto& [fault, cell] : cells) {
        used.insert(fault);
        all.passed += cell.passed;
        all.failed += cell.failed;
        all.inconclusive += cell.inconclusive;
        all.not_run += cell.not_run;
      }
    }
    set(part, "NAME", row.phase + " " + row.direction);
    std::string summary;
    for (const auto& [count, word] : {std::pair{all.failed, "✗ {} failed"}, {all.inconclusive, "? {} inconclusive"}, {all.passed, "✓ {} passed"}, {all.not_run, "○ {} not run"}}) {
      if (count != 0) summary += (summary.empty() ? "" : ", ") + fmt::format(fmt::runtime(word), counted(count));
    }
    set(part, "SUMMARY", summary);
    for (const std::string& fault : matrix.faults) {
      if (used.contains(fault)) set(add(part, "FAULT"), "NAME", fault);
    }
    for (auto& [step, cells] : found->second) {
      Dictionary& line = add(part, "STEP");
      set(line, "NAME", step.first);
      set(line, "STORE", step.second);
      for (const std::string& fault : matrix.faults) {
        if (used.contains(fault)) set(add(line, "FIELD"), "TEXT", cells[fault].to_string());
      }
    }
  }
}

void fill_gaps(const Run& run, Dictionary& page) {
  set(page, "STEPS_COMPLETE", run.steps_known == 0 ? "Steps with cases of a crash, a process death and an I/O error each: not measured."
                                                   : fmt::format("{} of {} steps (phase, direction, step, stores) have cases of a crash, a process death and an I/O error each.", run.steps_complete, run.steps_known));
  std::map<std::string, std::set<std::string>> reasons;  // what can not happen, by why
  for (const auto& [id, reason] : run.not_applicable) {
    const size_t from = id.find('.'), to = from == std::string::npos ? from : id.find('.', from + 1);
    reasons[reason].insert(to == std::string::npos ? id : id.substr(from + 1, to - from - 1));
  }
  for (const auto& [reason, what] : reasons) {
    Dictionary& part = add(page, "NOT_APPLICABLE");
    set(part, "WHAT", legal_text(fmt::format("{}", fmt::join(what, ", ")), 400));
    set(part, "REASON", reason);
  }
  if (run.gaps.empty()) return;
  Dictionary& part = add(page, "GAPS");
  set(part, "COUNT", plural(run.gaps.size(), "scenario"));
  if (run.gaps.size() > kGapsListed) set(add(part, "GAPS_CUT"), "LISTED", counted(kGapsListed));
  for (size_t i = 0; i < run.gaps.size() && i < kGapsListed; ++i) {
    Dictionary& gap = add(part, "GAP");
    set(gap, "ID", run.gaps[i].first);
    set(gap, "REASON", run.gaps[i].second);
  }
}

}  // namespace

void fill_coverage(const Run& run, Dictionary& page) {
  const Matrix matrix = matrix_of(run);
  if (matrix.rows.empty()) {
    add(page, "NO_MATRIX");
  } else {
    fill_picture(matrix, page);
    fill_steps(run, matrix, page);
  }
  fill_gaps(run, page);
}

}  // namespace rollproof::reports::html
