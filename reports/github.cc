#include "reports/github.h"

#include <fmt/format.h>

#include "reports/judgement.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr size_t kAnnotations = 9;
constexpr size_t kRoomForTheEnd = 4096;

// The message of a workflow command; in a property colons and commas are escaped as well.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string matrix_text(const Run& run) {
  const Matrix matrix = matrix_of(run);
  if (matrix.rows.empty()) return "";
  std::string out = "| phase | direction |", line = "|---|---|";
  for (const std::string& fault : matrix.faults) {
    out += fmt::format(" {} |", markdown_escaped(fault));
    line += "---|";
  }
  out += "\n" + line + "\n";
  for (const Row& row : matrix.rows) {
    out += fmt::format("| {} | {} |", markdown_escaped(row.phase), markdown_escaped(row.direction));
    for (const Cell& cell : row.cells) out += fmt::format(" {}{} |", cell.to_string(), cell.not_run != 0 && cell.cases_run != 0 ? fmt::format(" (○ {} not run)", cell.not_run) : "");
    out += "\n";
  }
  return out + "\n";
}

std::string end_of(const Run& run) {
  return fmt::format("<sub>{} cases run of {} planned, {} disk contents checked, {}. Run {}, profile {}, seed {}.</sub>\n", counted(run.cases.run), counted(run.cases.planned),
                     counted(run.images), run.mutants_planned == 0 ? "mutants not run" : fmt::format("{} of {} mutants caught", run.mutants_caught, run.mutants_planned), markdown_escaped(legal_text(run.run_id, 200)), markdown_escaped(legal_text(run.profile, 200)), run.seed);
}

}  // namespace

std::string render_github(const Run& run) {
  const Judgement judgement = judgement_of(run);
  std::string out = fmt::format("## {} Rollback drill: {}\n\n{}.\n\n", glyph_of(judgement.verdict), judgement.word, markdown_escaped(judgement.why));
  const size_t most = kMostSummaryBytes - kRoomForTheEnd;
  const std::string matrix = matrix_text(run);
  const bool with_matrix = matrix.size() < most / 2;  // a hostile record may have any number of phases
  const auto outside = run.outside_of_scenarios();
  for (size_t i = 0; i < outside.size() && i < kAnnotations; ++i) {
    out += fmt::format("- ✗ **promise {}** {}: {}\n  replay: {}\n", outside[i]->promise, markdown_code(outside[i]->case_id), markdown_escaped(outside[i]->what), markdown_code(outside[i]->replay));
  }
  size_t shown = 0;
  const auto kinds = kinds_of_trouble(run);
  for (const Kind& kind : kinds) {
    const Scenario& one = *kind.front();
    const std::string entry = fmt::format("- {} **{}** {}{}: {}\n{}", glyph_of(one.verdict), markdown_escaped(one.category), markdown_code(one.id), kind.size() == 1 ? "" : fmt::format(" and {}", plural(kind.size() - 1, "more scenario")),
                                          markdown_escaped(one.observed), one.replay.empty() ? "" : fmt::format("  replay: {}\n", markdown_code(one.replay)));
    if (out.size() + entry.size() + (with_matrix ? matrix.size() : 0) > most) break;
    out += entry;
    ++shown;
  }
  if (shown < kinds.size()) out += fmt::format("- and {} in run.json\n", plural(kinds.size() - shown, "more kind"));
  out += "\n";
  out += with_matrix ? matrix : "The matrix has no room here; it is in report.html.\n\n";
  return out + end_of(run);
}

std::string render_annotations(const Run& run) {
  const Judgement judgement = judgement_of(run);
  if (judgement.verdict == Verdict::passed) return "";
  const auto worst = worst_first(run);
  std::string out;
  for (size_t i = 0; i < worst.size() && i < kAnnotations; ++i) {
    const Scenario& one = *worst[i];
    out += fmt::format("::{} title={}::{}\n", one.verdict == Verdict::failed ? "error" : "warning", escaped(legal_text(one.id, 200), true),
                       escaped(legal_text(fmt::format("{}: {}{}", one.category, legal_text(one.observed, 1000), one.replay.empty() ? "" : "\nreplay: " + one.replay), 4000), false));
  }
  const char* kind = judgement.verdict == Verdict::failed ? "error" : "warning";
  if (worst.size() > kAnnotations) return out + fmt::format("::{} title=rollback drill::{} more in report.html\n", kind, worst.size() - kAnnotations);
  return worst.empty() ? fmt::format("::{} title=rollback drill::{}\n", kind, escaped(legal_text(judgement.word + ": " + judgement.why, 4000), false)) : out;
}

}  // namespace rollproof::reports
