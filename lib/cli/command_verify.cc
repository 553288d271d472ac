#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/cli/reading.h"
#include "lib/record/equivalence.h"

namespace rollproof::cli {
namespace {

struct Options {
  std::string source;
  std::string target;
};

struct Found {
  record::Comparison comparison;
  std::string source;
  std::string target;
};

Status compare_into(Found& found, store::Store& source, store::Store& target) {
  ROLLPROOF_ASSIGN(found.comparison, record::compare([&] { return source.scan(); }, [&] { return target.scan(); }));
  return {};
}

// A store that the commands of this configuration write to; any other one is none of their business.
bool is_ours(Context& context, const std::string& text) {
  const auto config = migrate::read_config(context.world().files, context.config_path);
  const auto where = store::parse_where(text);
  if (!config || !where) return false;
  auto& files = context.world().files;
  const auto named = files.stat(where->path);
  for (const std::string& path : {config->source.path, config->target.path}) {
    if (path == where->path) return true;
    const auto ours = files.stat(path);
    if (named && ours && named->identity == ours->identity) return true;
  }
  return false;
}

bool looks_at_ours(Context& context, const Options& options) { return options.source.empty() || is_ours(context, options.source) || is_ours(context, options.target); }

Status compare_named(Context& context, const Options& options, Found& found) {
  if (looks_at_ours(context, options)) ROLLPROOF_TRY(check_nobody_writes(context));
  ROLLPROOF_ASSIGN(const store::Where left, store::parse_where(options.source));
  ROLLPROOF_ASSIGN(const store::Where right, store::parse_where(options.target));
  found.source = left.to_string();
  found.target = right.to_string();
  for (const auto& [where, option] : {std::pair{&left, "--source"}, {&right, "--target"}}) {
    ROLLPROOF_ASSIGN(const bool there, store::is_there(context.world(), *where));
    if (!there) return fail(Code::invalid, fmt::format("{} {}: there is no such store", option, where->to_string()), where->path, "Name a store that is there, as KIND:WHERE.");
  }
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(context.world(), left, {}));
  ROLLPROOF_ASSIGN(auto target, store::open_read_only(context.world(), right, {}));
  return compare_into(found, *source, *target);
}

// The stores of a running migration, as recovery would leave them; in memory only.
Status compare_running(Context& context, ReadingWorld& reading, Found& found) {
  ROLLPROOF_TRY(check_nobody_writes(context));
  migrate::SessionOptions options;
  options.ledger.command = context.command;
  options.check = migrate::FingerprintCheck::everything;
  ROLLPROOF_ASSIGN(auto session, migrate::Session::open(reading.world(), context.config_path, options));
  found.source = session->config().source.to_string();
  found.target = session->config().target.to_string();
  if (!session->state().active || session->state().following == migrate::Following::none) {
    return fail(Code::refused, "no migration is running whose target follows", context.config_path,
                "Name two stores: `rollproof verify --source KIND:WHERE --target KIND:WHERE`.");
  }
  if (const auto& behind = session->state().behind) {
    context.output.err(fmt::format("rollproof: note: the {} lacks what was written since it could not be opened; it is compared as `rollproof recover` would leave it\n", behind->store));
  }
  ROLLPROOF_ASSIGN(migrate::Router * router, session->need_router());
  return compare_into(found, *router->source(), *router->target());
}

// Their files as somebody else has left them.
Status compare_as_they_are(Context& context, ReadingWorld& reading, Found& found) {
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(context.world().files, context.config_path));
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(reading.world(), config.source, {}));
  ROLLPROOF_ASSIGN(auto target, store::open_read_only(reading.world(), config.target, {}));
  return compare_into(found, *source, *target);
}

std::string kind_text(record::Difference::Kind kind) {
  switch (kind) {
    case record::Difference::Kind::missing: return "missing in the target";
    case record::Difference::Kind::extra: return "only in the target";
    case record::Difference::Kind::changed: return "changed";
    case record::Difference::Kind::duplicated: return "duplicated";
  }
  return "";
}

void print(Context& context, const Found& found) {
  const record::Comparison& comparison = found.comparison;
  Json document{{"equal", comparison.equal()}, {"compared", "byte for byte"}, {"source", found.source}, {"target", found.target},
                {"source_records", comparison.left.count()}, {"target_records", comparison.right.count()},
                {"source_digest", comparison.left.hex()}, {"target_digest", comparison.right.hex()},
                {"differences", comparison.difference_count()}, {"listed", Json::array()}};
  std::string text = fmt::format("source {}: {} records, digest {}\ntarget {}: {} records, digest {}\n", found.source,
                                 grouped(comparison.left.count()), comparison.left.hex(), found.target,
                                 grouped(comparison.right.count()), comparison.right.hex());
  for (const auto& difference : comparison.listed) {
    Json fields = Json::array();
    std::string paths;
    for (const auto& field : difference.fields) {
      fields.push_back(field);
      paths += "\n    " + field;
    }
    document["listed"].push_back({{"key", difference.key}, {"kind", kind_text(difference.kind)}, {"fields", fields}});
    text += fmt::format("  {}: {}{}\n", difference.key, kind_text(difference.kind), paths);
  }
  if (comparison.equal()) text += "every key and value was compared byte for byte: digits, order of members, spaces\n";
  text += comparison.equal() ? "equal\n" : fmt::format("{} differences\n", comparison.difference_count());
  context.print(document, text);
}

int report(Context& context, const Found& found, bool running) {
  const record::Comparison& comparison = found.comparison;
  print(context, found);
  if (comparison.equal()) return 0;
  return context.tell({Code::differs, fmt::format("{} and {} differ in {} records", found.source, found.target, comparison.difference_count()), "",
                running ? "Look at the keys above; `rollproof rollback --execute` goes back to the source." : "Look at the keys above."}, ExitCode::differs);
}

int run_verify(Context& context, const Options& options) {
  if (options.source.empty() != options.target.empty()) {
    return context.finish({Code::invalid, "--source and --target go together", "", "Name both stores, or neither."});
  }
  Found found;
  ReadingWorld reading(context.world());
  auto outcome = options.source.empty() ? compare_running(context, reading, found) : compare_named(context, options, found);
  if (!outcome) {
    // A store that somebody else wrote to is a difference, for a command that looks.
    const bool of_a_store = options.source.empty() && !outcome.error().path.empty() && outcome.error().path != context.config_path;
    const bool foreign = outcome.error().code == Code::refused && of_a_store;
    const std::optional<ExitCode> code = foreign ? std::optional(ExitCode::differs) : std::nullopt;
    if (!foreign && !(outcome.error().code == Code::corruption && of_a_store)) return context.finish(outcome.error());
    // The messages of all the others say that the keys are listed here. A damaged store can hardly be read; an older copy of one can.
    if (!compare_as_they_are(context, reading, found)) return context.finish(outcome.error(), code);
    print(context, found);
    return context.tell(outcome.error(), code);
  }
  return report(context, found, options.source.empty());
}

}  // namespace

void add_verify(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("verify", "compare source and target record by record: 0 equal, 22 different");
  auto options = std::make_shared<Options>();
  command->add_option("--source", options->source, "compare this store, KIND:WHERE …");
  command->add_option("--target", options->target, "… with this one");
  command->callback([&context, &run, options] {
    run = [&context, options] { return looks_at_ours(context, *options) ? look_alone(context, [&] { return run_verify(context, *options); }) : run_verify(context, *options); };
  });
}

}  // namespace rollproof::cli
