// What is drilled with real processes: one command for each phase forward and each way back, and the folders in which they begin.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/check/evidence.h"
#include "harness/process/workspace.h"
#include "lib/base/result.h"

namespace rollproof::process {

struct RealStage {
  std::string name;          // "real-migrate-to-copy", "real-rollback-from-copy"
  std::string direction;     // "forward", "rollback"
  std::string phase;         // that is gone through, or taken back
  std::string phase_before;  // that has been reached when the command begins; "validate" if none has
  std::vector<std::string> command;

  // The name of a step in the journal, as it stands in the matrix, and back: "copy/drain" is step drain; "open" is before the first one.
  std::string journal_step(const std::string& step) const;
};
// In the order of the phases, forward first.
const std::vector<RealStage>& real_stages();

// A folder in which a stage can begin; and what the checkers have to know of its past.
struct RealStart {
  Workspace workspace;
  sim::Image before;                 // before the first command
  std::vector<check::Write> writes;  // that were acknowledged since
};

// One for each phase that can have been reached, made with the real command below `folder`.
class RealStarts {
 public:
  static Result<RealStarts> prepare(const std::string& program, const std::string& database, const std::string& target_kind, const std::string& folder);
  const RealStart& of(const RealStage& stage) const;
  const std::string& target_kind() const { return target_kind_; }

 private:
  std::string target_kind_;
  std::map<std::string, RealStart> reached_;  // by phase; "" before the first
};

// The files of a workspace as the checkers read them. REQUIRES: nothing is at work.
Result<sim::Image> image_of(const Workspace& workspace);

}  // namespace rollproof::process
