#include "harness/fault/memory.h"

#include <fmt/format.h>

#include "harness/fault/text.h"
#include "harness/sim/allocations.h"

namespace rollproof::fault {

std::string Memory::to_string() const {
  switch (kind) {
    case Kind::once: return fmt::format("memory(at {}, allocation {})", at, allocation);
    case Kind::from_then_on: return fmt::format("memory(from {}, allocation {})", at, allocation);
    case Kind::over_limit: return fmt::format("memory(over from {})", at);
  }
  return "";
}

Result<Memory> Memory::parse(std::string_view text) {
  Text rest(text);
  Memory memory;
  bool good = false;
  if (rest.skip("memory(over from ")) {
    memory.kind = Kind::over_limit;
    good = rest.number(memory.at);
  } else {
    const bool from = rest.skip("memory(from ");
    memory.kind = from ? Kind::from_then_on : Kind::once;
    good = (from || rest.skip("memory(at ")) && rest.number(memory.at) && rest.skip(", allocation ") && rest.number(memory.allocation) && memory.allocation != 0;
  }
  if (good && rest.skip(")") && rest.ended()) return memory;
  return fail(Code::invalid, fmt::format("\"{}\" is no fault of memory: expected memory(at K, allocation N), memory(from K, allocation N) or memory(over from K)", text));
}

std::string Memory::in_words() const {
  if (kind == Kind::over_limit) return fmt::format("from operation {} on the process uses 95 % of the memory that it may, until the command has ended", at);
  return fmt::format("allocation {} of the library, since the operation before {} or the start of the command, fails{}", allocation, at,
                     kind == Kind::once ? "" : ", and so do all after it until the command has ended");
}

sim::SimDisk::FaultHook Memory::hook(uint64_t begun, sim::SimWorld& world) const {
  if (kind == Kind::over_limit) {
    world.memory.limit = kLimitBytes;
  } else {
    sim::Allocations::arm(at, allocation, kind == Kind::from_then_on);
    sim::Allocations::change(begun);
  }
  const auto raise = [this_kind = kind, from = at, &world](uint64_t done) {
    if (this_kind == Kind::over_limit && done >= from) world.memory.used = kLimitBytes / 100 * 95;
  };
  raise(begun);
  return [raise](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    if (!operation.mutating) return std::nullopt;
    sim::Allocations::change(operation.ordinal + 1);
    raise(operation.ordinal + 1);
    return std::nullopt;
  };
}

uint64_t Memory::end(const sim::SimWorld& world) const {
  if (kind == Kind::over_limit) return world.memory.seen_over();
  sim::Allocations::disarm();
  return sim::Allocations::fired();
}

}  // namespace rollproof::fault
