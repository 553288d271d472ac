// status: where things stand, once or for as long as somebody is at work.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "lib/cli/commands.h"
#include "lib/cli/criteria_text.h"
#include "lib/cli/plan_text.h"
#include "lib/cli/progress.h"
#include "lib/cli/progress_file.h"
#include "lib/cli/reading.h"
#include "lib/cli/say.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/paths.h"
#include "lib/rollback/past.h"

namespace rollproof::cli {
namespace {

constexpr int64_t kWatchEveryMs = 1000;
constexpr int64_t kLookAtSignalsEveryMs = 50;

struct Look {
  Json document;
  std::string text;
  std::string line;  // the same in one line
  bool busy = false;
};

std::string status_text(const migrate::Config& config, const migrate::LedgerView& view) {
  const migrate::State& state = view.state;
  if (!view.journal.exists || state.migration.empty()) return "no migration was ever begun here; next: rollproof validate\n";
  if (!state.active) return fmt::format("migration {} ended: {}\n", state.migration, state.outcome);
  const auto reached = state.reached();
  std::string text = fmt::format("migration {}\nreached    {}\nroute      {} (epoch {})\n", state.migration,
                                 reached ? name_of(*reached) : "nothing yet", name_of(state.route), state.epoch);
  text += fmt::format("journal    {} entries, {}\n", view.journal.last, view.journal.clean ? "closed cleanly" : "open or interrupted");
  if (state.operation) text += fmt::format("at work    {} {} (to {})\n", state.operation->kind, state.operation->id, state.operation->goal);
  if (state.behind) text += fmt::format("behind     the {} lacks what was written since it could not be opened ({}); next, once it is there again: rollproof recover\n", state.behind->store, state.behind->why);
  for (const std::string& step : state.steps_begun) text += fmt::format("step       {} begun\n", step);
  for (const auto& [kind, seal] : state.seals) text += fmt::format("seal       {:<12} {} at {}\n", kind, seal.passed ? "passed" : "FAILED", seal.position);
  if (state.safe_stop) {
    const std::string path = migrate::from_recorded(config, state.safe_stop_event.value("path", std::string()));
    text += fmt::format("SAFE STOP  {}{}\n", state.safe_stop_event.value("message", std::string()), path.empty() ? "" : " (" + path + ")");
  }
  return text;
}

// What a rollback takes is known if one was done here; otherwise it can be measured.
std::string way_back_text(const std::optional<rollback::Past>& past) {
  if (!past || !past->succeeded) return "way back   rollproof rollback --execute; how long it takes: rollproof can-rollback\n";
  return fmt::format("way back   rollproof rollback --execute; the last one here took {}\n", duration_text(past->taken_ms()));
}

Result<Look> look(Context& context) {
  auto& world = context.world();
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(world.files, context.config_path));
  ROLLPROOF_ASSIGN(const migrate::LedgerView view, migrate::view_ledger(world, config));
  ROLLPROOF_TRY(migrate::check_trail_has_journal(world, config, view.journal.exists));
  ROLLPROOF_ASSIGN(const auto holder, world.files.lock_holder(os::join(config.state_directory(), migrate::kLockFile)));
  ROLLPROOF_ASSIGN(const auto past, rollback::last_rollback(world, config));
  Look found;
  found.busy = holder.has_value();
  found.text = status_text(config, view);
  found.document = state_json(view.state);
  found.document["journal"] = Json{{"exists", view.journal.exists}, {"clean", view.journal.clean}, {"entries", view.journal.last}};
  found.document["holder"] = holder ? Json(*holder) : Json();
  found.document["last_rollback_ms"] = past && past->succeeded ? Json(past->taken_ms()) : Json();
  found.document["progress"] = Json();
  if (!holder) {
    if (view.journal.exists && !view.journal.clean) {
      found.text += "nobody is at work: it was interrupted; next: rollproof recover\n";
    } else if (view.state.active) {
      found.text += way_back_text(past);
    }
    found.line = "nobody is at work";
    return found;
  }
  found.text += fmt::format("held by    {}\n", *holder);
  found.line = view.state.steps_begun.empty() ? "between two steps" : *view.state.steps_begun.begin();
  if (const auto live = read_progress(world, config, view.state, *holder)) {
    found.line = live->to_text();
    found.text += fmt::format("progress   {}\n", found.line);
    const auto left = live->seconds_left();
    found.document["progress"] = Json{{"phase", live->phase}, {"step", live->step}, {"records", live->records}, {"records_total", live->records_total},
                                      {"rate_per_s", live->rate_per_s}, {"seconds_left", left ? Json(*left) : Json()}, {"updated_ms", live->updated_ms}};
  }
  return found;
}

int look_into(Look& found, Context& context) {
  auto looked = look(context);
  if (!looked) return context.finish(looked.error());
  found = std::move(*looked);
  return 0;
}

// False: interrupted meanwhile.
bool wait(os::Clock& clock) {
  for (int64_t waited_ms = 0; waited_ms < kWatchEveryMs; waited_ms += kLookAtSignalsEveryMs) {
    if (stop_requested()) return false;
    clock.sleep_ms(kLookAtSignalsEveryMs);
  }
  return !stop_requested();
}

int run_watch(Context& context) {
  const bool terminal = isatty(STDOUT_FILENO) == 1 && !context.json;
  std::string shown;
  for (;;) {
    Look found;
    const auto code = try_to_look(context, [&] { return look_into(found, context); });
    if (code && *code != 0) return *code;
    // Where one command follows the other there is always somebody at work, and the next look tells more.
    if (code && terminal) {
      say(stdout, "\x1b[H\x1b[2J{}", found.text);
    } else if (code) {
      const std::string now = context.json ? found.document.dump(-1, ' ', false, Json::error_handler_t::replace) : found.line;
      if (now != shown) say(stdout, "{}\n", now);
      shown = now;
    }
    std::fflush(stdout);
    if (code && !found.busy) return 0;
    if (!wait(context.world().clock)) return static_cast<int>(ExitCode::interrupted);
  }
}

int run_status(Context& context) {
  const auto found = look(context);
  if (!found) return context.finish(found.error());
  context.print(found->document, found->text);
  return 0;
}

}  // namespace

void add_status(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("status", "phase, route, what is at work and how far it is, what is sealed, the way back");
  auto watch = std::make_shared<bool>(false);
  command->add_flag("--watch", *watch, "once a second until nobody is at work; a line per change where it is no terminal");
  command->callback([&context, &run, watch] { run = [&context, watch] { return *watch ? run_watch(context) : look_alone(context, [&] { return run_status(context); }); }; });
}

}  // namespace rollproof::cli
