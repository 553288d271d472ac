#include <fmt/format.h>

#include <map>

#include "lib/backup/list.h"
#include "lib/backup/verify.h"
#include "lib/cli/commands.h"
#include "lib/cli/reading.h"
#include "lib/migrate/manual_backup.h"
#include "lib/migrate/migrate.h"
#include "lib/migrate/recorded_path.h"

namespace rollproof::cli {
namespace {

Json report_json(const std::string& path, const backup::Report& report) {
  return {{"path", path}, {"files", report.files}, {"bytes", report.bytes}, {"records", report.records}, {"digest", report.digest},
          {"position", report.manifest.position}, {"migration", report.manifest.migration_id}};
}

std::string report_text(const std::string& path, const backup::Report& report) {
  return fmt::format("{}\n{} files, {}, opened and read: {} records, digest {}\n", path, report.files, bytes_text(report.bytes),
                     grouped(report.records), report.digest);
}

int run_create(Context& context) {
  migrate::ManualBackup made;
  auto outcome = context.with_session(context.session_options(), [&](migrate::Session& session) -> Status {
    ROLLPROOF_ASSIGN(made, migrate::create_backup(session));
    return {};
  });
  if (!outcome) return context.finish(outcome.error());
  context.print(report_json(made.path, made.report), report_text(made.path, made.report));
  return 0;
}

int run_verify(Context& context, const std::string& id) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  // A path needs no configuration: at 3 a.m. it may be what is broken.
  if (!config && id.find('/') == std::string::npos) return context.finish(config.error());
  const std::string path = backup::path_of(config ? config->backups : "", id);
  auto report = backup::verify(context.world(), path, backup::Depth::records);
  if (!report) return context.finish(report.error());
  context.print(report_json(path, *report), report_text(path, *report) + "verified\n");
  return 0;
}

// Which backups the running migration has sealed, by path.
std::map<std::string, journal::Position> sealed_paths(os::FileSystem& files, const migrate::Config& config, const migrate::State& state) {
  std::map<std::string, journal::Position> sealed;
  if (!state.active) return sealed;
  for (const migrate::Seal* seal : state.sealed_backups()) sealed[migrate::shown_backup(files, config, *seal)] = seal->position;
  return sealed;
}

int run_list(Context& context, bool verify) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  auto listed = backup::list(context.world(), config->backups);
  if (!listed) return context.finish(listed.error());
  // A journal that can not be read is no reason to hide the backups.
  const auto view = migrate::view_ledger(context.world(), *config);
  const auto sealed = view ? sealed_paths(context.world().files, *config, view->state) : std::map<std::string, journal::Position>();
  Json document = Json::array();
  std::string text;
  bool damaged = false;
  for (auto& item : *listed) {
    std::string verified = "names and sizes looked at";
    if (verify && item.manifest) {
      const auto report = backup::verify(context.world(), item.path, backup::Depth::records);
      verified = report ? "verified now" : "";
      if (!report) {
        item.problem = report.error().to_string();
        item.manifest.reset();
      }
    }
    damaged = damaged || !item.manifest;
    const auto seal = sealed.find(item.path);
    const bool is_sealed = seal != sealed.end();
    document.push_back({{"id", item.id}, {"path", item.path}, {"problem", item.problem}, {"state", item.manifest ? verified : "damaged"},
                        {"records", item.manifest ? Json(item.manifest->source.records) : Json()}, {"taken_at", item.manifest ? Json(item.manifest->created_at) : Json()},
                        {"migration", item.manifest ? Json(item.manifest->migration_id) : Json()}, {"sealed_at", is_sealed ? Json(seal->second) : Json()}});
    if (!item.manifest) {
      text += fmt::format("{}  DAMAGED: {}\n", item.id, item.problem);
      continue;
    }
    text += fmt::format("{}  {}  {} records of {}, {}, {}{}\n", item.id, item.manifest->created_at, grouped(item.manifest->source.records), item.manifest->source.where,
                        item.manifest->migration_id, verified, is_sealed ? fmt::format(", sealed at {}", seal->second) : "");
  }
  context.print(document, text.empty() ? fmt::format("no backups in {}\n", config->backups) : text);
  if (!verify || !damaged) return 0;
  return context.tell({Code::backup_damaged, "a backup is damaged", config->backups, "Take a new one: `rollproof backup create`."});
}

}  // namespace

void add_backup(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("backup", "create, list, verify, restore and judge backups");
  command->require_subcommand(1);
  auto* create_command = command->add_subcommand("create", "copy the source, open the copy and read every record");
  create_command->callback([&context, &run] { run = [&context] { return run_create(context); }; });
  auto* list_command = command->add_subcommand("list", "newest first, with time, migration and state");
  auto verify = std::make_shared<bool>(false);
  list_command->add_flag("--verify", *verify, "verify each of them, every record (26 if one is damaged)");
  list_command->callback([&context, &run, verify] { run = [&context, verify] { return look_alone(context, [&] { return run_list(context, *verify); }); }; });
  auto id = std::make_shared<std::string>();
  auto* verify_command = command->add_subcommand("verify", "files, checksums, and every record of the opened copy");
  verify_command->add_option("ID-OR-PATH", *id)->required();
  verify_command->callback([&context, &run, id] { run = [&context, id] { return look_alone(context, [&] { return run_verify(context, *id); }); }; });
  add_backup_restore(*command, context, run);
}

}  // namespace rollproof::cli
