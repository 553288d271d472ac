#include "harness/drill/real_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/process/step_watch.h"

namespace rollproof::drill {

using process::RealCase;
using process::RealStage;

namespace {

std::string store_of(const std::string& target_kind) { return "leveldb>" + target_kind; }

}  // namespace

Cell cell_of(const RealCase& what, const std::string& target_kind) {
  const bool between = what.fault.kind == process::RealFault::Kind::damage && what.fault.number == 0;
  Cell cell{what.stage.phase, what.fault.column(), what.stage.direction, what.step.substr(what.step.find('/') + 1), store_of(target_kind)};
  if (what.step == process::kOpen || between) cell.phase = what.stage.phase_before;
  if (what.fault.kind == process::RealFault::Kind::damage) cell.step = what.fault.how.substr(what.fault.how.find(' ') + 1);
  return cell;
}

namespace {

std::string where_of(const RealCase& what) { return what.fault.kind == process::RealFault::Kind::damage && what.fault.number != 0 ? what.stage.name + "/" + what.step : what.stage.name; }

}  // namespace

std::string id_of(const RealCase& what, const std::string& target_kind) { return fmt::format("{}/{}:{}", cell_of(what, target_kind).to_string(), where_of(what), what.fault.to_string()); }

Result<NamedRealCase> real_case_named(const std::string& id) {
  const size_t slash = id.find('/'), colon = id.find(':', slash);
  const auto wrong = [&] { return fail(Code::invalid, fmt::format("\"{}\" is no real case", id), "", "A real case is SCENARIO/real-STAGE:FAULT, as a run prints it."); };
  if (slash == std::string::npos || colon == std::string::npos) return wrong();
  ROLLPROOF_ASSIGN(const Cell cell, Cell::parse(std::string_view(id).substr(0, slash)));
  std::string stage = id.substr(slash + 1, colon - slash - 1), step;
  if (const size_t behind = stage.find('/'); behind != std::string::npos) {
    step = stage.substr(behind + 1);
    stage.resize(behind);
  }
  ROLLPROOF_ASSIGN(const process::RealFault fault, process::RealFault::parse(std::string_view(id).substr(colon + 1)));
  for (const RealStage& each : process::real_stages()) {
    if (each.name != stage) continue;
    RealCase what{each, step.empty() ? each.journal_step(cell.step) : step, fault};
    const std::string target_kind = cell.store.substr(cell.store.find('>') + 1);
    if (what.fault.kind == process::RealFault::Kind::damage && what.fault.number == 0) what.step = process::kOpen;
    // A limit from the start on finds its step itself.
    if (what.fault.kind != process::RealFault::Kind::memory_limit && id_of(what, target_kind) != id) return wrong();
    return NamedRealCase{what, target_kind};
  }
  return wrong();
}

Result<std::string> explain_real(const std::string& id) {
  ROLLPROOF_ASSIGN(const NamedRealCase wanted, real_case_named(id));
  return fmt::format("`rollproof {}` as a real process on a real disk, {} to {}: {}.\n", fmt::join(wanted.what.stage.command, " "), wanted.what.fault.number == 0 ? "as it is about to begin," : "in step " + wanted.what.step + ", from leveldb",
                     wanted.target_kind, wanted.what.fault.in_words());
}

}  // namespace rollproof::drill
