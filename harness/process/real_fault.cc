#include "harness/process/real_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "harness/fault/text.h"

namespace rollproof::process {
namespace {

using Kind = RealFault::Kind;

struct Form {
  Kind kind;
  std::string_view before;         // the number
  bool numbered;
  std::vector<std::string_view> hows;  // empty: nothing stands behind the number
};

const std::vector<Form>& forms() {
  static const std::vector<std::string_view> damages = [] {
    static std::vector<std::string> texts;
    for (const char* what : {"flip", "cut", "lose"}) {
      for (const char* of : {"source", "target", "backup", "journal", "audit"}) texts.push_back(fmt::format("{} {}", what, of));
    }
    return std::vector<std::string_view>(texts.begin(), texts.end());
  }();
  static const std::vector<Form> all = {
      {Kind::kill, "kill(at ", true, {}},
      {Kind::memory, "memory(at ", true, {}},
      {Kind::memory_limit, "memory(limit ", true, {}},
      {Kind::stall, "stall(at ", true, {}},
      {Kind::clock, "clock(at ", true, {"forward", "back"}},
      {Kind::second, "second(at ", true, {"migrate", "rollback", "recover", "cancel"}},
      {Kind::signal, "signal(at ", true, {"SIGTERM", "SIGINT", "SIGINT twice"}},
      {Kind::damage, "damage(at ", true, damages},
      {Kind::damage, "damage(", false, damages},
  };
  return all;
}

bool read(const Form& form, std::string_view text, RealFault& fault) {
  fault::Text rest(text);
  fault = {form.kind, 0, ""};
  std::string_view how;
  if (!rest.skip(form.before) || (form.numbered && (!rest.number(fault.number) || fault.number == 0))) return false;
  if (!form.hows.empty() && ((form.numbered && !rest.skip(", ")) || !rest.until(")", how))) return false;
  fault.how = how;
  return rest.skip(")") && rest.ended() && (form.hows.empty() || std::find(form.hows.begin(), form.hows.end(), how) != form.hows.end());
}

}  // namespace

fault::Kind RealFault::column() const {
  switch (kind) {
    case Kind::kill: return fault::Kind::process_death;
    case Kind::memory:
    case Kind::memory_limit: return fault::Kind::memory;
    case Kind::stall:
    case Kind::clock: return fault::Kind::timeout;
    case Kind::second: return fault::Kind::intruder;
    case Kind::signal: return how == "SIGINT twice" ? fault::Kind::process_death : fault::Kind::intruder;
    case Kind::damage: return fault::Kind::corruption;
  }
  return fault::Kind::process_death;
}

std::string RealFault::to_string() const {
  const auto form = std::find_if(forms().begin(), forms().end(), [&](const Form& each) { return each.kind == kind && each.numbered == (number != 0); });
  if (form == forms().end()) return "";
  return fmt::format("{}{}{}{})", form->before, form->numbered ? std::to_string(number) : "", form->numbered && !how.empty() ? ", " : "", how);
}

Result<RealFault> RealFault::parse(std::string_view text) {
  RealFault fault;
  for (const Form& form : forms()) {
    if (read(form, text, fault)) return fault;
  }
  return fail(Code::invalid, fmt::format("\"{}\" is no fault of a real process", text), "",
              "Expected kill(at N), memory(at N), memory(limit KIB), stall(at N), clock(at N, forward), second(at N, rollback), signal(at N, SIGTERM), damage(flip source) or the like.");
}

std::string RealFault::in_words() const {
  const std::string when = fmt::format("before change {} of the step to the disk, ", number);
  switch (kind) {
    case Kind::kill: return when + "the process is ended with SIGKILL";
    case Kind::memory: return when + "the process is denied any more address space (RLIMIT_AS)";
    case Kind::memory_limit: return fmt::format("the process is started with an address space of {} KiB (RLIMIT_AS)", number);
    case Kind::stall: return when + "61 minutes pass by all of its clocks (libfaketime)";
    case Kind::clock: return when + fmt::format("the wall clock is set a day {} (libfaketime)", how);
    case Kind::second: return when + fmt::format("`rollproof {}` is typed in another process, to its end", how);
    case Kind::signal: return when + fmt::format("the process is sent {}", how);
    case Kind::damage: break;
  }
  const std::string word = how.substr(0, how.find(' ')), of = how.substr(how.find(' ') + 1);
  const std::string what = word == "flip" ? "a bit turns over in" : word == "cut" ? "half is cut from" : "a file is lost: it is";
  return number == 0 ? fmt::format("before the command begins, {} the largest file of the {}", what, of)
                     : fmt::format("{}the process is ended with SIGKILL, and before the recovery {} the largest file of the {}", when, what, of);
}

}  // namespace rollproof::process
