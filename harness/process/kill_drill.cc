#include "harness/process/kill_drill.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <string_view>

#include "harness/process/step_watch.h"
#include "harness/sim/content.h"

namespace rollproof::process {
namespace {

// First, last, and evenly between; where there are fewer places than kills, a place is taken again (the recovery is killed elsewhere).
std::vector<size_t> spread(const std::vector<size_t>& all, uint64_t wanted) {
  std::vector<size_t> chosen;
  for (uint64_t i = 0; all.size() < wanted && i < wanted; ++i) chosen.push_back(all[i % all.size()]);
  if (!chosen.empty()) return chosen;
  for (uint64_t i = 0; i < wanted; ++i) chosen.push_back(all[wanted == 1 ? all.size() / 2 : i * (all.size() - 1) / (wanted - 1)]);
  return chosen;
}

class Trial {
 public:
  Trial(Workspace workspace, Kill& kill) : workspace_(std::move(workspace)), kill_(kill) {}

  Status run(const Story& story, const Site& wanted, uint64_t recover_ordinal, bool go_on) {
    StepWatch watch(workspace_);
    Status broken;
    ROLLPROOF_ASSIGN(const TracedEnd end, run_traced(workspace_.command(story.killed), [&](const Call& call, int) {
                       const auto site = watch.place(call);
                       if (!site) broken = fail(site.error());
                       if (!site) return false;
                       kill_.call = call;
                       return site->step != wanted.step || site->in_step != wanted.in_step;
                     }));
    ROLLPROOF_TRY(broken);
    if (!end.killed && end.exit_code != 0) find(fmt::format("it ended by itself with {}: {}", end.exit_code, end.errors));
    if (auto standing = standing_of(workspace_); standing) {
      if (!standing->step.empty()) kill_.step = standing->step;
    } else {
      find("after the kill the journal is not readable: " + standing.error().to_string());
    }
    if (recover_ordinal != 0) {
      ROLLPROOF_ASSIGN(const TracedEnd again, run_traced(workspace_.command({"recover"}), [&](const Call& call, int) {
                         kill_.recover_call = call;
                         return call.ordinal != recover_ordinal;
                       }));
      kill_.recover_killed = again.killed;
      if (!again.killed && again.exit_code != 0) find(fmt::format("recover ended with {}: {}", again.exit_code, again.errors));
    }
    ROLLPROOF_ASSIGN(const Finished recovered, workspace_.rollproof({"recover"}));
    kill_.recover_ms = recovered.duration_ms;
    if (!recovered.ok()) find("recover: " + recovered.to_string());
    ROLLPROOF_TRY(look_at_stores());
    const Footprint before = footprint_of(workspace_.folder());
    ROLLPROOF_ASSIGN(const Finished again, workspace_.rollproof({"recover"}));
    if (!again.ok()) find("a second recover: " + again.to_string());
    find(difference(before, footprint_of(workspace_.folder())));
    if (go_on) ROLLPROOF_TRY(use_and_return());
    return {};
  }

 private:
  void find(const std::string& finding) { kill_.findings += finding.empty() || finding.ends_with('\n') ? finding : finding + "\n"; }

  Status look_at_stores() {
    auto standing = standing_of(workspace_);
    if (!standing) {
      find(standing.error().to_string());
      return {};
    }
    if (!standing->operation.empty() || !standing->step.empty()) find("something is still at work: " + standing->operation + " " + standing->step);
    if (standing->safe_stop) find("a safe stop");
    look(workspace_.read_source(), "source");
    if (standing->following && standing->copied) {
      look(workspace_.read_target(), "target");
      ROLLPROOF_ASSIGN(const Finished verified, workspace_.rollproof({"verify"}));
      if (!verified.ok()) find("verify: " + verified.to_string());
    } else if (standing->following) {
      // It holds what was written since it followed, and nothing else.
      auto partial = workspace_.read_target();
      if (!partial && partial.error().code != Code::not_found) find(partial.error().to_string());
      if (partial) find(workspace_.compare_partial(*partial, "target"));
    } else if (workspace_.target_exists() && !standing->active) {
      find("the target is still there");
    }
    find(workspace_.leftovers(standing->active));
    return {};
  }

  void look(const Result<Records>& read, const char* store) {
    find(read ? workspace_.compare(*read, store) : read.error().to_string());
  }

  Status use_and_return() {
    if (auto put = workspace_.must({"put", "56-AfterTheCrash", "{\"n\":1.10}"}); !put) find(put.error().to_string());
    ROLLPROOF_ASSIGN(const Standing standing, standing_of(workspace_));
    if (standing.active) {
      if (auto back = workspace_.must({"rollback", "--execute"}); !back) find(back.error().to_string());
    }
    return look_at_stores();
  }

  Workspace workspace_;
  Kill& kill_;
};

StepSummary& summary_of(StoryReport& report, const std::string& step) {
  const auto found = std::find_if(report.steps.begin(), report.steps.end(), [&](const StepSummary& summary) { return summary.step == step; });
  if (found != report.steps.end()) return *found;
  report.steps.push_back({.step = step});
  return report.steps.back();
}

}  // namespace

std::vector<Story> stories() {
  const std::vector<std::vector<std::string>> writes = {
      {"put", "56-LookCoin", "{\"overwritten\":true,\"n\":1e400}"}, {"put", "97-Fresh", "{\"a\":[1.10,-0]}"}, {"put", "56-Gone", "1"}, {"delete", "56-Gone"}};
  Story fresh{"migrate", writes, {"migrate", "--execute"}};
  Story further{"migrate from dual-write", {{"migrate", "--through", "dual-write", "--execute"}}, {"migrate", "--execute"}};
  std::vector<Story> all = {fresh, further};
  // Every phase that can be taken back: down to the source, and, where the documents go back to dual-write, to that.
  for (const char* phase : {"validate", "dual-write", "copy", "prove", "cutover"}) {
    const std::vector<std::string> reach = {"migrate", "--through", phase, "--execute"};
    const bool last = std::string_view(phase) == "cutover";
    all.push_back({last ? "rollback" : fmt::format("rollback from {}", phase), {reach}, {"rollback", "--execute"}});
    if (!last && std::string_view(phase) != "prove") continue;
    all.push_back({last ? "rollback to dual-write" : fmt::format("rollback from {} to dual-write", phase), {reach}, {"rollback", "--to", "dual-write", "--execute"}});
  }
  for (Story& story : all | std::views::drop(1)) story.before.insert(story.before.end(), writes.begin(), writes.end());
  return all;
}

Result<StoryReport> drill_story(const KillOptions& options, const Story& story, const std::function<void(const Kill&)>& done) {
  Workspace prepared(options.program, options.folder + "/prepared");
  prepared.remove();
  ROLLPROOF_TRY(prepared.begin_with(options.database, options.target_kind));
  for (const auto& command : story.before) ROLLPROOF_TRY(prepared.must(command));
  StoryReport report{.name = story.name, .records = prepared.expected().size()};
  ROLLPROOF_ASSIGN(const Workspace counted, prepared.copy_to(options.folder + "/trial"));
  ROLLPROOF_ASSIGN(const std::vector<Site> sites, map_sites(counted, story.killed));
  std::vector<std::string> order;
  std::map<std::string, std::vector<size_t>> of_step;
  for (size_t i = 0; i < sites.size(); ++i) {
    if (!of_step.contains(sites[i].step)) order.push_back(sites[i].step);
    of_step[sites[i].step].push_back(i);
    ++summary_of(report, sites[i].step).calls;
  }
  uint64_t recover_calls = 12;  // of the recover before; a guess for the first
  for (const std::string& step : order) {
    if (!options.only_step.empty() && step != options.only_step) continue;
    for (const size_t index : spread(of_step[step], options.kills_per_step)) {
      Kill kill{.step = step, .call = sites[index].call};
      ROLLPROOF_ASSIGN(Workspace workspace, prepared.copy_to(options.folder + "/trial"));
      const bool twice = options.recover_killed_every != 0 && report.kills % options.recover_killed_every == 0;
      // Small ordinals more often: recover itself may have little left to do.
      const uint64_t random = sim::scramble(options.seed * 1'000'003 + report.kills);
      const uint64_t recover_ordinal = twice ? 1 + random % (random % 2 == 0 ? recover_calls : 4 * recover_calls) : 0;
      ROLLPROOF_TRY(Trial(std::move(workspace), kill).run(story, sites[index], recover_ordinal, options.go_on));
      ++report.kills;
      StepSummary& summary = summary_of(report, kill.step);
      ++summary.kills;
      summary.recovers_killed += kill.recover_killed;
      summary.recover_ms_max = std::max(summary.recover_ms_max, kill.recover_ms);
      if (!kill.findings.empty()) {
        ++summary.failed;
        report.failures.push_back(kill);
      }
      done(kill);
    }
  }
  return report;
}

std::string to_text(const StoryReport& report) {
  std::string text = fmt::format("{} ({} records): {} kills, {} of them not recovered as promised\n", report.name, report.records, report.kills,
                                 report.failures.size());
  text += fmt::format("  {:<28} {:>8} {:>7} {:>16} {:>7} {:>14}\n", "step in progress", "changes", "kills", "recover killed", "failed", "recover ms max");
  for (const StepSummary& step : report.steps) {
    text += fmt::format("  {:<28} {:>8} {:>7} {:>16} {:>7} {:>14}\n", step.step, step.calls, step.kills, step.recovers_killed, step.failed, step.recover_ms_max);
  }
  for (const Kill& kill : report.failures) {
    text += fmt::format("  FAILED: {} before call {} ({} {}){}:\n{}", kill.step, kill.call.ordinal, kill.call.name, kill.call.path,
                        kill.recover_killed ? fmt::format(", recover before call {} ({} {})", kill.recover_call.ordinal, kill.recover_call.name, kill.recover_call.path) : "",
                        kill.findings);
  }
  return text;
}

}  // namespace rollproof::process
