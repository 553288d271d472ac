#include "harness/drill/random/random_phase.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <chrono>

#include "harness/drill/random/generate.h"

namespace rollproof::drill {
namespace {

// What a plot has broken, before anything is made smaller.
struct Broken {
  Story story;
  std::optional<fault::Fault> fault;
  check::Violation violation;
  CaseResult result;
};

// Our own report says it.
class Silent final : public rc::detail::TestListener {
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

class Phase {
 public:
  explicit Phase(const RandomOptions& options) : options_(options) {}

  RandomOutcome run() {
    check(options_.stories, "random stories keep the ten promises", [this] {
          const Plot plot = *generated_plot();
          if (!go_on() || tired()) return;
          auto broken = tell(plot);
          if (!broken) return;
          if (!found_) found_at_ = Clock::now();
          found_ = std::move(broken);
          RC_FAIL(found_->violation.what);
        });
    if (found_) outcome_.finding = small();
    if (!found_) walk();
    return std::move(outcome_);
  }

 private:
  template <class Property>
  void check(uint64_t count, const char* id, Property&& property) {
    if (count == 0) return;
    rc::detail::TestParams params;
    params.seed = options_.drill.seed;
    params.maxSuccess = static_cast<int>(count);
    rc::detail::TestMetadata metadata;
    metadata.id = id;
    Silent listener;
    rc::detail::checkTestable(std::forward<Property>(property), metadata, params, listener, std::unordered_map<std::string, rc::detail::Reproduce>());
  }

  void walk() {
    check(options_.walks, "random walks keep the ten promises", [this] {
      const Walk walk = *generated_walk();
      if (!go_on() || (outcome_.walk && Clock::now() - found_at_ > std::chrono::milliseconds(options_.shrink_ms))) return;
      WalkOutcome taken = take_walk(walk, options_.drill);
      if (!outcome_.walk) {
        ++outcome_.walks;
        outcome_.commands += taken.commands;
        outcome_.strikes += taken.strikes;
        outcome_.images += taken.images;
      }
      if (!taken.violation) return;
      if (!outcome_.walk) found_at_ = Clock::now();
      const std::string what = taken.violation->what;
      outcome_.walk = WalkFinding{walk, std::move(taken)};
      RC_FAIL(what);
    });
  }

  using Clock = std::chrono::steady_clock;

  bool go_on() const { return !options_.go_on || options_.go_on(); }
  // Made smaller for long enough.
  bool tired() const { return found_ && Clock::now() - found_at_ > std::chrono::milliseconds(options_.shrink_ms); }

  std::optional<Broken> tell(const Plot& plot) {
    const Story story = story_of(plot, "random");
    if (!found_) ++outcome_.stories;
    auto recording = recording_of(story, options_.drill);
    if (!recording) return Broken{story, std::nullopt, {5, "the story can not be told: " + recording.error().to_string()}, {}};
    CaseRunner runner(*recording, options_.drill.judge);
    CaseResult control = runner.control();
    for (const auto& logged : recording->log.commands) {
      if (!logged.answer.ok) control.violations.push_back({5, fmt::format("without any fault \"{}\" answered {}: {}", logged.command.to_string(), name_of(logged.answer.code), logged.answer.message)});
    }
    if (!control.violations.empty()) return Broken{story, std::nullopt, control.violations.front(), control};
    if (!found_) outcome_.images += control.images;
    for (const Mischief& mischief : plot.faults) {
      const auto fault = fault_of(mischief, plot, *recording, runner);
      CaseResult result = fault ? runner.run(*fault) : CaseResult{.verdict = Verdict::inconclusive};
      if (!found_) {
        ++(result.verdict == Verdict::inconclusive ? outcome_.not_possible : outcome_.cases);
        outcome_.images += result.images;
      }
      if (!result.violations.empty()) return Broken{story, fault, result.violations.front(), std::move(result)};
    }
    return std::nullopt;
  }

  // rapidcheck has made the plot small; what is left is the fault itself.
  RandomFinding small() const {
    RandomFinding finding{.shrunk = {.story = found_->story, .result = found_->result, .words = "no fault is needed"}, .promise = found_->violation.promise, .what = found_->violation.what};
    if (!found_->fault) return finding;
    if (auto shrunk = shrink(found_->story, *found_->fault, {.drill = options_.drill, .promise = finding.promise, .go_on = [this, until = Clock::now() + std::chrono::milliseconds(options_.shrink_ms)] { return go_on() && Clock::now() < until; }})) {
      finding.shrunk = *std::move(shrunk);
      finding.what = finding.shrunk.result.violations.front().what;
      return finding;
    }
    finding.shrunk.story.cases = {*found_->fault};
    finding.shrunk.fault = *found_->fault;
    finding.shrunk.words = found_->fault->in_words();
    return finding;
  }

  const RandomOptions& options_;
  RandomOutcome outcome_;
  Clock::time_point found_at_;
  std::optional<Broken> found_;
};

}  // namespace

RandomOutcome run_random_phase(const RandomOptions& options) { return Phase(options).run(); }

}  // namespace rollproof::drill
