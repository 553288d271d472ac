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
  }
  if (good && rest.skip(")") && rest.ended()) return intruder;
  return fail(Code::invalid, fmt::format("\"{}\" is no intruder: expected intruder(at K), with \", recover\", \", cancel\" or \", old route\" behind the number", text));
}

std::string Intruder::in_words() const {
  switch (who) {
    case Who::command: return fmt::format("a second command opens the same workspace before operation {}", at);
    case Who::recover: return fmt::format("somebody types `recover` in the same workspace before operation {}", at);
    case Who::cancel: return fmt::format("somebody asks the command to stop (`cancel`) before operation {}", at);
    case Who::old_route: return fmt::format("behind operation {} a writer of the user's program writes by the route that it learnt when the command began", at);
  }
  return "";
}

}  // namespace rollproof::fault
