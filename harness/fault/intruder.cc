#include "harness/fault/intruder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "harness/fault/text.h"

namespace rollproof::fault {

namespace {

using Who = Intruder::Who;

// Behind the number; of Who::command nothing.
constexpr std::array<std::pair<Who, std::string_view>, 20> kNames = {{{Who::recover, "recover"},
                                                                      {Who::cancel_death, "cancel, death "},  // before the one that it begins with
                                                                      {Who::cancel, "cancel"},
                                                                      {Who::old_route, "old route"},
                                                                      {Who::earlier_put, "earlier put"},
                                                                      {Who::earlier_rollback, "earlier rollback"},
                                                                      {Who::foreign_source, "foreign source"},
                                                                      {Who::foreign_target, "foreign target"},
                                                                      {Who::foreign_both, "foreign both"},
                                                                      {Who::holds_source, "holds source"},
                                                                      {Who::holds_target, "holds target"},
                                                                      {Who::read_only_source, "read-only source"},
                                                                      {Who::read_only_target, "read-only target"},
                                                                      {Who::gone_source, "gone source"},
                                                                      {Who::gone_target, "gone target"},
                                                                      {Who::other_source, "other source"},
                                                                      {Who::other_target, "other target"},
                                                                      {Who::older_source, "older source"},
                                                                      {Who::older_target, "older target"},
                                                                      {Who::earlier_edit, "earlier edit"}}};

}  // namespace

std::string Intruder::to_string() const {
  for (const auto& [known, name] : kNames) {
    if (known == who) return who == Who::cancel_death ? fmt::format("intruder(at {}, {}{} later)", at, name, later) : fmt::format("intruder(at {}, {})", at, name);
  }
  return fmt::format("intruder(at {})", at);
}

Result<Intruder> Intruder::parse(std::string_view text) {
  Text rest(text);
  Intruder intruder;
  const bool good = rest.skip("intruder(at ") && rest.number(intruder.at);
  bool known_name = true;
  if (good && rest.skip(", ")) {
    const auto named = std::find_if(kNames.begin(), kNames.end(), [&](const auto& known) { return rest.skip(known.second); });
    known_name = named != kNames.end() && (named->first != Who::cancel_death || (rest.number(intruder.later) && rest.skip(" later")));
    if (known_name) intruder.who = named->first;
  }
  if (good && known_name && rest.skip(")") && rest.ended()) return intruder;
  std::string known;
  for (const auto& [who, name] : kNames) known += fmt::format("{}\", {}{}\"", known.empty() ? "" : who == kNames.back().first ? " or " : ", ", name, who == Who::cancel_death ? "N later" : "");
  return fail(Code::invalid, fmt::format("\"{}\" is no intruder: expected intruder(at K), with {} behind the number", text, known));
}

std::string Intruder::in_words() const {
  const char* store = of_source() ? "source" : "target";
  switch (who) {
    case Who::command: return fmt::format("a second command opens the same workspace before operation {}", at);
    case Who::recover: return fmt::format("somebody types `recover` in the same workspace before operation {}", at);
    case Who::cancel: return fmt::format("somebody asks the command to stop (`cancel`) before operation {}", at);
    case Who::earlier_put: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody's `put` comes and goes in between", at);
    case Who::earlier_rollback: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody's `rollback` to the source comes and goes in between", at);
    case Who::foreign_both: return fmt::format("the process is gone before operation {}, and another program puts a record into the source, and one into the target", at);
    case Who::holds_source:
    case Who::holds_target:
      return fmt::format("before operation {} another program has the {} open, and nobody else can open it", at, store);
    case Who::cancel_death: return fmt::format("somebody asks the command to stop (`cancel`) before operation {}, and its process dies {} operations behind that", at, later);
    case Who::read_only_source:
    case Who::read_only_target:
      return fmt::format("before operation {} the file system of the {} is mounted read-only, until that command has ended", at, store);
    case Who::gone_source:
    case Who::gone_target:
      return fmt::format("before operation {} the folder of the {} is not there, until that command has ended; then it is, as it was", at, store);
    case Who::other_source:
    case Who::other_target:
      return fmt::format("before operation {} somebody writes another {} into the configuration", at, store);
    case Who::earlier_edit: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody writes another target into the configuration", at);
    case Who::older_source:
    case Who::older_target:
      return fmt::format("before operation {} somebody puts the {} back as it was behind an earlier command", at, store);
    case Who::foreign_source:
    case Who::foreign_target:
      return fmt::format("the process is gone before operation {}, and another program puts a record into the {} by itself", at, store);
    case Who::old_route: return fmt::format("behind operation {} a writer of the user's program writes by the route that it learnt when the command began", at);
  }
  return "";
}

}  // namespace rollproof::fault
