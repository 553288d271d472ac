#include "harness/drill/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "harness/drill/completeness.h"
#include "harness/drill/own_report.h"
#include "harness/drill/real_report.h"

namespace rollproof::drill {
namespace {

constexpr size_t kViolationsShown = 12;
constexpr int kBarWidth = 24;

// One field of the matrix: a glyph and a number, never colour alone.
struct Field {
  uint64_t passed = 0, failed = 0, inconclusive = 0, left_out = 0;

  std::string to_string() const {
    if (failed != 0) return fmt::format("✗ {}/{}", failed, passed + failed + inconclusive);
    if (inconclusive != 0) return fmt::format("? {}/{}", inconclusive, passed + inconclusive);
    if (passed != 0) return fmt::format("✓ {}", passed);
    return left_out != 0 ? "○ not run" : "·";
  }
};

// Padded by what is seen, not by bytes.
std::string padded(const std::string& text, size_t width) {
  const size_t seen = static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  return text + std::string(seen < width ? width - seen : 1, ' ');
}

std::string matrix_of(const Outcome& outcome) {
  std::map<std::string, std::map<fault::Kind, Field>> rows;
  std::vector<std::string> order;
  for (const CellOutcome& cell : outcome.cells) {
    const std::string row = cell.cell.phase + "  " + cell.cell.direction;
    if (!rows.contains(row)) order.push_back(row);
    Field& field = rows[row][cell.cell.fault];
    field.passed += cell.passed;
    field.failed += cell.failed;
    field.inconclusive += cell.inconclusive;
    field.left_out += cell.counts.excluded_total();
  }
  const auto kinds = fault::all_kinds();
  std::string text = padded("phase", 22);
  for (const fault::Kind kind : kinds) text += padded(std::string(name_of(kind)), 15);
  text += "\n";
  for (const std::string& row : order) {
    text += padded(row, 22);
    for (const fault::Kind kind : kinds) text += padded(kind == fault::Kind::connection ? "n/a" : rows[row][kind].to_string(), 15);
    text += "\n";
  }
  return text + fmt::format("n/a: {}\n", kNoDatabase);
}

std::string counts_text(const RandomCounts& random) {
  return fmt::format("{} of {} random stories under {} random faults, {} disk contents\n", random.stories, random.planned, random.cases, random.images) +
         fmt::format("{} of {} random walks: {} commands one after the other, {} of them struck by a death or a power loss and recovered from\n", random.walks, random.walks_planned, random.commands, random.strikes);
}

}  // namespace

std::string finding_text(const KeptFinding& finding) {
  std::string text = fmt::format("made small, promise {}: {}\n", finding.promise, finding.words);
  for (const std::string& operation : finding.matters) text += "    " + operation + "\n";
  const std::string matter = finding.matters.empty() ? "" : fmt::format("{} operation{} of ", finding.matters.size(), finding.matters.size() == 1 ? " matters," : "s matter,");
  return text + fmt::format("  {}{}{} operations of the drilled commands up to it; kept as {}\n", finding.fault.empty() ? "" : finding.fault + ", ", matter, finding.operations, finding.file);
}

std::string random_text(const Outcome& outcome, const RunIdentity& identity, uint64_t seed) {
  std::string text = fmt::format("seed {}\n", seed);
  for (const FoundViolation& violation : outcome.violations) text += fmt::format("✗ promise {}: {}\n  {}\n", violation.promise, violation.what, replay_line(identity, violation, seed));
  for (const KeptFinding& finding : outcome.kept) text += finding_text(finding);
  return text + counts_text(outcome.random);
}

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) == 1), shown_(Clock::now()) {}

ProgressBar::~ProgressBar() {
  if (terminal_) fmt::print(stderr, "\r\033[K");
}

void ProgressBar::show(const Progress& progress) {
  if (progress.story_number != last_.story_number) before_ += last_.done;
  last_ = progress;
  const auto now = Clock::now();
  if (now - shown_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(30'000))) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = seconds > 0 ? static_cast<double>(before_ + progress.done) / seconds : 0;
  const std::string words = fmt::format("story {}/{} {}  {}/{} cases  {:.0f} cases/s{}", progress.story_number, progress.stories, progress.story, progress.done,
                                        progress.total, rate, progress.failed == 0 ? "" : fmt::format("  {} FAILED", progress.failed));
  if (!terminal_) return fmt::print(stderr, "{}\n", words);
  const int filled = progress.total == 0 ? 0 : static_cast<int>(progress.done * kBarWidth / progress.total);
  fmt::print(stderr, "\r\033[K[{}{}] {}", std::string(filled, '#'), std::string(kBarWidth - filled, '.'), words.substr(0, 90));
}

std::string summary_of(const Outcome& outcome, const DrillOptions& options, const RunIdentity& identity, const std::string& out) {
  std::string text = fmt::format("seed {}  profile {}\n\n", options.seed, options.profile.name);
  for (const ControlOutcome& control : outcome.controls) {
    const bool good = control.result.verdict == Verdict::passed;
    text += fmt::format("{} control {} ({} file operations){}\n", good ? "✓" : "✗", padded(control.story, 24), control.operations,
                        good ? "" : ": " + (control.result.violations.empty() ? std::string("no answer") : control.result.violations.front().what));
  }
  if (!outcome.cells.empty()) text += "\n" + matrix_of(outcome) + "\n" + to_text(completeness_of(outcome));
  std::set<std::string> shown;
  for (const FoundViolation& violation : outcome.violations) {
    // One of a kind is enough here; the record has them all.
    const std::string kind = fmt::format("{} {}", violation.promise, violation.case_id.substr(0, violation.case_id.find('/')));
    if (shown.size() >= kViolationsShown || !shown.insert(kind).second) continue;
    text += fmt::format("\n✗ promise {}: {}\n  {}\n", violation.promise, violation.what, replay_line(identity, violation, options.seed));
  }
  for (const KeptFinding& finding : outcome.kept) text += "\n" + finding_text(finding);
  const Counts total = outcome.total();
  const double seconds = static_cast<double>(std::max<int64_t>(1, outcome.duration_ms)) / 1000;
  text += fmt::format("\n{} cases planned = {} run + {} pruned as identical + {} excluded\n", total.planned, total.run, total.pruned, total.excluded_total());
  for (const auto& [reason, count] : total.excluded) text += fmt::format("  excluded {}: {}\n", count, reason);
  text += fmt::format("{} disk contents recovered and checked in {:.1f} s, {:.0f} per second\n", outcome.images, seconds, static_cast<double>(outcome.images) / seconds);
  if (outcome.random.planned != 0) text += counts_text(outcome.random);
  text += to_text(outcome.real);
  text += outcome.violations_total == 0 ? "0 violations\n" : fmt::format("{} violations\n", outcome.violations_total);
  text += to_text(outcome.ways_back);
  if (options.own) text += subject_text(*options.own, outcome.originals_after);
  if (!out.empty()) text += fmt::format("reports: {}\n", out);
  return text;
}

}  // namespace rollproof::drill
