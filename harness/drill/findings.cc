#include "harness/drill/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/drill/random/random_phase.h"
#include "harness/drill/shrink/shrink.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::drill {
namespace {

std::function<bool()> for_ms(int64_t ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  return [end] { return std::chrono::steady_clock::now() < end; };
}

Status write_story(const std::string& path, const Story& story) {
  os::PosixFileSystem files;
  return os::replace_file(files, path, story.to_json());
}

}  // namespace

Status keep_findings(const std::vector<Story>& stories, const DrillOptions& options, const std::string& folder, Outcome& outcome) {
  std::vector<int> promises;
  for (const FoundViolation& violation : outcome.violations) {
    if (promises.size() >= kFindingsKept || violation.category == "crash" || violation.category == "timeout" || std::find(promises.begin(), promises.end(), violation.promise) != promises.end()) continue;
    const auto id = CaseId::parse(violation.case_id);
    if (!id) continue;  // of a control run: the story itself is what fails
    const auto story = std::find_if(stories.begin(), stories.end(), [&](const Story& one) { return one.name == id->story; });
    if (story == stories.end()) continue;
    auto shrunk = shrink(*story, id->fault, {.drill = options, .promise = violation.promise, .go_on = for_ms(kShrinkMs)});
    if (!shrunk) continue;  // what does not fail here alone has no small form; its own replay line stays
    promises.push_back(violation.promise);
    const std::string file = os::join(folder, fmt::format("finding-{}.json", promises.size()));
    ROLLPROOF_TRY(write_story(file, shrunk->story));
    outcome.kept.push_back({violation.case_id, violation.promise, file, shrunk->fault.to_string(), shrunk->words, shrunk->matters, shrunk->operations});
  }
  return {};
}

Status keep_walk(const WalkFinding& found, const std::string& folder, Outcome& outcome) {
  const std::string file = os::join(folder, "finding-walk.json");
  os::PosixFileSystem files;
  ROLLPROOF_TRY(os::replace_file(files, file, found.walk.to_json()));
  const check::Violation& violation = *found.taken.violation;
  outcome.kept.push_back({"walk", violation.promise, file, "", fmt::format("a walk of {} commands, {} of them struck:\n{}", found.taken.commands, found.taken.strikes, found.taken.text), {}, found.taken.commands});
  outcome.violations.push_back({.case_id = "walk:" + file, .promise = violation.promise, .what = violation.what, .category = "wrong_state", .story_file = ""});
  ++outcome.violations_total;
  return {};
}

Status add_random_phase(const DrillOptions& options, uint64_t count, const std::string& folder, Outcome& outcome, const std::function<bool()>& go_on) {
  DrillOptions drill = options;
  drill.event = {};
  const uint64_t walks = (count + 1) / 2;
  const RandomOutcome random = run_random_phase({.drill = drill, .stories = count, .walks = walks, .go_on = go_on});
  outcome.random = {.planned = count, .stories = random.stories, .cases = random.cases, .images = random.images, .not_possible = random.not_possible};
  outcome.random.walks_planned = walks;
  outcome.random.walks = random.walks;
  outcome.random.commands = random.commands;
  outcome.random.strikes = random.strikes;
  if (random.walk) return keep_walk(*random.walk, folder, outcome);
  if (!random.finding) return {};
  const Shrunk& shrunk = random.finding->shrunk;
  const std::string file = os::join(folder, "finding-random.json");
  ROLLPROOF_TRY(write_story(file, shrunk.story));
  const std::string fault = shrunk.story.cases.empty() ? "" : shrunk.fault.to_string();
  outcome.kept.push_back({"random", random.finding->promise, file, fault, shrunk.words, shrunk.matters, shrunk.operations});
  outcome.violations.push_back({.case_id = "random:" + (fault.empty() ? "control" : fault), .promise = random.finding->promise, .what = random.finding->what, .category = shrunk.result.category, .story_file = file});
  ++outcome.violations_total;
  return {};
}

}  // namespace rollproof::drill
