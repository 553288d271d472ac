#include "harness/process/step_watch.h"

#include <fmt/format.h>

namespace rollproof::process {
namespace {

std::string step_text(const Standing& standing, bool begun) {
  if (!standing.step.empty()) return standing.step;
  if (!standing.operation.empty()) return kBetween;
  return begun ? kClose : kOpen;
}

}  // namespace

Result<Site> StepWatch::place(const Call& call) {
  if (stale_) {
    ROLLPROOF_ASSIGN(standing_, standing_of(workspace_));
    begun_ = begun_ || !standing_.operation.empty();
  }
  // What this call changes is seen at the next one.
  stale_ = call.path.find("/.rollproof/journal") != std::string::npos;
  const std::string step = step_text(standing_, begun_);
  return Site{call, step, ++seen_[step]};
}

Result<std::vector<Site>> map_sites(const Workspace& workspace, const std::vector<std::string>& command) {
  std::vector<Site> sites;
  StepWatch watch(workspace);
  Status broken;
  ROLLPROOF_ASSIGN(const TracedEnd end, run_traced(workspace.command(command), [&](const Call& call, int) {
                     auto site = watch.place(call);
                     if (site) sites.push_back(*site);
                     if (!site) broken = fail(std::move(site).error());
                     return broken.has_value();
                   }));
  ROLLPROOF_TRY(broken);
  if (end.exit_code != 0) return fail(Code::internal, fmt::format("uninterrupted it ended with {}: {}", end.exit_code, end.errors), workspace.folder());
  return sites;
}

}  // namespace rollproof::process
