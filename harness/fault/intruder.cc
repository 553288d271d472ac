#include "harness/fault/intruder.h"

#include <fmt/format.h>

#include "harness/fault/text.h"

namespace rollproof::fault {

std::string Intruder::to_string() const {
  switch (who) {
    case Who::command: return fmt::format("intruder(at {})", at);
    case Who::recover: return fmt::format("intruder(at {}, recover)", at);
    case Who::cancel: return fmt::format("intruder(at {}, cancel)", at);
    case Who::old_route: return fmt::format("intruder(at {}, old route)", at);
    case Who::earlier_put: return fmt::format("intruder(at {}, earlier put)", at);
    case Who::earlier_rollback: return fmt::format("intruder(at {}, earlier rollback)", at);
    case Who::foreign_source: return fmt::format("intruder(at {}, foreign source)", at);
    case Who::foreign_target: return fmt::format("intruder(at {}, foreign target)", at);
  }
  return "";
}

Result<Intruder> Intruder::parse(std::string_view text) {
  Text rest(text);
  Intruder intruder;
  bool good = rest.skip("intruder(at ") && rest.number(intruder.at);
  if (good && rest.skip(", recover")) {
    intruder.who = Who::recover;
  } else if (good && rest.skip(", cancel")) {
    intruder.who = Who::cancel;
  } else if (good && rest.skip(", old route")) {
    intruder.who = Who::old_route;
  } else if (good && rest.skip(", earlier put")) {
    intruder.who = Who::earlier_put;
  } else if (good && rest.skip(", earlier rollback")) {
    intruder.who = Who::earlier_rollback;
  } else if (good && rest.skip(", foreign source")) {
    intruder.who = Who::foreign_source;
  } else if (good && rest.skip(", foreign target")) {
    intruder.who = Who::foreign_target;
  }
  if (good && rest.skip(")") && rest.ended()) return intruder;
  return fail(Code::invalid, fmt::format("\"{}\" is no intruder: expected intruder(at K), with \", recover\", \", cancel\", \", old route\", \", earlier put\", \", earlier rollback\", \", foreign source\" or \", foreign target\" behind the number", text));
}

std::string Intruder::in_words() const {
  switch (who) {
    case Who::command: return fmt::format("a second command opens the same workspace before operation {}", at);
    case Who::recover: return fmt::format("somebody types `recover` in the same workspace before operation {}", at);
    case Who::cancel: return fmt::format("somebody asks the command to stop (`cancel`) before operation {}", at);
    case Who::earlier_put: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody's `put` comes and goes in between", at);
    case Who::earlier_rollback: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody's `rollback` to the source comes and goes in between", at);
    case Who::foreign_source:
    case Who::foreign_target:
      return fmt::format("the process is gone before operation {}, and another program puts a record into the {} by itself", at, who == Who::foreign_source ? "source" : "target");
    case Who::old_route: return fmt::format("behind operation {} a writer of the user's program writes by the route that it learnt when the command began", at);
  }
  return "";
}

}  // namespace rollproof::fault
