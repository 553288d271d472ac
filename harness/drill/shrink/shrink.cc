#include "harness/drill/shrink/shrink.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/check/read_leveldb.h"
#include "harness/drill/shrink/lost_writes.h"
#include "harness/drill/shrink/matters.h"
#include "lib/migrate/phase.h"

namespace rollproof::drill {
namespace {

// What is tried of a smaller story before it counts as one in which the promise holds: where the larger one broke it, and elsewhere.
constexpr size_t kCasesLikely = 1500, kCasesElsewhere = 500;

// In which way a promise is broken: the sentence without what belongs to one story, numbers, names and files.
std::string way_of(std::string_view what) {
  std::string way;
  what = what.substr(0, what.find(": "));
  while (!what.empty()) {
    std::string_view word = what.substr(0, what.find(' '));
    what.remove_prefix(std::min(what.size(), word.size() + 1));
    while (!word.empty() && std::ispunct(static_cast<unsigned char>(word.front()))) word.remove_prefix(1);
    while (!word.empty() && std::ispunct(static_cast<unsigned char>(word.back()))) word.remove_suffix(1);
    const bool plain = std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c); });
    if (plain && !word.empty()) way.append(word).push_back(' ');
  }
  return way;
}

class Shrinker {
 public:
  Shrinker(const ShrinkOptions& options, fault::Kind kind) : options_(options), kind_(kind) {}

  Result<Shrunk> run(const Story& story, const fault::Fault& fault) {
    ROLLPROOF_ASSIGN(Recording recording, recording_of(story, options_.drill));
    std::optional<CaseResult> result;
    {
      CaseRunner runner(recording, options_.drill.judge);
      result = broken(runner, fault);
    }
    if (!result) return fail(Code::invalid, fmt::format("{} does not break promise {} in \"{}\"", fault.to_string(), options_.promise, story.name));
    const auto first = std::find_if(result->violations.begin(), result->violations.end(), [&](const auto& violation) { return violation.promise == options_.promise; });
    way_ = way_of(first->what);
    const Cell cell = recording.cell_at(fault.at(), kind_);
    best_ = {story, fault, *std::move(result), cell.direction, kind_ == fault::Kind::corruption ? "" : cell.step, operations_before(recording, fault)};
    one_record();
    fewer_commands();
    later_start();
    fewer_records();
    return least();
  }

 private:
  struct Best {
    Story story;
    fault::Fault fault;
    CaseResult result;
    std::string direction, step;  // of its scenario
    uint64_t operations = 0;      // of the drilled commands, before the fault
  };

  bool go_on() const { return !options_.go_on || options_.go_on(); }

  static uint64_t operations_before(const Recording& recording, const fault::Fault& fault) {
    const uint64_t at = fault.at(), first = recording.first_drilled();
    return at > first ? at - first : 0;
  }

  std::optional<CaseResult> broken(CaseRunner& runner, const fault::Fault& fault) {
    ++tried_;
    CaseResult result = runner.run(fault);
    const bool same = std::any_of(result.violations.begin(), result.violations.end(),
                                  [&](const auto& violation) { return violation.promise == options_.promise && (way_.empty() || way_of(violation.what) == way_); });
    return same ? std::optional(std::move(result)) : std::nullopt;
  }

  // True, and the best from now on, if a case of the same kind breaks the promise in it in the same way. Without any fault it has to hold.
  // `fewer_operations`: and only if fewer operations come before the fault.
  bool take(const Story& candidate, bool fewer_operations = false) {
    auto recording = recording_of(candidate, options_.drill);
    if (!recording) return false;
    const auto& commands = recording->log.commands;
    if (recording->first_drilled() == recording->trace().size()) return false;  // nothing is done that could be struck
    if (std::any_of(commands.begin(), commands.end(), [](const auto& logged) { return !logged.answer.ok; })) return false;
    CaseRunner runner(*recording, options_.drill.judge);
    if (runner.control().verdict != Verdict::passed) return false;
    const Plan plan = plan_cases(*recording, runner, profile_, fmt::format("*.{}.*", fault::name_of(kind_)));
    std::vector<const Planned*> likely, elsewhere;
    for (const Planned& planned : plan.cases) {
      const Cell& cell = plan.cells[planned.cell];
      (cell.direction == best_.direction && (best_.step.empty() || cell.step == best_.step) ? likely : elsewhere).push_back(&planned);
    }
    return take_one_of(likely, kCasesLikely, candidate, *recording, plan, runner, fewer_operations) ||
           take_one_of(elsewhere, kCasesElsewhere, candidate, *recording, plan, runner, fewer_operations);
  }

  // Of many cases every n-th: what breaks usually does so at more than one point.
  bool take_one_of(const std::vector<const Planned*>& cases, size_t most, const Story& candidate, const Recording& recording, const Plan& plan, CaseRunner& runner, bool fewer_operations) {
    const size_t stride = (cases.size() + most - 1) / most;
    for (size_t i = 0; i < cases.size() && go_on(); i += stride) {
      const uint64_t operations = operations_before(recording, cases[i]->fault);
      if (fewer_operations && operations >= best_.operations) continue;
      if (auto result = broken(runner, cases[i]->fault)) {
        const Cell& cell = plan.cells[cases[i]->cell];
        best_ = {candidate, cases[i]->fault, *std::move(result), cell.direction, cell.step, operations};
        return true;
      }
    }
    return false;
  }

  // What the first drilled command does in the phases before the one that matters needs no fault.
  void later_start() {
    using Kind = subject::Command::Kind;
    const subject::Command first = best_.story.drilled.front();
    const auto goal = first.argument == "source" ? std::nullopt : migrate::phase_named(first.argument);
    std::vector<subject::Command> halves;  // that take most away first
    for (size_t i = migrate::kPhases.size(); i-- > 0;) {
      const bool before = goal && migrate::kPhases[i] < *goal, behind = !goal || migrate::kPhases[i] > *goal;
      if (first.kind == Kind::migrate && before) halves.push_back({.kind = first.kind, .argument = std::string(name_of(migrate::kPhases[i]))});
      if (first.kind == Kind::rollback && behind) halves.insert(halves.begin(), {.kind = first.kind, .argument = std::string(name_of(migrate::kPhases[i]))});
    }
    for (const subject::Command& half : halves) {
      if (!go_on()) return;
      Story candidate = best_.story;
      candidate.before.push_back(half);
      if (take(candidate, true)) return;
    }
  }

  // Nothing makes what follows so quick as a small database.
  void one_record() {
    if (auto records = records_of_ground(); records && records->size() > 1) {
      Story candidate = best_.story;
      candidate.records.emplace(records->begin(), records->begin() + 1);
      take(candidate);
    }
  }

  std::optional<std::vector<StoryRecord>> records_of_ground() const {
    if (best_.story.records || best_.story.source_kind != "leveldb") return best_.story.records;
    auto ground = fixture_ground(best_.story, options_.drill.fixtures);
    if (!ground) return std::nullopt;
    const check::Records found = check::read_leveldb(ground->start.find(ground->options.places.source));
    if (!found.readable()) return std::nullopt;
    std::vector<StoryRecord> records;
    for (const check::Record& record : found.sorted) records.push_back({record.key, record.value});
    return records;
  }

  void fewer_commands() {
    for (bool smaller = true; smaller && go_on();) {
      smaller = false;
      for (const auto list : {&Story::drilled, &Story::before}) {
        for (size_t i = (best_.story.*list).size(); i-- > 0 && go_on();) {
          Story candidate = best_.story;
          (candidate.*list).erase((candidate.*list).begin() + static_cast<ptrdiff_t>(i));
          if (candidate.drilled.empty()) continue;
          smaller |= take(candidate);
        }
      }
      // What is drilled and needs no fault is told before.
      if (best_.story.drilled.size() > 1 && go_on()) {
        Story candidate = best_.story;
        candidate.before.push_back(candidate.drilled.front());
        candidate.drilled.erase(candidate.drilled.begin());
        smaller |= take(candidate);
      }
    }
    for (subject::Command& command : best_.story.drilled) {
      if (command.writes_inside == 0 || !go_on()) continue;
      Story candidate = best_.story;
      candidate.drilled[&command - best_.story.drilled.data()].writes_inside = 0;
      if (take(candidate)) break;
    }
  }

  void fewer_records() {
    if (best_.story.source_kind != "leveldb" || !go_on()) return;
    if (!best_.story.records) {
      Story candidate = best_.story;
      candidate.records = records_of_ground();
      if (!candidate.records || !take(candidate)) return;
    }
    for (size_t piece = (best_.story.records->size() + 1) / 2; piece >= 1 && go_on(); piece /= 2) {
      for (size_t from = 0; from < best_.story.records->size() && go_on();) {
        Story candidate = best_.story;
        auto& records = *candidate.records;
        records.erase(records.begin() + static_cast<ptrdiff_t>(from), records.begin() + static_cast<ptrdiff_t>(std::min(records.size(), from + piece)));
        if (!take(candidate)) from += piece;
      }
    }
    for (size_t i = 0; i < best_.story.records->size() && go_on(); ++i) {
      Story candidate = best_.story;
      if (candidate.records->at(i).value.size() <= 2) continue;
      candidate.records->at(i).value = "{}";
      take(candidate);
    }
  }

  Result<Shrunk> least() {
    ROLLPROOF_ASSIGN(const Recording recording, recording_of(best_.story, options_.drill));
    CaseRunner runner(recording, options_.drill.judge);
    Shrunk shrunk;
    std::optional<LeastCrash> least;
    if (const auto* crash = std::get_if<sim::CrashId>(&best_.fault.what)) {
      least = least_crash(recording.trace(), *crash, [&](const sim::CrashId& id) { return broken(runner, {id}).has_value(); });
      best_.fault = {least->id};
      shrunk.words = least->words;
      shrunk.matters = what_matters(recording.trace(), *least);
    } else {
      if (const auto* second = std::get_if<fault::SecondCrash>(&best_.fault.what)) least = least_second(runner, *second);
      shrunk.words = best_.fault.in_words();
      shrunk.matters = what_matters(recording, runner, best_.fault, least);
    }
    auto result = broken(runner, best_.fault);
    if (!result) return fail(Code::internal, fmt::format("the shrunk case {} passes when it is run again", best_.fault.to_string()));
    shrunk.result = *std::move(result);
    shrunk.fault = best_.fault;
    shrunk.story = best_.story;
    shrunk.story.name += "-shrunk";
    shrunk.story.about = fmt::format("promise {}: {}", options_.promise, shrunk.result.violations.front().what).substr(0, 300);
    shrunk.story.exhaustive = shrunk.story.exhaustive_looks = shrunk.story.exhaustive_allocations = shrunk.story.exhaustive_write_allocations = shrunk.story.names_faults = false;
    shrunk.story.faults = Story().faults;
    shrunk.story.cases = {best_.fault};
    shrunk.operations = operations_before(recording, best_.fault);
    shrunk.tried = tried_;
    return shrunk;
  }

  // Of the second crash alone: the first stays as it is.
  std::optional<LeastCrash> least_second(CaseRunner& runner, const fault::SecondCrash& crash) {
    const sim::SimDisk* recovery = runner.recovery_from(crash.first);
    if (recovery == nullptr) return std::nullopt;
    const sim::Trace trace = recovery->trace();
    auto least = least_crash(trace, crash.second, [&](const sim::CrashId& id) { return broken(runner, {fault::SecondCrash{crash.first, id}}).has_value(); });
    best_.fault = {fault::SecondCrash{crash.first, least.id}};
    return least;
  }

  static Profile profile() {
    Profile profile = *Profile::named("deep");
    profile.second_all = false;
    profile.second_firsts = 32;
    profile.look_from_every = profile.io_from_every = 4;
    profile.randoms = 1;
    return profile;
  }

  const ShrinkOptions& options_;
  const fault::Kind kind_;
  const Profile profile_ = profile();
  Best best_;
  std::string way_;  // in which the promise is broken
  uint64_t tried_ = 0;
};

}  // namespace

Result<Shrunk> shrink(const Story& story, const fault::Fault& fault, const ShrinkOptions& options) { return Shrinker(options, fault.kind()).run(story, fault); }

}  // namespace rollproof::drill
