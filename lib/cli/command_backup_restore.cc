// backup restore and backup quality.
#include <fmt/format.h>

#include "lib/backup/list.h"
#include "lib/backup/quality.h"
#include "lib/cli/commands.h"
#include "lib/cli/reading.h"
#include "lib/cli/say.h"
#include "lib/os/paths.h"
#include "lib/rollback/restore_backup.h"

namespace rollproof::cli {
namespace {

Json to_json(const rollback::Exchange& exchange, const std::string& source, bool active, bool done) {
  return {{"backup", exchange.backup}, {"taken_at", exchange.manifest.created_at}, {"source", source}, {"migration_active", active}, {"records", exchange.records},
          {"replayed_keys", exchange.replayed_keys}, {"differing", exchange.differing ? Json(*exchange.differing) : Json()},
          {"why_not_compared", exchange.why_not_compared}, {"aside", exchange.aside}, {"restored", done}};
}

std::string to_text(const rollback::Exchange& exchange, const std::string& source, bool active) {
  std::string text = fmt::format("restore {} from {}, taken {}\n", source, exchange.backup, exchange.manifest.created_at);
  text += active ? fmt::format("a migration is active: {} keys that were written since are put on top\n", exchange.replayed_keys)
                 : "no migration is active: writes made since the backup are NOT in what is restored\n";
  text += exchange.differing ? fmt::format("{} records will be there; {} differ from the source of now\n", grouped(exchange.records), grouped(*exchange.differing))
                             : fmt::format("{} records will be there; the source of now can not be read: {}\n", grouped(exchange.records), exchange.why_not_compared);
  return text + fmt::format("the source of now is moved to {}, nothing is deleted\n", exchange.aside);
}

int run_restore(Context& context, const std::string& id) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  const auto path = backup::find(context.world(), config->backups, id);
  if (!path) return context.finish(path.error());
  Json document;
  std::string text;
  const auto plan = [&](migrate::Session& session) -> Result<rollback::Exchange> {
    auto exchange = rollback::plan_exchange(session, *path);
    if (exchange) {
      document = to_json(*exchange, config->source.path, session.state().active, context.execute);
      text = to_text(*exchange, config->source.path, session.state().active);
    }
    return exchange;
  };
  if (!context.execute) {
    if (auto free = check_nobody_writes(context); !free) return context.finish(free.error());
    ReadingWorld reading(context.world());
    auto session = migrate::Session::open(reading.world(), context.config_path, {});
    if (!session) return context.finish(session.error());
    if (auto planned = plan(**session); !planned) return context.finish(planned.error());
    context.print(document, text + "nothing was changed; add --execute to do this\n");
    return 0;
  }
  auto options = context.session_options();
  options.cancelled = {};
  auto outcome = context.with_session(options, [&](migrate::Session& session) -> Status {
    ROLLPROOF_ASSIGN(const rollback::Exchange exchange, plan(session));
    say(stderr, "{}", text);
    return rollback::exchange_source(session, exchange);
  });
  if (!outcome) return context.finish(outcome.error());
  context.print(document, fmt::format("restored: {} holds {} records\nthe source of before is in {}\n", config->source.path, grouped(document["records"].get<uint64_t>()),
                                      document["aside"].get<std::string>()));
  return 0;
}

int run_quality(Context& context, const std::string& id) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  const auto path = backup::find(context.world(), config->backups, id);
  if (!path) return context.finish(path.error());
  const auto quality = backup::assess_quality(context.world(), *path, os::bytes_below(context.world().files, config->source.path));
  if (!quality) return context.finish(quality.error());
  Json document{{"path", *path}, {"score", quality->score()}, {"parts", Json::array()}, {"warnings", quality->warnings}};
  std::string text = fmt::format("{}\nquality {} of 100\n", *path, quality->score());
  for (const auto& part : quality->parts) {
    document["parts"].push_back({{"name", part.name}, {"points", part.points}, {"of", part.points_max}, {"why", part.why}});
    text += fmt::format("  {:<14} {:>2} of {}  {}\n", part.name, part.points, part.points_max, part.why);
  }
  for (const std::string& warning : quality->warnings) text += "  warning        " + warning + "\n";
  context.print(document, text);
  if (quality->report.problems.empty()) return 0;
  return context.tell({Code::backup_damaged, "the backup is damaged", *path, "Choose another one: `rollproof backup list --verify`."});
}

}  // namespace

void add_backup_restore(CLI::App& backup, Context& context, Run& run) {
  auto id = std::make_shared<std::string>();
  auto* restore = backup.add_subcommand("restore", "the backup takes the place of the source; the source of now is moved aside");
  restore->add_option("ID-OR-PATH", *id)->required();
  restore->add_flag("--execute", context.execute, "do it; without this the plan is printed and nothing changes");
  restore->callback([&context, &run, id] { run = [&context, id] { return context.execute ? run_restore(context, *id) : look_alone(context, [&] { return run_restore(context, *id); }); }; });
  auto* quality = backup.add_subcommand("quality", "a score of 100 from completeness, integrity, age and size, with its parts");
  quality->add_option("ID-OR-PATH", *id)->required();
  quality->callback([&context, &run, id] { run = [&context, id] { return look_alone(context, [&] { return run_quality(context, *id); }); }; });
}

}  // namespace rollproof::cli
