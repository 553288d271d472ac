#include <fmt/format.h>

#include "lib/backup/list.h"
#include "lib/backup/take.h"
#include "lib/backup/verify.h"
#include "lib/cli/commands.h"
#include "lib/migrate/migrate.h"

namespace rollproof::cli {
namespace {

// A backup by hand; it belongs to no migration, so a migration never mistakes it for its own.
Status create(Context& context, backup::Report& report, std::string& path) {
  return context.with_session(context.session_options(), [&](migrate::Session& session) -> Status {
    if (session.state().operation) return fail(Code::stopped, "a " + session.state().operation->kind + " was interrupted", "", "Run `rollproof recover`.");
    // Mended and closed first: files are copied while nobody has them open.
    if (session.ledger().interrupted()) ROLLPROOF_TRY(session.need_router());
    ROLLPROOF_TRY(session.close_router());
    const backup::Request request{.root = session.config().backups,
                                  .migration_id = migrate::new_id(session.world(), "manual"),
                                  .position = session.ledger().last(),
                                  .source = session.config().source,
                                  .configuration = session.config().path,
                                  .legacy_json = session.config().legacy_json};
    ROLLPROOF_ASSIGN(const backup::Backup taken, backup::take(session.world(), request));
    path = taken.path;
    ROLLPROOF_ASSIGN(report, backup::verify(session.world(), path, backup::Depth::records));
    return {};
  });
}

Json report_json(const std::string& path, const backup::Report& report) {
  return {{"path", path}, {"files", report.files}, {"bytes", report.bytes}, {"records", report.records}, {"digest", report.digest},
          {"position", report.manifest.position}, {"migration", report.manifest.migration_id}};
}

std::string report_text(const std::string& path, const backup::Report& report) {
  return fmt::format("{}\n{} files, {}, opened and read: {} records, digest {}\n", path, report.files, bytes_text(report.bytes),
                     grouped(report.records), report.digest);
}

int run_create(Context& context) {
  backup::Report report;
  std::string path;
  if (auto outcome = create(context, report, path); !outcome) return context.finish(outcome.error());
  context.print(report_json(path, report), report_text(path, report));
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

int run_list(Context& context) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  auto listed = backup::list(context.world(), config->backups);
  if (!listed) return context.finish(listed.error());
  Json document = Json::array();
  std::string text;
  for (const auto& item : *listed) {
    document.push_back({{"id", item.id}, {"path", item.path}, {"problem", item.problem},
                        {"records", item.manifest ? Json(item.manifest->source.records) : Json()}});
    text += item.manifest ? fmt::format("{}  {} records, of {}\n", item.id, grouped(item.manifest->source.records), item.manifest->source.where)
                          : fmt::format("{}  DAMAGED: {}\n", item.id, item.problem);
  }
  context.print(document, text.empty() ? fmt::format("no backups in {}\n", config->backups) : text);
  return 0;
}

}  // namespace

void add_backup(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("backup", "create, list and verify backups");
  command->require_subcommand(1);
  auto* create_command = command->add_subcommand("create", "copy the source, open the copy and read every record");
  create_command->callback([&context, &run] { run = [&context] { return run_create(context); }; });
  auto* list_command = command->add_subcommand("list", "newest first");
  list_command->callback([&context, &run] { run = [&context] { return run_list(context); }; });
  auto id = std::make_shared<std::string>();
  auto* verify_command = command->add_subcommand("verify", "files, checksums, and every record of the opened copy");
  verify_command->add_option("ID-OR-PATH", *id)->required();
  verify_command->callback([&context, &run, id] { run = [&context, id] { return run_verify(context, *id); }; });
}

}  // namespace rollproof::cli
