#include "harness/process/real_stage.h"

#include <fmt/format.h>

#include <array>

#include "lib/os/posix.h"

namespace rollproof::process {
namespace {

constexpr std::array kPhases = {"validate", "dual-write", "copy", "prove", "cutover"};

std::vector<std::string> through(const std::string& phase) { return {"migrate", "--through", phase, "--execute"}; }

std::vector<RealStage> make_stages() {
  std::vector<RealStage> stages;
  const char* before = "validate";
  for (const char* phase : kPhases) {
    stages.push_back({fmt::format("real-migrate-to-{}", phase), "forward", phase, before, through(phase)});
    before = phase;
  }
  for (const char* phase : kPhases) stages.push_back({fmt::format("real-rollback-from-{}", phase), "rollback", phase, phase, {"rollback", "--execute"}});
  return stages;
}

}  // namespace

const std::vector<RealStage>& real_stages() {
  static const std::vector<RealStage> stages = make_stages();
  return stages;
}

std::string RealStage::journal_step(const std::string& step) const {
  if (step == "open") return step;
  return (direction == "rollback" ? "rollback" : phase) + "/" + step;
}

Result<sim::Image> image_of(const Workspace& workspace) {
  os::PosixFileSystem files;
  return sim::Image::load(files, workspace.folder());
}

Result<RealStarts> RealStarts::prepare(const std::string& program, const std::string& database, const std::string& target_kind, const std::string& folder) {
  RealStarts starts;
  starts.target_kind_ = target_kind;
  Workspace workspace(program, folder + "/start");
  workspace.remove();
  ROLLPROOF_TRY(workspace.begin_with(database, target_kind));
  ROLLPROOF_ASSIGN(const sim::Image before, image_of(workspace));
  RealStart start{std::move(workspace), before, {}};
  const auto write = [&](const std::string& key, const std::string& value) -> Status {
    ROLLPROOF_TRY(start.workspace.must({"put", key, value}));
    start.writes.push_back({key, value, start.writes.size() + 1, true});
    return {};
  };
  ROLLPROOF_TRY(write("56-Early", "{\"n\":1.10}"));
  starts.reached_.emplace("", start);
  for (const std::string phase : kPhases) {
    ROLLPROOF_ASSIGN(start.workspace, start.workspace.copy_to(folder + "/start-" + phase));
    ROLLPROOF_TRY(start.workspace.must(through(phase)));
    // A record that is there and one that is not, so that each way back has something to keep.
    ROLLPROOF_TRY(write("56-LookCoin", fmt::format("{{\"since\":\"{}\",\"n\":1e400}}", phase)));
    ROLLPROOF_TRY(write("97-Since-" + phase, "[-0]"));
    starts.reached_.emplace(phase, start);
  }
  return starts;
}

const RealStart& RealStarts::of(const RealStage& stage) const {
  const bool first = stage.direction == "forward" && stage.phase == kPhases.front();
  return reached_.at(first ? "" : stage.phase_before);
}

}  // namespace rollproof::process
