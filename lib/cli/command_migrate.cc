#include <fmt/format.h>

#include "lib/base/time_text.h"
#include "lib/cli/commands.h"
#include "lib/cli/criteria_text.h"
#include "lib/cli/phase_option.h"
#include "lib/cli/plan_text.h"
#include "lib/cli/reading.h"
#include "lib/migrate/migrate.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/paths.h"
#include "lib/rollback/recover.h"
#include "lib/rollback/rollback.h"

namespace rollproof::cli {
namespace {

struct Options {
  std::string phase;
  std::string through;
  std::string to;
  std::string reason;
  std::string detected;
};

// --phase P runs that phase alone, so the ones before it have to be done; --through P runs everything up to it.
Status check_phase_alone(migrate::Session& session, migrate::Phase phase) {
  for (const auto before : migrate::kPhases) {
    if (before == phase) return {};
    if (session.state().active && session.state().is_done(before)) continue;
    return fail(Code::refused, fmt::format("phase {} is not done yet", name_of(before)), "",
                fmt::format("Run `rollproof migrate --through {} --execute`.", name_of(phase)));
  }
  return {};
}

// The newest that is there; one that is gone is not named as if it were.
std::string backup_text(Context& context, const migrate::State& state) {
  os::FileSystem& files = context.world().files;
  const auto config = migrate::read_config(files, context.config_path);
  const auto sealed = state.sealed_backups();
  if (sealed.empty() || !config) return "";
  for (const migrate::Seal* seal : sealed) {
    std::string path = migrate::shown_backup(files, *config, *seal);
    const auto there = os::exists(files, path);
    if (there && *there) return path;
  }
  return fmt::format("{} is gone; `rollproof backup create` makes another", migrate::shown_backup(files, *config, *sealed.front()));
}

std::string done_text(Context& context, const migrate::State& state) {
  const auto reached = state.reached();
  std::string text = fmt::format("migration {}: reached {}, route {}\n", state.migration, reached ? name_of(*reached) : "nothing", name_of(state.route));
  if (const auto seal = state.seals.find("equivalence"); seal != state.seals.end()) {
    text += fmt::format("equivalence: {} records compared, {} differences\n", seal->second.facts.value("records", uint64_t{0}),
                        seal->second.facts.value("differences", uint64_t{0}));
  }
  if (const std::string backup = backup_text(context, state); !backup.empty()) text += fmt::format("backup: {}\n", backup);
  return text + "way back: rollproof rollback --execute\n";
}

std::string rolled_back_text(Context& context, const migrate::State& state) {
  if (state.active) return done_text(context, state);
  const std::string backup = backup_text(context, state);
  const auto verified = state.facts.find("rollback/verify-restored");
  std::string target = "migrated records were removed";
  if (verified != state.facts.end()) {
    if (const std::string left = verified->second.value("target_left", std::string()); !left.empty()) target = "the target is left as it is: " + left;
    if (const std::string aside = verified->second.value("target_aside", std::string()); !aside.empty()) target = "the target, which can not be read, is kept at " + aside;
  }
  return fmt::format("rolled back and verified: the source answers, {}\nthe backup stays in {}\n", target, backup.empty() ? "(none was taken)" : backup);
}

// A moment as people give it: "2025-08-13T11:26:18Z", "2025-08-13T11:26:18.516Z", or how long ago: "12m", "90s", "2h".
Result<int64_t> detected_moment(const std::string& text, int64_t now_ms) {
  std::optional<int64_t> moment = parse_time(text);
  const size_t digits = text.find_first_not_of("0123456789");
  if (!moment && digits > 0 && digits <= 6 && digits + 1 == text.size()) {
    const int64_t unit_ms = text.back() == 's' ? 1000 : text.back() == 'm' ? 60'000 : text.back() == 'h' ? 3'600'000 : 0;
    if (unit_ms != 0) moment = now_ms - std::stoll(text.substr(0, digits)) * unit_ms;
  }
  if (!moment) return fail(Code::invalid, fmt::format("--detected {}: is no moment", text), "", "Write 2025-08-13T11:26:18Z, or how long ago: 90s, 12m, 2h.");
  if (*moment > now_ms) return fail(Code::invalid, fmt::format("--detected {}: lies in the future", text), "", fmt::format("It is {} now.", time_text(now_ms)));
  return *moment;
}

int run_migrate(Context& context, const Options& options) {
  if (!options.phase.empty() && !options.through.empty()) {
    return context.finish({Code::invalid, "--phase and --through exclude each other", "", "Use --through to run everything up to a phase."});
  }
  const auto goal = phase_from(!options.phase.empty() ? options.phase : !options.through.empty() ? options.through : "cutover");
  if (!goal) return context.finish(goal.error());
  if (!context.execute) return look_alone(context, [&] { return print_plan(context, *goal); });
  auto session_options = context.session_options();
  session_options.check = migrate::FingerprintCheck::everything;
  // Records that are gone may have been taken out by another program, or by a disk: nobody but their owner can tell, so he is asked.
  session_options.take_over_foreign_writes = context.yes && (options.phase == "dual-write" || options.phase == "copy");
  migrate::State state;
  auto outcome = context.with_session(session_options, [&](migrate::Session& session) -> Status {
    if (!options.phase.empty()) ROLLPROOF_TRY(check_phase_alone(session, *goal));
    ROLLPROOF_TRY(migrate::migrate(session, {*goal, options.reason}));
    state = session.state();
    return {};
  });
  if (!outcome) return context.finish(outcome.error());
  context.print(state_json(state), done_text(context, state));
  return 0;
}

int run_rollback(Context& context, const Options& options) {
  rollback::RollbackOptions rollback_options{.reason = options.reason};
  if (!options.to.empty()) {
    auto to = phase_from(options.to);
    if (!to) return context.finish(to.error());
    rollback_options.to = *to;
  }
  if (!options.detected.empty()) {
    const auto detected = detected_moment(options.detected, context.world().clock.wall_ms());
    if (!detected) return context.finish(detected.error());
    rollback_options.detected_ms = *detected;
  }
  if (!context.execute) return look_alone(context, [&] { return print_rollback_plan(context, options.to.empty() ? "source" : options.to); });
  auto session_options = context.session_options();
  session_options.check = migrate::FingerprintCheck::everything;
  session_options.take_over_foreign_writes = context.yes;
  session_options.cancelled = {};  // a rollback that was begun is finished; a second signal stops the process and `recover` goes on
  migrate::State state;
  auto outcome = context.with_session(session_options, [&](migrate::Session& session) -> Status {
    ROLLPROOF_TRY(rollback::rollback(session, rollback_options));
    state = session.state();
    return {};
  });
  if (!outcome) return context.finish(outcome.error());
  return print_criteria(context, state_json(state), rolled_back_text(context, state));
}

}  // namespace

void add_migrate(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("migrate", "run the phases: validate, dual-write, copy, prove, cutover");
  auto options = std::make_shared<Options>();
  command->add_option("--phase", options->phase, "run this phase alone");
  command->add_option("--through", options->through, "run everything up to this phase (default: cutover)");
  command->add_option("--reason", options->reason, "for the audit trail");
  command->add_flag("--execute", context.execute, "do it; without this the plan is printed and nothing changes");
  command->callback([&context, &run, options] { run = [&context, options] { return run_migrate(context, *options); }; });
}

void add_rollback(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("rollback", "take phases back; without --to down to the source, migrated records removed");
  auto options = std::make_shared<Options>();
  command->add_option("--to", options->to, "stop at the end of this phase and keep the target's records");
  command->add_option("--reason", options->reason, "for the audit trail and the incident report");
  command->add_option("--detected", options->detected, "when the problem was noticed, for the response times of the incident report: 2025-08-13T11:26:18Z, or 12m ago as 12m");
  command->add_flag("--execute", context.execute, "do it; without this the plan is printed and nothing changes");
  command->callback([&context, &run, options] { run = [&context, options] { return run_rollback(context, *options); }; });
}

void add_recover(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("recover", "finish whatever was interrupted, forward or back");
  command->callback([&context, &run] {
    run = [&context] {
      auto options = context.session_options();
      options.cancelled = {};
      auto recovered = rollback::recover(context.world(), context.config_path, options);
      if (!recovered) return context.finish(recovered.error());
      const Json document{{"had_work", recovered->had_work}, {"did", recovered->did}};
      if (recovered->finished == "rollback") return print_criteria(context, document, recovered->did + "\n");
      std::string text = recovered->did + "\n";
      // Who types this at night wants to know who answers now.
      if (recovered->finished == "migrate") {
        const auto config = migrate::read_config(context.world().files, context.config_path);
        if (!config) return context.finish(config.error());
        const auto view = migrate::view_ledger(context.world(), *config);
        if (!view) return context.finish(view.error());
        text += done_text(context, view->state);
      }
      context.print(document, text);
      return 0;
    };
  });
}

}  // namespace rollproof::cli
