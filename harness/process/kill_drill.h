// kill -9 of the real command, placed by journal position: in every step, before several of its changes to the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/process/traced.h"
#include "harness/process/workspace.h"
#include "lib/base/result.h"

namespace rollproof::process {

// What was done before, and the command that is killed.
struct Story {
  std::string name;
  std::vector<std::vector<std::string>> before;
  std::vector<std::string> killed;
};
// Migrate from the start, from a dual-write with user's writes in the journal; the rollback of each phase to the source, of the last two to
// dual-write as well.
std::vector<Story> stories();

struct KillOptions {
  std::string program;            // rollproof
  std::string database;           // copied for each story
  std::string folder;             // to work in
  std::string target_kind = "unified-json";
  uint64_t kills_per_step = 5;    // places spread over the step's changes; taken again where a step makes fewer
  uint64_t recover_killed_every = 3;  // in each n-th trial the first recover is killed as well; 0: never
  bool go_on = true;              // after recovery a put and the way back must work, too
  std::string only_step;          // kills in this step alone; empty: in all
  uint64_t seed = 1;
};

struct Kill {
  std::string step;      // in progress by the journal after the kill
  Call call;             // that was about to happen
  int64_t recover_ms = 0;
  bool recover_killed = false;
  Call recover_call;     // that was about to happen in that recover
  std::string findings;  // one a line; empty if the promises held
};

struct StepSummary {
  std::string step;
  uint64_t calls = 0;    // that the uninterrupted command made in it
  uint64_t kills = 0;
  uint64_t recovers_killed = 0;
  uint64_t failed = 0;
  int64_t recover_ms_max = 0;
};

struct StoryReport {
  std::string name;
  uint64_t records = 0;
  std::vector<StepSummary> steps;  // in the order in which they happen
  std::vector<Kill> failures;
  uint64_t kills = 0;
};

// Code::no_permission as run_traced. Any other error is the drill's own.
Result<StoryReport> drill_story(const KillOptions& options, const Story& story, const std::function<void(const Kill&)>& done);

std::string to_text(const StoryReport& report);

}  // namespace rollproof::process
