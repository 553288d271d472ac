// Names of scenarios and cases, stable from run to run.
//   scenario: phase.fault.direction.step@store        copy.crash.forward.copy-records@leveldb>unified-json
//   case:     scenario/story:fault                    …/migrate:crash(after 33, keep none)
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include "harness/fault/fault.h"
#include "lib/base/result.h"

namespace rollproof::drill {

struct Cell {
  std::string phase;
  fault::Kind fault = fault::Kind::crash;
  std::string direction;  // forward, rollback, recovery
  std::string step;
  std::string store;  // "leveldb>unified-json"

  std::string to_string() const;
  static Result<Cell> parse(std::string_view text);
  bool operator==(const Cell&) const = default;
  // In the order of the phases, then faults, directions and steps.
  bool operator<(const Cell& other) const;
};

struct CaseId {
  Cell cell;
  std::string story;
  fault::Fault fault;

  std::string to_string() const;
  static Result<CaseId> parse(std::string_view text);
  bool operator==(const CaseId&) const = default;
};

}  // namespace rollproof::drill
