#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/migrate/cancel.h"

namespace rollproof::cli {
namespace {

int run_cancel(Context& context, int64_t wait_seconds) {
  using Kind = migrate::CancelAnswer::Kind;
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  const auto answer = migrate::request_cancel(context.world(), *config);
  if (!answer) return context.finish(answer.error());
  if (answer->kind == Kind::nobody) {
    context.print(Json{{"asked", false}, {"holder", Json()}}, "nobody is at work: there is nothing to cancel\n");
    return 0;
  }
  if (answer->kind == Kind::is_rollback) {
    return context.finish({Code::refused, "a rollback that was begun is finished, not cancelled: " + answer->holder, config->state_directory(),
                           "`rollproof status --watch` shows how far it is."});
  }
  bool ended = false;
  if (wait_seconds > 0) {
    const auto waited = migrate::wait_for_end(context.world(), *config, *answer, wait_seconds * 1000);
    if (!waited) return context.finish(waited.error());
    if (!*waited) {
      return context.finish({Code::locked, fmt::format("asked, and after {} s still at work: {}", wait_seconds, answer->holder), config->state_directory(),
                             "The request stays; `rollproof status --watch` shows how far it is."});
    }
    ended = true;
  }
  context.print(Json{{"asked", true}, {"holder", answer->holder}, {"ended", ended}},
                ended ? fmt::format("it has ended: {}\n", answer->holder)
                      : fmt::format("asked {} to stop; it does at its next batch or step, or has ended by itself before\n"
                                    "next: rollproof status --watch\n", answer->holder));
  return 0;
}

}  // namespace

void add_cancel(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("cancel", "ask whoever is at work to stop at the next safe point; a rollback is never cancelled");
  auto wait = std::make_shared<int64_t>(0);
  command->add_option("--wait", *wait, "seconds to wait until it has ended (24 if it has not)")->check(CLI::NonNegativeNumber);
  command->callback([&context, &run, wait] { run = [&context, wait] { return run_cancel(context, *wait); }; });
}

}  // namespace rollproof::cli
