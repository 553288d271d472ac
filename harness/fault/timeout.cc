#include "harness/fault/timeout.h"

#include <fmt/format.h>

#include "harness/fault/io_error.h"
#include "harness/fault/text.h"

namespace rollproof::fault {

std::string Timeout::to_string() const {
  switch (kind) {
    case Kind::stall: return look == 0 ? fmt::format("stall(at {})", at) : fmt::format("stall(at {}, look {})", at, look);
    case Kind::forward: return fmt::format("clock(at {}, forward)", at);
    case Kind::back: return fmt::format("clock(at {}, back)", at);
  }
  return "";
}

Result<Timeout> Timeout::parse(std::string_view text) {
  Text rest(text);
  Timeout timeout;
  bool good = false;
  if (rest.skip("stall(at ")) {
    good = rest.number(timeout.at);
    if (good && rest.skip(", look ")) good = rest.number(timeout.look) && timeout.look != 0;
  } else if (rest.skip("clock(at ") && rest.number(timeout.at)) {
    const bool back = rest.skip(", back");
    timeout.kind = back ? Kind::back : Kind::forward;
    good = back || rest.skip(", forward");
  }
  if (good && rest.skip(")") && rest.ended()) return timeout;
  return fail(Code::invalid, fmt::format("\"{}\" is no fault of time: expected stall(at K), stall(at K, look N), clock(at K, forward) or clock(at K, back)", text));
}

std::string Timeout::in_words() const {
  if (kind == Kind::stall) {
    const std::string which = look == 0 ? fmt::format("operation {}", at) : fmt::format("call number {} that only looks, since the operation before {} or the start of the command,", look, at);
    return which + " takes an hour and a minute";
  }
  return fmt::format("before operation {} the wall clock is set a day {}", at, kind == Kind::forward ? "forward" : "back");
}

sim::SimDisk::FaultHook Timeout::hook(sim::SimClock& clock, uint64_t& fired) const {
  return [what = *this, &clock, &fired, looked = uint64_t{0}](const sim::Operation& operation) mutable -> std::optional<sim::InjectedError> {
    if (fired != 0 || operation.ordinal != what.at) return std::nullopt;
    if (what.look == 0 ? !operation.mutating : !IoError::looks(operation.call) || ++looked != what.look) return std::nullopt;
    ++fired;
    if (what.kind == Kind::stall) {
      clock.advance(kStallMs);
    } else {
      clock.jump_wall(what.kind == Kind::forward ? kJumpMs : -kJumpMs);
    }
    return std::nullopt;
  };
}

}  // namespace rollproof::fault
