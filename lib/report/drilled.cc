#include "lib/report/drilled.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/incident/field.h"
#include "lib/os/paths.h"

namespace rollproof::report {
namespace {

using incident::text_in;
using incident::whole_in;

constexpr uint64_t kRecordBytesMax = 512ull << 20;

const Json& member(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

Cell cell_of(const Json& json) {
  const Json& fault = member(json, "fault");
  return {text_in(json, "id"), text_in(json, "phase"), text_in(json, "direction"), text_in(json, "step"), text_in(json, "store"), text_in(fault, "kind"),
          text_in(json, "verdict"), text_in(json, "proof"), static_cast<uint64_t>(std::max<int64_t>(0, whole_in(fault, "fired_count").value_or(0))),
          whole_in(json, "recovery_ms")};
}

bool proves(const Cell& cell) { return cell.verdict == "passed" && cell.fired > 0; }

// The weight of what differs: another kind of fault is another story, another step mostly the same one.
int distance(const Cell& cell, const Occurrence& one, const std::string& store) {
  int away = 0;
  if (cell.direction != one.direction) away += 16;
  if (!one.fault.empty() && cell.fault != one.fault) away += 8;
  if (cell.store != store) away += 4;
  if (!proves(cell)) away += 2;
  if (!one.step.empty() && cell.step != one.step) away += 1;
  return away;
}

std::string what_differs(const Cell& cell, const Occurrence& one, const std::string& store) {
  std::string text;
  const auto add = [&](bool differs, const char* what) {
    if (differs) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(cell.direction != one.direction, "the direction");
  add(!one.fault.empty() && cell.fault != one.fault, "the kind of fault");
  add(cell.store != store, "the kinds of stores");
  add(!one.step.empty() && cell.step != one.step, "the step");
  add(!proves(cell), "that it proves nothing, or failed");
  return text;
}

Nearest nearest_to(const Drill& drill, const Occurrence& one, const std::string& store) {
  Nearest nearest{.occurrence = one};
  int best = 0;
  for (const Cell& cell : drill.cells) {
    if (cell.phase != one.phase) continue;
    const int away = distance(cell, one, store);
    // Of equally near ones the slowest: that is what to be prepared for.
    const bool better = !nearest.cell || away < best || (away == best && cell.recovery_ms.value_or(0) > nearest.cell->recovery_ms.value_or(0));
    if (!better) continue;
    best = away;
    nearest.cell = cell;
  }
  if (!nearest.cell) return nearest;
  nearest.what_differs = what_differs(*nearest.cell, one, store);
  if (best == 0) nearest.nearness = Nearness::same;
  if (best == 1) nearest.nearness = Nearness::near;
  return nearest;
}

}  // namespace

Result<Drill> parse_drill(const std::string& text, const std::string& path) {
  const Json record = Json::parse(text, nullptr, false);
  if (!record.is_object() || !member(record, "scenarios").is_array()) {
    return fail(Code::invalid, "is no record of a drill", path, "Name the run.json that `rollproof-drill run` has written.");
  }
  if (const auto version = whole_in(record, "schema_version"); version != 1) {
    return fail(Code::invalid, fmt::format("is a record of version {}, known is 1", version ? std::to_string(*version) : "?"), path, "Drill again with this version.");
  }
  Drill drill{.path = path, .run_id = text_in(record, "run_id"), .started_at = text_in(record, "started_at"), .profile = text_in(record, "profile"),
              .subject = text_in(member(record, "subject"), "kind"), .commit = text_in(member(record, "tool"), "commit"),
              .whole = text_in(record, "execution") == "completed"};
  for (const Json& scenario : record.at("scenarios")) drill.cells.push_back(cell_of(scenario));
  for (const Json& control : member(member(record, "coverage"), "controls")) {
    if (text_in(control, "verdict") != "passed") continue;
    for (const Json& phase : member(control, "rollback_from")) {
      if (phase.is_string()) drill.undisturbed.push_back(phase.get<std::string>());
    }
  }
  for (const auto& [phase, json] : member(record, "recovery").items()) {
    for (const char* name : {"projection", "projection_with_damaged_source"}) {
      const auto projected = whole_in(member(json, name), "projected_ms");
      if (projected) drill.projections.push_back({phase, std::string_view(name) != "projection", *projected});
    }
  }
  return drill;
}

Result<Drill> read_drill(os::FileSystem& files, const std::string& path) {
  auto text = os::read_file(files, path, kRecordBytesMax);
  if (!text) {
    text.error().code = Code::invalid;
    if (text.error().hint.empty()) text.error().hint = "Name the run.json that `rollproof-drill run` has written.";
    return fail(std::move(text).error());
  }
  return parse_drill(*text, path);
}

std::vector<Nearest> nearest_cells(const Drill& drill, const std::vector<Occurrence>& occurrences, const std::string& store) {
  std::vector<Nearest> found;
  for (const Occurrence& one : occurrences) {
    Nearest nearest = nearest_to(drill, one, store);
    // Without a fault the control run of the story is what was drilled; the cells only say how long a recovery took at most.
    if (one.fault.empty()) {
      const bool drilled = std::find(drill.undisturbed.begin(), drill.undisturbed.end(), one.phase) != drill.undisturbed.end();
      if (!drilled) nearest.nearness = Nearness::never;
    }
    for (const Projection& projection : drill.projections) {
      if (one.direction == "rollback" && projection.phase == one.phase && projection.source_damaged == (one.fault == "corruption")) nearest.projected_ms = projection.projected_ms;
    }
    found.push_back(std::move(nearest));
  }
  return found;
}

std::string stores_of(const Migration& migration) {
  const auto kind = [](const std::string& where) { return where.substr(0, where.find(':')); };
  if (migration.source.empty() || migration.target.empty()) return "";
  return kind(migration.source) + ">" + kind(migration.target);
}

}  // namespace rollproof::report
