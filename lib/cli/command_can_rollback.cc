#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/cli/criteria_text.h"
#include "lib/cli/phase_option.h"
#include "lib/cli/progress.h"
#include "lib/cli/reading.h"
#include "lib/rollback/rehearsal.h"

namespace rollproof::cli {
namespace {

Json to_json(const rollback::Rehearsal& rehearsal) {
  Json document{{"can_rollback", !rehearsal.why_not}, {"reason", rehearsal.why_not ? Json(rehearsal.why_not->to_string()) : Json()},
                {"migration", rehearsal.migration}, {"goal", rehearsal.goal},
                {"interrupted", rehearsal.interrupted.empty() ? Json() : Json(rehearsal.interrupted)}, {"measured_ms", rehearsal.taken_ms}};
  document["steps"] = Json::array();
  for (const auto& [step, ms] : rehearsal.steps) document["steps"].push_back({{"step", step}, {"ms", ms}});
  document["not_in_the_time"] = Json{{"syncs", true}, {"target_files", rehearsal.target_files}, {"target_bytes", rehearsal.target_bytes}};
  document["writes"] = Json{{"kept", rehearsal.writes_kept}, {"replayed", rehearsal.writes_replayed}, {"quarantined", rehearsal.writes_quarantined}};
  for (const char* name : {"compared_with", "restored_from", "damage", "records", "digest", "target_left"}) {
    const std::string value = rehearsal.fact(name);
    document[name] = value.empty() ? Json() : Json(value);
  }
  document["facts"] = Json::object();
  for (const auto& [step, facts] : rehearsal.facts) document["facts"][step] = facts;
  return document;
}

std::string to_text(const rollback::Rehearsal& rehearsal) {
  std::string text = fmt::format("can roll back to {}: {}\n", rehearsal.goal == "source" ? "the source alone" : "the end of " + rehearsal.goal, rehearsal.why_not ? "NO" : "yes");
  if (rehearsal.why_not) text += fmt::format("reason     {}\n", rehearsal.why_not->to_string());
  if (!rehearsal.interrupted.empty()) text += fmt::format("at work    {} was begun and not ended; `rollproof recover` would finish it\n", rehearsal.interrupted);
  if (const std::string damage = rehearsal.fact("damage"); !damage.empty()) {
    text += fmt::format("damage     {}\nrestored   from {}\n", damage, rehearsal.fact("restored_from"));
  }
  if (!rehearsal.why_not) {
    text += fmt::format("proof      {} records, digest {}, compared with {}\n", rehearsal.fact("records"), rehearsal.fact("digest"), rehearsal.fact("compared_with"));
    if (const std::string left = rehearsal.fact("target_left"); !left.empty()) text += fmt::format("target     left as it is: {}\n", left);
    text += fmt::format("writes     {} kept, {} of them replayed into the source, {} quarantined\n", rehearsal.writes_kept, rehearsal.writes_replayed, rehearsal.writes_quarantined);
    text += fmt::format("time       {}, measured just now by doing it on a throw-away view\n", duration_text(rehearsal.taken_ms));
    for (const auto& [step, ms] : rehearsal.steps) text += fmt::format("             {:<16} {}\n", step, duration_text(ms));
    text += "           not in it: this disk's syncs";
    if (rehearsal.target_files > 0 && rehearsal.fact("target_left").empty()) text += fmt::format(", and removing the target's {} files, {}", rehearsal.target_files, bytes_text(rehearsal.target_bytes));
    text += fmt::format("\nnext: rollproof rollback{} --execute\n", rehearsal.goal == "source" ? "" : " --to " + rehearsal.goal);
  }
  return text;
}

int run_can_rollback(Context& context, const std::string& to) {
  rollback::RollbackOptions options;
  if (!to.empty()) {
    const auto phase = phase_from(to);
    if (!phase) return context.finish(phase.error());
    options.to = *phase;
  }
  ProgressBar bar(context.world().clock);
  const auto rehearsal = rollback::rehearse(context.world(), context.config_path, options, [&](const migrate::Progress& progress) { bar.show(progress); });
  if (!rehearsal) return context.finish(rehearsal.error());
  context.print(to_json(*rehearsal), to_text(*rehearsal));
  if (!rehearsal->why_not) return 0;
  const Error& error = *rehearsal->why_not;
  // The view is kept in memory: what does not fit there says nothing about the disk.
  if (error.code == Code::no_space) return context.tell(error, ExitCode::not_enough_evidence);
  // A store that somebody else wrote to is a difference, for a command that looks.
  if (error.code == Code::refused && !error.path.empty()) return context.tell(error, ExitCode::differs);
  return context.tell(error);
}

}  // namespace

void add_can_rollback(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("can-rollback", "yes (0) or no, why, backup, measured time, writes kept; changes nothing");
  auto to = std::make_shared<std::string>();
  command->add_option("--to", *to, "ask for a rollback to the end of this phase");
  command->callback([&context, &run, to] { run = [&context, to] { return look_alone(context, [&] { return run_can_rollback(context, *to); }); }; });
}

}  // namespace rollproof::cli
