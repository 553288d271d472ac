#include "harness/fault/fault.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "lib/base/words.h"

namespace rollproof::fault {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"crash", "process-death", "io-error", "second-crash", "intruder", "corruption", "memory", "timeout", "connection"};
constexpr std::array<Kind, kNames.size()> kKinds = {Kind::crash, Kind::process_death, Kind::io_error, Kind::second_crash, Kind::intruder, Kind::corruption, Kind::memory,
                                                  Kind::timeout, Kind::connection};
constexpr std::string_view kThen = " then ";
constexpr std::string_view kDeath = "death(after ";

std::string to_text(const ProcessDeath& death) { return fmt::format("{}{})", kDeath, death.after); }

std::string first_text(const SecondCrash& crash) {
  return crash.after_death() ? to_text(std::get<ProcessDeath>(crash.first)) : std::get<sim::CrashId>(crash.first).to_string();
}

Result<uint64_t> number_between(std::string_view text, std::string_view before) {
  uint64_t number = 0;
  const std::string_view digits = text.substr(before.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || std::string_view(end, digits.data() + digits.size() - end) != ")") {
    return fail(Code::invalid, fmt::format("\"{}\": expected a number and a closing bracket behind \"{}\"", text, before));
  }
  return number;
}

std::string in_words_of(const sim::CrashId& id) {
  using Shape = sim::CrashId::Shape;
  switch (id.shape) {
    case Shape::whole: return fmt::format("the power goes out before operation {}; everything done until then has reached the disk", id.after);
    case Shape::torn: return fmt::format("the power goes out in the middle of operation {}, of which only a first part reaches the disk", id.after);
    case Shape::lose: return fmt::format("the power goes out before operation {}; of what was not synced, the named operations leave nothing (or not all) behind", id.after);
    case Shape::keep: return fmt::format("the power goes out before operation {}; of what was not synced only operations below {} leave something behind", id.after, id.number);
    case Shape::keep_none: return fmt::format("the power goes out before operation {}; nothing that was not synced survives", id.after);
    case Shape::random: return fmt::format("the power goes out before operation {}; of what was not synced a random part survives", id.after);
  }
  return "";
}

std::string in_words_of(const IoError& error) {
  using Kind = IoError::Kind;
  const auto nth = [&] { return fmt::format("call number {} that only looks, since the operation before {} or the start of the command,", error.read, error.at); };
  switch (error.kind) {
    case Kind::nothing_done: return fmt::format("operation {} reports an I/O error and has done nothing", error.at);
    case Kind::part_done: return fmt::format("operation {} reports an I/O error after its first {} bytes", error.at, error.bytes);
    case Kind::pages_lost: return fmt::format("operation {} (a sync) reports an I/O error and loses the pages; the next sync succeeds without them, and behind the recovery somebody writes, and the power goes out", error.at);
    case Kind::no_space: return fmt::format("from operation {} on there is no space for anything that grows, until the command has ended", error.at);
    case Kind::no_changes: return fmt::format("from operation {} on every change to the disk reports an I/O error, until the command has ended; it can still be read", error.at);
    case Kind::read_fails: return nth() + " reports an I/O error";
    case Kind::full: return fmt::format("the disk has {} free while the command is at work that begins at operation {}, and what that gives back", error.bytes == 0 ? "not a byte" : fmt::format("{} bytes", error.bytes), error.at);
    case Kind::disk_gone: return nth() + " and every call after it report an I/O error, until the command has ended";
  }
  return "";
}

}  // namespace

std::span<const Kind> all_kinds() { return kKinds; }

std::string_view name_of(Kind kind) { return kNames[static_cast<size_t>(kind)]; }

Result<Kind> kind_named(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Kind>(i);
  }
  return fail(Code::invalid, fmt::format("\"{}\" is no kind of fault", name), "", nearest_or_known(name, {kNames.begin(), kNames.end()}));
}

uint64_t Fault::at() const {
  switch (kind()) {
    case Kind::crash: return std::get<sim::CrashId>(what).after;
    case Kind::process_death: return std::get<ProcessDeath>(what).after;
    case Kind::io_error: return std::get<IoError>(what).at;
    case Kind::second_crash: return std::get<SecondCrash>(what).at();
    case Kind::intruder: return std::get<Intruder>(what).at;
    case Kind::corruption: return std::get<Damage>(what).after;
    case Kind::memory: return std::get<Memory>(what).at;
    case Kind::timeout: return std::get<Timeout>(what).at;
    case Kind::connection: return std::get<Connection>(what).at;
  }
  return 0;
}

std::string Fault::to_string() const {
  switch (kind()) {
    case Kind::crash: return std::get<sim::CrashId>(what).to_string();
    case Kind::process_death: return to_text(std::get<ProcessDeath>(what));
    case Kind::io_error: return std::get<IoError>(what).to_string();
    case Kind::second_crash: return first_text(std::get<SecondCrash>(what)) + std::string(kThen) + std::get<SecondCrash>(what).second.to_string();
    case Kind::intruder: return std::get<Intruder>(what).to_string();
    case Kind::corruption: return std::get<Damage>(what).to_string();
    case Kind::memory: return std::get<Memory>(what).to_string();
    case Kind::timeout: return std::get<Timeout>(what).to_string();
    case Kind::connection: return std::get<Connection>(what).to_string();
  }
  return "";
}

Result<Fault> Fault::parse(std::string_view text) {
  if (const size_t then = text.find(kThen); then != std::string_view::npos) {
    ROLLPROOF_ASSIGN(const auto second, sim::CrashId::parse(text.substr(then + kThen.size())));
    text = text.substr(0, then);
    if (text.starts_with(kDeath)) {
      ROLLPROOF_ASSIGN(const uint64_t after, number_between(text, kDeath));
      return Fault{SecondCrash{ProcessDeath{after}, second}};
    }
    ROLLPROOF_ASSIGN(const auto first, sim::CrashId::parse(text));
    return Fault{SecondCrash{first, second}};
  }
  if (text.starts_with("crash(")) {
    ROLLPROOF_ASSIGN(const auto id, sim::CrashId::parse(text));
    return Fault{id};
  }
  if (text.starts_with(kDeath)) {
    ROLLPROOF_ASSIGN(const uint64_t after, number_between(text, kDeath));
    return Fault{ProcessDeath{after}};
  }
  if (text.starts_with("intruder(")) {
    ROLLPROOF_ASSIGN(const auto intruder, Intruder::parse(text));
    return Fault{intruder};
  }
  if (text.starts_with("io(") || text.starts_with("no-space(") || text.starts_with("full(")) {
    ROLLPROOF_ASSIGN(const auto error, IoError::parse(text));
    return Fault{error};
  }
  if (text.starts_with("damage(")) {
    ROLLPROOF_ASSIGN(const auto damage, Damage::parse(text));
    return Fault{damage};
  }
  if (text.starts_with("memory(")) {
    ROLLPROOF_ASSIGN(const auto memory, Memory::parse(text));
    return Fault{memory};
  }
  if (text.starts_with("stall(") || text.starts_with("clock(")) {
    ROLLPROOF_ASSIGN(const auto timeout, Timeout::parse(text));
    return Fault{timeout};
  }
  if (text.starts_with("connection(")) {
    ROLLPROOF_ASSIGN(const auto connection, Connection::parse(text));
    return Fault{connection};
  }
  return fail(Code::invalid, fmt::format("\"{}\" is no fault", text), "",
              "Known: crash(…), death(…), io(…), no-space(…), full(…), intruder(…), damage(…), memory(…), stall(…), clock(…), connection(…), crash(…) then crash(…), death(…) then crash(…).");
}

std::string Fault::in_words() const {
  switch (kind()) {
    case Kind::crash: return in_words_of(std::get<sim::CrashId>(what));
    case Kind::process_death:
      return fmt::format("the process dies before operation {} while the machine lives; after the recovery the power goes out and nothing unsynced survives", at());
    case Kind::io_error:
      return in_words_of(std::get<IoError>(what));
    case Kind::second_crash:
      if (const auto& crash = std::get<SecondCrash>(what); crash.after_death()) {
        return fmt::format("the process dies before operation {} while the machine lives; then, counting on, {}", at(), in_words_of(crash.second));
      } else {
        return in_words_of(std::get<sim::CrashId>(crash.first)) + "; then, counted in the operations of the recovery, " + in_words_of(crash.second);
      }
    case Kind::corruption: return std::get<Damage>(what).in_words();
    case Kind::memory: return std::get<Memory>(what).in_words();
    case Kind::timeout: return std::get<Timeout>(what).in_words();
    case Kind::connection: return std::get<Connection>(what).in_words();
    case Kind::intruder: return std::get<Intruder>(what).in_words();
  }
  return "";
}

}  // namespace rollproof::fault
