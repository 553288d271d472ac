#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/html/page.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports::html {
namespace {

constexpr int kLabel = 150, kWidth = 1000, kScale = 820, kLine = 34, kTop = 14;

constexpr const char* kSimulated = "simulated";

// From 1 ms at the left edge to ten hours at the right one.
int x_of(int64_t ms) { return kLabel + static_cast<int>(std::lround(kScale * std::min(1.0, std::log10(static_cast<double>(std::max<int64_t>(1, ms))) / std::log10(36'000'000.0)))); }

struct Line {
  std::string phase, clock;
  uint64_t count = 0;
  std::optional<int64_t> p50, p95;
  int64_t max_ms = 0, target_ms = 0;
  std::vector<int64_t> real_ms;
};

std::vector<Line> lines_of(const Run& run) {
  std::vector<Line> lines;
  for (const std::string& phase : phases_of(run)) {
    const Cell cell = cell_of_phase(run, phase);
    Line line{.phase = phase, .clock = kSimulated, .count = cell.cases_run, .p50 = percentile(cell.times, 50), .p95 = percentile(cell.times, 95), .max_ms = cell.max_ms, .target_ms = cell.target_ms};
    for (const Projection& one : run.projections) {
      if (one.phase == phase) line.real_ms.push_back(one.projected_ms);
    }
    if (cell.cases_run != 0 || !line.real_ms.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

void fill_time_row(const Line& line, Dictionary& part) {
  Dictionary& row = add(part, "TIME");
  set_look(row, against(line.max_ms, line.target_ms));
  set(row, "PHASE", line.phase);
  set(row, "CLOCK", line.clock);
  set(row, "COUNT", counted(line.count));
  const bool single = line.clock != kSimulated;
  set(row, "P50", single ? "one run" : time_or_nothing(line.p50));
  set(row, "P95", single ? "one run" : time_or_nothing(line.p95));
  set(row, "MAX", duration_text(line.max_ms));
  set(row, "TARGET", line.target_ms == 0 ? "none" : duration_text(line.target_ms));
  set(row, "ROOM", line.target_ms == 0 ? "" : line.max_ms <= line.target_ms ? duration_text(line.target_ms - line.max_ms) : duration_text(line.max_ms - line.target_ms) + " over");
}

void fill_range(const Line& line, int y, Dictionary& part) {
  const int to = x_of(line.max_ms), from = std::min(to - 3, x_of(line.p50.value_or(line.max_ms)));
  Dictionary& range = add(part, "RANGE");
  const Verdict verdict = line.count == 0 ? Verdict::not_run : against(line.max_ms, line.target_ms);
  set_look(range, verdict);
  const auto at = [](Dictionary& into, const char* name, int value) { set(into, name, std::to_string(value)); };
  set(range, "PHASE", legal_text(line.phase, 60));
  at(range, "X1", from);
  at(range, "W", line.count == 0 ? 0 : to - from);
  at(range, "Y", y);
  at(range, "TY", y + 12);
  // Right of everything that is drawn.
  int right = to;
  std::string text = line.count == 0 ? "not measured" : "max " + duration_text(line.max_ms);
  for (const int64_t ms : line.real_ms) {
    right = std::max(right, x_of(ms));
    text += ", real " + duration_text(ms);
  }
  at(range, "LX", right + 10);
  set(range, "TEXT", text);
  if (line.p95) {
    Dictionary& tick = add(range, "P95");
    at(tick, "X", x_of(*line.p95));
    at(tick, "Y1", y - 3);
    at(tick, "Y2", y + 17);
  }
  if (line.target_ms != 0) {
    Dictionary& target = add(range, "TARGET");
    at(target, "X", x_of(line.target_ms));
    at(target, "Y1", y - 5);
    at(target, "Y2", y + 19);
    at(target, "LX", x_of(line.target_ms) - 6);
    set(target, "TEXT", duration_text(line.target_ms));
  }
  for (const int64_t ms : line.real_ms) {
    Dictionary& diamond = add(range, "DIAMOND");
    const int x = x_of(ms);
    for (const auto& [name, value] : {std::pair{"X", x}, {"XL", x - 6}, {"XR", x + 6}, {"Y1", y + 1}, {"YM", y + 7}, {"Y2", y + 13}}) at(diamond, name, value);
  }
}

}  // namespace

void fill_recovery(const Run& run, Dictionary& page) {
  const auto lines = lines_of(run);
  if (lines.empty()) {
    add(page, "NO_RECOVERY");
    return;
  }
  Dictionary& part = add(page, "RANGES");
  const int bottom = kTop + static_cast<int>(lines.size()) * kLine;
  set(part, "WIDTH", std::to_string(kWidth));
  set(part, "HEIGHT", std::to_string(bottom + 24));
  for (const auto& [ms, text] : {std::pair{1, "1 ms"}, {10, "10 ms"}, {100, "0.1 s"}, {1000, "1 s"}, {10'000, "10 s"}, {60'000, "1 min"}, {600'000, "10 min"}, {3'600'000, "1 h"}, {36'000'000, "10 h"}}) {
    Dictionary& tick = add(part, "TICK");
    set(tick, "X", std::to_string(x_of(ms)));
    set(tick, "Y2", std::to_string(bottom));
    set(tick, "TY", std::to_string(bottom + 14));
    set(tick, "TEXT", text);
  }
  int y = kTop + 6;
  for (const Line& line : lines) {
    fill_range(line, y, part);
    if (line.count != 0) fill_time_row(line, part);
    y += kLine;
  }
  for (const Projection& one : run.projections) {
    fill_time_row({.phase = one.phase, .clock = fmt::format("real rollback{}, projected from {}", one.source_damaged ? " with a damaged source" : "", duration_text(one.measured_ms)), .count = 1, .max_ms = one.projected_ms,
                   .target_ms = one.limit_ms}, part);
  }
}

}  // namespace rollproof::reports::html
