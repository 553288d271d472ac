// What the simulation says may come of a scenario: asked for each outcome of a real case, because a real one that it does not allow is a mistake in
// one of the two.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/drill/drill.h"

namespace rollproof::drill {

class SimulatedTwin {
 public:
  // Both outlive this.
  SimulatedTwin(const std::vector<Story>& stories, const DrillOptions& options) : stories_(stories), options_(options) {}

  struct Answer {
    bool allowed = false;
    uint64_t cases = 0;             // simulated before it was known
    std::set<std::string> seen;     // outcomes of those, as process::RealRun::outcome() prints them
    std::string to_string() const;  // "3 simulated cases: done, then done; stopped, then done"
  };
  // Runs simulated cases of the scenario, from all stories that have it, until one comes to this outcome; all of them (at most kCasesMax) if none does.
  Result<Answer> allows(const Cell& cell, const std::string& outcome);

  static constexpr uint64_t kCasesMax = 1500;

 private:
  struct Told {
    const Story* story;
    std::unique_ptr<Recording> recording;
    std::map<std::string, std::vector<Planned>> cases;  // by scenario
    std::set<fault::Kind> planned;
  };
  // For the two ways to meet damage, which are two questions.
  struct Asked {
    Answer answer;
    bool everything = false;
  };
  Status tell(const std::string& store);
  Status plan(Told& told, fault::Kind kind);
  static std::vector<Planned> cases_of(Told& told, const Cell& cell, bool between);
  bool look_for(const Cell& cell, const std::string& outcome, const std::vector<std::pair<Told*, std::vector<Planned>>>& of_stories, Answer& answer) const;

  const std::vector<Story>& stories_;
  const DrillOptions& options_;
  std::map<std::string, std::vector<Told>> told_;            // by stores
  std::map<std::pair<std::string, bool>, Asked> asked_;      // by scenario, and whether a command has answered
};

}  // namespace rollproof::drill
