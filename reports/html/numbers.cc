// Where the time goes, data safety, mutants and confidence.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "reports/html/page.h"
#include "reports/judgement.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports::html {
namespace {

void fill_work(const Run& run, Dictionary& page) {
  const Matrix matrix = matrix_of(run);
  std::vector<Cell> by_fault(matrix.faults.size());
  uint64_t all = 0, most = 1;
  for (const Row& row : matrix.rows) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      by_fault[i].images += row.cells[i].images;
      by_fault[i].max_ms = std::max(by_fault[i].max_ms, row.cells[i].max_ms);
      all += row.cells[i].images;
    }
  }
  for (const Cell& cell : by_fault) most = std::max(most, cell.images);
  if (all == 0) return;
  Dictionary& work = add(page, "WORK");
  int y = 8;
  for (size_t i = 0; i < by_fault.size(); ++i) {
    if (by_fault[i].images == 0) continue;
    Dictionary& bar = add(work, "BAR");
    const int width = static_cast<int>(std::lround(480.0 * static_cast<double>(by_fault[i].images) / static_cast<double>(most)));
    set(bar, "FAULT", legal_text(matrix.faults[i], 60));
    set(bar, "Y", std::to_string(y));
    set(bar, "TY", std::to_string(y + 12));
    set(bar, "W", std::to_string(std::max(1, width)));
    set(bar, "LX", std::to_string(158 + width));
    set(bar, "COUNT", counted(by_fault[i].images));
    set(bar, "SHARE", fmt::format("{:.1f}", 100.0 * static_cast<double>(by_fault[i].images) / static_cast<double>(all)));
    set(bar, "LONGEST", duration_text(by_fault[i].max_ms));
    y += 24;
  }
  set(work, "WIDTH", "1000");
  set(work, "HEIGHT", std::to_string(y + 4));
}

struct Part {
  const char* name;   // in the template
  const char* key;    // in the record
  const char* letter; // in the bar: never colour alone
  const char* colour;
};
constexpr std::array<Part, 4> kParts = {{{"DETECT", "detect", "de", "#56B4E9"}, {"DECIDE", "decide", "dc", "#F0E442"}, {"UNDO", "undo", "un", "#E69F00"}, {"VERIFY", "verify", "ve", "#009E73"}}};

// Of the longest recovery of each phase.
void fill_parts(const Run& run, Dictionary& page) {
  std::map<std::string, const Scenario*> longest;
  int64_t most = 1;
  for (const Scenario& scenario : run.scenarios) {
    if (!scenario.parts) continue;
    const Scenario*& known = longest[scenario.phase];
    if (known == nullptr || scenario.recovery_ms > known->recovery_ms) known = &scenario;
    most = std::max(most, scenario.recovery_ms);
  }
  if (longest.empty()) {
    add(page, "NO_PARTS");
    return;
  }
  Dictionary& table = add(page, "PARTS");
  int y = 8;
  for (const std::string& phase : phases_of(run)) {
    if (!longest.contains(phase)) continue;
    const Scenario& scenario = *longest.at(phase);
    Dictionary& row = add(table, "PART");
    set(row, "PHASE", legal_text(phase, 60));
    set(row, "TOTAL", duration_text(scenario.recovery_ms));
    set(row, "WHICH", legal_text(scenario.id, 300));
    Dictionary& bar = add(table, "STACK");
    set(bar, "PHASE", legal_text(phase, 60));
    set(bar, "TY", std::to_string(y + 13));
    double x = 150;
    for (const Part& part : kParts) {
      const int64_t ms = scenario.parts->at(part.key);
      set(row, part.name, duration_text(ms));
      const double width = 600.0 * static_cast<double>(ms) / static_cast<double>(most);
      if (ms <= 0) continue;
      Dictionary& piece = add(bar, "PIECE");
      set(piece, "X", fmt::format("{:.1f}", x));
      set(piece, "Y", std::to_string(y));
      set(piece, "W", fmt::format("{:.1f}", width));
      set(piece, "COLOUR", part.colour);
      set(piece, "WHAT", fmt::format("{} {}", part.key, duration_text(ms)));
      set(piece, "TX", fmt::format("{:.1f}", x + width / 2));
      set(piece, "TY", std::to_string(y + 13));
      set(piece, "LETTER", width >= 18 ? part.letter : "");
      x += width;
    }
    set(bar, "LX", fmt::format("{:.1f}", x + 8));
    set(bar, "TOTAL", duration_text(scenario.recovery_ms));
    y += 26;
  }
  set(table, "HEIGHT", std::to_string(y + 4));
}

// What is drawn at random bounds a rate; what a fixed pattern chooses does not, and is no more than a number.
std::string confidence_of(const Run& run) {
  uint64_t failed = 0;
  for (const Scenario& scenario : run.scenarios) failed += scenario.failed;
  bool random_failed = false;
  for (const Violation* violation : run.outside_of_scenarios()) random_failed |= violation->case_id.starts_with("random:") || violation->case_id.starts_with("walk:");
  std::string text = "Confidence: 0 failures in n random trials bound the rate of failures near 3/n (95 %). ";
  if (run.random.cases == 0) {
    text += "Random trials: not measured. ";
  } else if (random_failed) {
    text += fmt::format("A failure was found in {} random trials, so no bound is given. ", counted(run.random.cases));
  } else {
    const double rate = 3.0 / static_cast<double>(run.random.cases);
    text += fmt::format("None of {} random trials (random faults in {} random stories) failed: a rate below about {:.2g} ({:.2g} %) for stories and faults as they are drawn. ", counted(run.random.cases), counted(run.random.stories), rate, 100 * rate);
  }
  if (run.cases.run == 0) return text + "No fault point was tried by pattern.";
  return text + fmt::format("Beside them {} of {} fault points were tried by a fixed pattern, {} failed; as random trials {} would bound the rate near {:.2g}, but they were not drawn at random, so take that as a measure of size.",
                            counted(run.cases.run), counted(run.cases.planned), counted(failed), counted(run.cases.run), 3.0 / static_cast<double>(run.cases.run));
}

}  // namespace

void fill_time(const Run& run, Dictionary& page) {
  int64_t mutants = 0;
  for (const Mutant& mutant : run.caught) mutants += mutant.duration_ms;
  std::string text = fmt::format("The drill took {}", duration_text(run.duration_ms));
  if (run.images != 0 && run.duration_ms > 0) text += fmt::format(": {} recovered and checked, {} per second", plural(run.images, "disk content"), counted(run.images * 1000 / static_cast<uint64_t>(run.duration_ms)));
  if (mutants != 0) text += fmt::format(". Catching the mutants took {} more", duration_text(mutants));
  set(page, "DURATION", text + ". By fault, disk contents that were recovered and checked:");
  fill_work(run, page);
  fill_parts(run, page);
}

void fill_safety(const Run& run, Dictionary& page) {
  // Of a run that did not come to its end only so much is known.
  const Verdict unbroken = run.images == 0 ? Verdict::not_run : run.execution == "completed" ? Verdict::passed : Verdict::inconclusive;
  for (const BrokenPromise& promise : promises_of(run)) {
    Dictionary& row = add(page, "PROMISE");
    const Verdict verdict = promise.listed != 0 ? Verdict::failed : unbroken;
    set_look(row, verdict);
    set(row, "NUMBER", std::to_string(promise.promise));
    set(row, "TEXT", promise.text);
    set(row, "VERDICT", verdict == Verdict::failed ? "broken" : verdict == Verdict::passed ? "held" : verdict == Verdict::inconclusive ? "held so far" : "not measured");
    set(row, "BROKEN", promise.listed != 0 && run.violations.size() < run.violations_total ? fmt::format("at least {}", counted(promise.listed)) : counted(promise.listed));
    set(row, "CHECKED", run.images == 0 ? "not measured" : plural(run.images, "disk content"));
  }
  if (run.violations.size() < run.violations_total) {
    Dictionary& cut = add(page, "VIOLATIONS_CUT");
    set(cut, "LISTED", counted(run.violations.size()));
    set(cut, "TOTAL", counted(run.violations_total));
  }
  std::map<std::string, uint64_t> sum;
  for (const Scenario& scenario : run.scenarios) {
    if (!scenario.integrity) continue;
    for (const auto& [what, count] : *scenario.integrity) sum[what] += count;
  }
  if (sum.empty()) {
    add(page, "NO_INTEGRITY");
    return;
  }
  Dictionary& integrity = add(page, "INTEGRITY");
  for (const auto& [name, what] : {std::pair{"CHECKED", "checked"}, {"MISSING", "missing"}, {"EXTRA", "extra"}, {"CHANGED", "changed"}, {"DUPLICATED", "duplicated"}}) set(integrity, name, counted(sum[what]));
}

void fill_mutants(const Run& run, Dictionary& page) {
  if (run.mutants_planned == 0) {
    add(page, "NO_MUTANTS");
  } else {
    Dictionary& part = add(page, "MUTANTS");
    set_look(part, run.mutants_caught == run.mutants_planned && run.missed.empty() ? Verdict::passed : Verdict::failed);
    set(part, "CAUGHT", counted(run.mutants_caught));
    set(part, "PLANNED", counted(run.mutants_planned));
    for (const auto& [section, list] : {std::pair{"MISSED", &run.missed}, {"MUTANT", &run.caught}}) {
      for (const Mutant& mutant : *list) {
        Dictionary& row = add(part, section);
        set(row, "NAME", mutant.name);
        set(row, "PROMISE", std::to_string(mutant.promise));
        set(row, "MISTAKE", mutant.mistake);
        set(row, "DETAIL", mutant.detail);
        set(row, "TIME", duration_text(mutant.duration_ms));
      }
    }
  }
  set(page, "CONFIDENCE", confidence_of(run));
}

}  // namespace rollproof::reports::html
