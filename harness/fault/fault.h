// One thing that goes wrong at one point: a value that prints itself and parses back, whatever its kind.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "harness/fault/connection.h"
#include "harness/fault/damage.h"
#include "harness/fault/intruder.h"
#include "harness/fault/io_error.h"
#include "harness/fault/memory.h"
#include "harness/fault/process_death.h"
#include "harness/fault/second_crash.h"
#include "harness/fault/timeout.h"
#include "harness/sim/crash_id.h"
#include "lib/base/result.h"

namespace rollproof::fault {

// In the order in which they stand in reports.
enum class Kind { crash, process_death, io_error, second_crash, intruder, corruption, memory, timeout, connection };
std::span<const Kind> all_kinds();
std::string_view name_of(Kind kind);  // "process-death"
Result<Kind> kind_named(std::string_view name);

struct Fault {
  std::variant<sim::CrashId, ProcessDeath, IoError, SecondCrash, Intruder, Damage, Memory, Timeout, Connection> what;

  Kind kind() const { return static_cast<Kind>(what.index()); }
  // The changing operation of the story that it belongs to: the one in flight, or the first that did not happen.
  uint64_t at() const;
  std::string to_string() const;
  // Code::invalid naming the text for anything that to_string() would not print.
  static Result<Fault> parse(std::string_view text);
  // What happens, in a sentence for people.
  std::string in_words() const;
  bool operator==(const Fault&) const = default;
};

}  // namespace rollproof::fault
