#include "harness/drill/case_id.h"

#include <fmt/format.h>

#include "lib/migrate/phase.h"

namespace rollproof::drill {
namespace {

size_t place_of(const std::string& phase) {
  const auto known = migrate::phase_named(phase);
  return known ? static_cast<size_t>(*known) : migrate::kPhases.size();
}

}  // namespace

std::string Cell::to_string() const { return fmt::format("{}.{}.{}.{}@{}", phase, fault::name_of(fault), direction, step, store); }

Result<Cell> Cell::parse(std::string_view text) {
  const auto wrong = [&](const char* why) {
    return fail(Code::invalid, fmt::format("\"{}\" is no scenario: {}", text, why), "", "A scenario is phase.fault.direction.step@store; `rollproof-drill list` prints them.");
  };
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at + 1 == text.size()) return wrong("no @store");
  Cell cell{.store = std::string(text.substr(at + 1))};
  std::string_view rest = text.substr(0, at);
  std::string kind;
  for (std::string* part : {&cell.phase, &kind, &cell.direction}) {
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos || dot == 0) return wrong("a part is missing");
    *part = rest.substr(0, dot);
    rest.remove_prefix(dot + 1);
  }
  if (rest.empty() || rest.find('.') != std::string_view::npos) return wrong("the step is missing");
  cell.step = rest;
  ROLLPROOF_ASSIGN(cell.fault, fault::kind_named(kind));
  return cell;
}

bool Cell::operator<(const Cell& other) const {
  const auto key = [](const Cell& cell) { return std::tuple(place_of(cell.phase), std::string_view(cell.phase), cell.fault, std::string_view(cell.direction), std::string_view(cell.step), std::string_view(cell.store)); };
  return key(*this) < key(other);
}

std::string CaseId::to_string() const { return fmt::format("{}/{}:{}", cell.to_string(), story, fault.to_string()); }

Result<CaseId> CaseId::parse(std::string_view text) {
  const size_t slash = text.find('/');
  const size_t colon = slash == std::string_view::npos ? slash : text.find(':', slash);
  if (colon == std::string_view::npos) return fail(Code::invalid, fmt::format("\"{}\" is no case", text), "", "A case is SCENARIO/STORY:FAULT, as a run prints it.");
  CaseId id;
  ROLLPROOF_ASSIGN(id.cell, Cell::parse(text.substr(0, slash)));
  id.story = text.substr(slash + 1, colon - slash - 1);
  ROLLPROOF_ASSIGN(id.fault, fault::Fault::parse(text.substr(colon + 1)));
  if (id.fault.kind() != id.cell.fault) return fail(Code::invalid, fmt::format("\"{}\": scenario and fault are of different kinds", text));
  return id;
}

}  // namespace rollproof::drill
