#include "harness/fault/intruder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "harness/fault/text.h"

namespace rollproof::fault {

namespace {

using Who = Intruder::Who;
using Stores = Intruder::Stores;

// Behind the number; of Who::command nothing.
struct Name {
  Who who;
  std::string_view text;
  bool of_stores = false;
};
constexpr std::array<Name, 16> kNames = {{{Who::recover, "recover"},
                                          {Who::cancel_death, "cancel, death "},  // before the one that it begins with
                                          {Who::cancel, "cancel"},
                                          {Who::old_route, "old route"},
                                          {Who::earlier_put, "earlier put"},
                                          {Who::earlier_rollback, "earlier rollback"},
                                          {Who::earlier_edit, "earlier edit"},
                                          {Who::foreign, "foreign ", true},
                                          {Who::holds, "holds ", true},
                                          {Who::read_only, "read-only ", true},
                                          {Who::full, "full ", true},
                                          {Who::gone, "gone ", true},
                                          {Who::other, "other ", true},
                                          {Who::older_state, "older state"},  // before the one that it begins with
                                          {Who::older_journal, "older journal"},
                                          {Who::older, "older ", true}}};
constexpr std::array<std::pair<Stores, std::string_view>, 3> kStores = {{{Stores::source, "source"}, {Stores::target, "target"}, {Stores::both, "both"}}};

std::string_view text_of(Stores stores) {
  for (const auto& [known, text] : kStores) {
    if (known == stores) return text;
  }
  return "";
}

// What stands behind the comma.
bool read_who(Text& rest, Intruder& intruder) {
  const auto named = std::find_if(kNames.begin(), kNames.end(), [&](const Name& known) { return rest.skip(known.text); });
  if (named == kNames.end()) return false;
  intruder.who = named->who;
  if (named->who == Who::cancel_death) return rest.number(intruder.later) && rest.skip(" later");
  if (!named->of_stores) return true;
  const auto stores = std::find_if(kStores.begin(), kStores.end(), [&](const auto& known) { return rest.skip(known.second); });
  if (stores == kStores.end() || (stores->first == Stores::both && named->who != Who::foreign)) return false;
  intruder.stores = stores->first;
  return true;
}

}  // namespace

std::string Intruder::to_string() const {
  for (const Name& known : kNames) {
    if (known.who == who) return fmt::format("intruder(at {}, {}{})", at, known.text, who == Who::cancel_death ? fmt::format("{} later", later) : std::string(text_of(stores)));
  }
  return fmt::format("intruder(at {})", at);
}

Result<Intruder> Intruder::parse(std::string_view text) {
  Text rest(text);
  Intruder intruder;
  const bool good = rest.skip("intruder(at ") && rest.number(intruder.at) && (!rest.skip(", ") || read_who(rest, intruder));
  if (good && rest.skip(")") && rest.ended()) return intruder;
  std::string known;
  for (const Name& name : kNames) {
    const char* behind = name.who == Who::cancel_death ? "N later" : name.who == Who::foreign ? "source|target|both" : name.of_stores ? "source|target" : "";
    known += fmt::format("{}\", {}{}\"", known.empty() ? "" : name.who == kNames.back().who ? " or " : ", ", name.text, behind);
  }
  return fail(Code::invalid, fmt::format("\"{}\" is no intruder: expected intruder(at K), with {} behind the number", text, known));
}

std::string Intruder::in_words() const {
  const std::string_view store = text_of(stores);
  switch (who) {
    case Who::command: return fmt::format("a second command opens the same workspace before operation {}", at);
    case Who::recover: return fmt::format("somebody types `recover` in the same workspace before operation {}", at);
    case Who::cancel: return fmt::format("somebody asks the command to stop (`cancel`) before operation {}", at);
    case Who::cancel_death: return fmt::format("somebody asks the command to stop (`cancel`) before operation {}, and its process dies {} operations behind that", at, later);
    case Who::old_route: return fmt::format("behind operation {} a writer of the user's program writes by the route that it learnt when the command began", at);
    case Who::earlier_put: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody's `put` comes and goes in between", at);
    case Who::earlier_rollback: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody's `rollback` to the source comes and goes in between", at);
    case Who::earlier_edit: return fmt::format("the command that begins at operation {} has looked and has not locked yet: somebody writes another target into the configuration", at);
    case Who::foreign:
      if (stores == Stores::both) return fmt::format("the process is gone before operation {}, and another program puts a record into the source, and one into the target", at);
      return fmt::format("the process is gone before operation {}, and another program puts a record into the {} by itself", at, store);
    case Who::holds: return fmt::format("before operation {} another program has the {} open and is at work on its files, and nobody else can open it", at, store);
    case Who::read_only: return fmt::format("before operation {} the file system of the {} is mounted read-only, until that command has ended", at, store);
    case Who::full: return fmt::format("before operation {} the disk that only the {} is on is full, until that command has ended", at, store);
    case Who::gone: return fmt::format("before operation {} the folder of the {} is not there, until that command has ended; then it is, as it was", at, store);
    case Who::other: return fmt::format("before operation {} somebody writes another {} into the configuration", at, store);
    case Who::older_state: return fmt::format("before operation {} somebody puts the state folder back as it was behind an earlier command, and the stores stay", at);
    case Who::older_journal: return fmt::format("before operation {} somebody puts the journal back as it was behind an earlier command, and all else stays", at);
    case Who::older: return fmt::format("before operation {} somebody puts the {} back as it was behind an earlier command", at, store);
  }
  return "";
}

}  // namespace rollproof::fault
