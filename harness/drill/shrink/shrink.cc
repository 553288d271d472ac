#include "harness/drill/shrink/shrink.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/check/read_leveldb.h"
#include "harness/drill/shrink/lost_writes.h"

namespace rollproof::drill {
namespace {

constexpr uint64_t kCasesPerCandidate = 4000;  // then a smaller story counts as one in which the promise holds

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
    best_ = {story, fault, *std::move(result)};
    fewer_commands();
    fewer_records();
    return least();
  }

 private:
  struct Best {
    Story story;
    fault::Fault fault;
    CaseResult result;
  };

  bool go_on() const { return !options_.go_on || options_.go_on(); }

  std::optional<CaseResult> broken(CaseRunner& runner, const fault::Fault& fault) {
    ++tried_;
    CaseResult result = runner.run(fault);
    const bool same = std::any_of(result.violations.begin(), result.violations.end(), [&](const auto& violation) { return violation.promise == options_.promise; });
    return same ? std::optional(std::move(result)) : std::nullopt;
  }

  // True, and the best from now on, if a case of the same kind breaks the promise in it. Without any fault it has to hold.
  bool take(const Story& candidate) {
    auto recording = recording_of(candidate, options_.drill);
    if (!recording) return false;
    const auto& commands = recording->log.commands;
    if (std::any_of(commands.begin(), commands.end(), [](const auto& logged) { return !logged.answer.ok; })) return false;
    CaseRunner runner(*recording, options_.drill.judge);
    if (runner.control().verdict != Verdict::passed) return false;
    Profile profile = *Profile::named("deep");
    profile.second_firsts = 32;
    profile.look_from_every = profile.io_from_every = 4;
    const Plan plan = plan_cases(*recording, runner, profile, fmt::format("*.{}.*", fault::name_of(kind_)));
    // Of many cases every n-th first: what breaks usually does so at more than one point.
    const size_t stride = std::max<size_t>(1, plan.cases.size() / kCasesPerCandidate);
    uint64_t run = 0;
    for (size_t i = 0; i < plan.cases.size() && run < kCasesPerCandidate && go_on(); i += stride, ++run) {
      if (auto result = broken(runner, plan.cases[i].fault)) {
        best_ = {candidate, plan.cases[i].fault, *std::move(result)};
        return true;
      }
    }
    return false;
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
      auto ground = fixture_ground(best_.story, options_.drill.fixtures);
      if (!ground) return;
      const check::Records records = check::read_leveldb(ground->start.find(ground->options.places.source));
      if (!records.readable()) return;
      Story candidate = best_.story;
      candidate.records.emplace();
      for (const check::Record& record : records.sorted) candidate.records->push_back({record.key, record.value});
      if (!take(candidate)) return;
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
    Shrunk shrunk{.words = best_.fault.in_words()};
    if (const auto* crash = std::get_if<sim::CrashId>(&best_.fault.what)) {
      LeastCrash least = least_crash(recording.trace(), *crash, [&](const sim::CrashId& id) { return broken(runner, {id}).has_value(); });
      best_.fault = {std::move(least.id)};
      shrunk.words = std::move(least.words);
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
    const uint64_t at = best_.fault.at(), first = recording.first_drilled();
    shrunk.operations = at > first ? at - first : 0;
    shrunk.tried = tried_;
    return shrunk;
  }

  const ShrinkOptions& options_;
  const fault::Kind kind_;
  Best best_;
  uint64_t tried_ = 0;
};

}  // namespace

Result<Shrunk> shrink(const Story& story, const fault::Fault& fault, const ShrinkOptions& options) { return Shrinker(options, fault.kind()).run(story, fault); }

}  // namespace rollproof::drill
