#include "harness/drill/random/plot.h"

#include <fmt/format.h>

#include <array>
#include <ostream>

#include "lib/migrate/phase.h"

namespace rollproof::drill {
namespace {

using fault::Kind;
using subject::Command;

constexpr std::array<Kind, 7> kRandomKinds = {Kind::crash, Kind::process_death, Kind::io_error, Kind::second_crash, Kind::memory, Kind::timeout, Kind::intruder};
constexpr std::array<const char*, 4> kKeys = {"56-Random", "56-Random2", "97-Random", "plain"};

std::vector<Kind> kinds_of(const Plot& plot) {
  std::vector<Kind> kinds;
  for (size_t i = 0; i < kRandomKinds.size(); ++i) {
    if (plot.kinds >> i & 1) kinds.push_back(kRandomKinds[i]);
  }
  if (kinds.empty()) kinds.push_back(Kind::crash);
  return kinds;
}

// Where the migration stands while the moves are read: 0 nowhere, then the phases.
class Reader {
 public:
  explicit Reader(size_t& reached) : reached_(reached) {}
  Command read(const Move& move) {
    const uint8_t verb = reached_ == 0 ? 0 : move.verb % 8;
    if (verb <= 1 && reached_ < migrate::kPhases.size()) return forward(move.argument);
    if (verb == 2) return back(move.argument);
    Command command{.kind = Command::Kind::put, .argument = kKeys[move.argument % kKeys.size()], .bytes = move.argument % 3 == 0 ? 20u : move.argument % 3 == 1 ? 300u : 5000u};
    if (verb == 3) command = {.kind = Command::Kind::remove, .argument = command.argument};
    if (verb == 4) command = {.kind = Command::Kind::batch, .count = 1u + move.argument % 4u, .bytes = 60};
    return command;
  }

 private:
  Command forward(uint8_t argument) {
    const size_t left = migrate::kPhases.size() - reached_;
    reached_ += 1 + argument % left;
    return {.kind = Command::Kind::migrate, .argument = std::string(name_of(migrate::kPhases[reached_ - 1])), .writes_inside = argument / 8u % 3u};
  }

  // To the source, or to the end of an earlier phase that is a place to stop at.
  Command back(uint8_t argument) {
    const size_t places = reached_ >= 3 ? reached_ - 1 : 1;  // the source, and from copy on every phase between dual-write and here
    const size_t place = argument % places;
    reached_ = place == 0 ? 0 : place + 1;
    return {.kind = Command::Kind::rollback, .argument = place == 0 ? "source" : std::string(name_of(migrate::kPhases[place]))};
  }

  size_t& reached_;
};

std::optional<fault::Fault> io_error(uint64_t k, uint32_t detail, const sim::Trace& trace) {
  using Error = fault::IoError;
  if (k >= trace.size()) return std::nullopt;
  const bool sync = trace.operations[k]->call == sim::Call::sync;
  switch (detail % 3) {
    case 0: return fault::Fault{Error{.kind = Error::Kind::nothing_done, .at = k}};
    case 1: return fault::Fault{Error{.kind = sync ? Error::Kind::pages_lost : Error::Kind::nothing_done, .at = k}};
    default: return fault::Fault{Error{.kind = Error::Kind::no_changes, .at = k}};
  }
}

std::optional<fault::Fault> second_crash(uint64_t k, uint32_t detail, CaseRunner& runner) {
  using sim::CrashId;
  const bool death = detail & 1;
  const fault::SecondCrash::First first = death ? fault::SecondCrash::First(fault::ProcessDeath{k}) : fault::SecondCrash::First(CrashId{.after = k, .shape = detail & 2 ? CrashId::Shape::keep_none : CrashId::Shape::whole});
  const sim::SimDisk* recovery = runner.recovery_from(first);
  const uint64_t begun = death ? k : 0;
  if (recovery == nullptr || recovery->trace().size() <= begun) return std::nullopt;
  const uint64_t after = begun + detail / 8 % (recovery->trace().size() - begun + 1);
  return fault::Fault{fault::SecondCrash{first, {.after = after, .shape = detail & 4 ? CrashId::Shape::keep_none : CrashId::Shape::whole}}};
}

}  // namespace

Command read_move(const Move& move, size_t& reached) { return Reader(reached).read(move); }

std::string target_of(uint8_t number) { return number % 2 == 0 ? "unified-json" : "leveldb"; }

std::ostream& operator<<(std::ostream& out, const Plot& plot) {
  return out << story_of(plot, "random").to_json() << fmt::format("kinds {:#x}, {} faults\n", plot.kinds, plot.faults.size());
}

Story story_of(const Plot& plot, const std::string& name) {
  Story story{.name = name, .about = "a random story", .target_kind = target_of(plot.target), .records = plot.records};
  size_t reached = 0;
  for (const Move& move : plot.moves) story.drilled.push_back(read_move(move, reached));
  if (story.drilled.empty()) story.drilled.push_back(read_move({}, reached));
  return story;
}

std::optional<fault::Fault> fault_of(const Mischief& mischief, const Plot& plot, const Recording& recording, CaseRunner& runner) {
  const auto kinds = kinds_of(plot);
  const uint64_t first = recording.first_drilled(), size = recording.trace().size();
  const uint64_t k = first + (size - first) * (mischief.position & 0xffff) / 0xffff;
  switch (kinds[mischief.kind % kinds.size()]) {
    case Kind::crash: {
      using Shape = sim::CrashId::Shape;
      constexpr std::array<Shape, 3> shapes = {Shape::whole, Shape::keep_none, Shape::random};
      const Shape shape = shapes[mischief.detail % shapes.size()];
      return fault::Fault{sim::CrashId{.after = k, .shape = shape, .number = shape == Shape::random ? mischief.detail : 0}};
    }
    case Kind::process_death: return fault::Fault{fault::ProcessDeath{k}};
    case Kind::io_error: return io_error(k, mischief.detail, recording.trace());
    case Kind::second_crash: return second_crash(k, mischief.detail, runner);
    case Kind::memory: {
      if (recording.allocations.empty()) return std::nullopt;
      const AllocationRun& run = recording.allocations[mischief.position % recording.allocations.size()];
      if (run.count == 0 || run.at >= recording.log.commands[run.command].ended_at) return std::nullopt;
      return fault::Fault{fault::Memory{.kind = mischief.detail & 1 ? fault::Memory::Kind::from_then_on : fault::Memory::Kind::once, .at = run.at, .allocation = mischief.detail / 2 % run.count + 1}};
    }
    case Kind::timeout: return k < size ? std::optional(fault::Fault{fault::Timeout{.at = k}}) : std::nullopt;
    case Kind::intruder: {
      if (k >= size) return std::nullopt;
      const Cell& cell = recording.cells[k];
      if (cell.step == "open" || cell.step == "close" || cell.step == "write" || cell.direction == "recovery") return std::nullopt;
      return fault::Fault{fault::Intruder{k, mischief.detail & 1 ? fault::Intruder::Who::recover : fault::Intruder{}.who}};
    }
    default: return std::nullopt;
  }
}

}  // namespace rollproof::drill
