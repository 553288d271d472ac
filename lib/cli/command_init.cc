#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/os/paths.h"

namespace rollproof::cli {
namespace {

struct Options {
  std::string source;
  std::string target;
};

Status init(Context& context, const Options& options, Json& document) {
  ROLLPROOF_ASSIGN(const store::Where source, store::parse_where(options.source));
  ROLLPROOF_ASSIGN(const store::Where target, store::parse_where(options.target));
  auto& files = context.world().files;
  ROLLPROOF_ASSIGN(const bool configured, os::exists(files, context.config_path));
  if (configured) return fail(Code::refused, "there is a configuration already", context.config_path, "Edit it, or name another file with --config.");
  const std::string folder = os::parent_of(context.config_path);
  store::Where seen_source = source;
  if (!source.path.starts_with('/') && folder != ".") seen_source.path = os::join(folder, source.path);
  ROLLPROOF_ASSIGN(const bool there, store::is_there(context.world(), seen_source));
  if (!there) {
    return fail(Code::invalid, fmt::format("there is no {} store", source.kind), seen_source.path, "Name the folder that holds the records today.");
  }
  const std::string text = migrate::render_config(source, target);
  ROLLPROOF_TRY(os::replace_file(files, context.config_path, text));
  // Read back: what is written must be what every later command accepts.
  ROLLPROOF_ASSIGN([[maybe_unused]] const auto config, migrate::read_config(files, context.config_path));
  document = Json{{"configuration", context.config_path}, {"source", source.to_string()}, {"target", target.to_string()}};
  return {};
}

}  // namespace

void add_init(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("init", "write a commented rollproof.json");
  auto options = std::make_shared<Options>();
  command->add_option("--source", options->source, "KIND:WHERE of the store to migrate from, e.g. leveldb:./leveldb")->required();
  command->add_option("--target", options->target, "KIND:WHERE of the store to migrate to, e.g. unified-json:./deployments/unified")->required();
  command->callback([&context, &run, options] {
    run = [&context, options] {
      Json document;
      if (auto outcome = init(context, *options, document); !outcome) return context.finish(outcome.error());
      context.print(document, fmt::format("wrote {}\nnext: rollproof validate\n", context.config_path));
      return 0;
    };
  });
}

}  // namespace rollproof::cli
