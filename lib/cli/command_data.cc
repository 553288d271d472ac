// put, get, delete and scan, through the route.
#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/cli/reading.h"
#include "lib/migrate/phases.h"
#include "lib/record/json.h"

namespace rollproof::cli {
namespace {

struct Options {
  std::string key;
  std::string value;
};

// What was interrupted may be waiting for a disk that a write does not need: the journal says which store answers, and whoever carries on finds the write there.
void note_interruption(const migrate::Session& session) {
  const auto& operation = session.state().operation;
  if (operation && session.options().note) session.options().note(fmt::format("a {} was interrupted and waits for `rollproof recover`; the write does not", operation->kind));
}

int run_change(Context& context, const record::Change& change) {
  auto outcome = context.with_session(context.session_options(), [&](migrate::Session& session) -> Status {
    note_interruption(session);
    ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router(migrate::Opens::what_answers));
    if (change.kind == record::Change::Kind::remove) {
      ROLLPROOF_ASSIGN(const auto there, router->get(change.key));
      if (!there) return fail(Code::not_found, "no such key: " + change.key);
    }
    return router->write({change});
  });
  if (!outcome) return context.finish(outcome.error());
  const char* did = change.kind == record::Change::Kind::put ? "stored" : "deleted";
  context.print(Json{{"key", change.key}, {"result", did}}, fmt::format("{} {}\n", did, change.key));
  return 0;
}

int run_put(Context& context, const Options& options) {
  if (options.key.empty()) return context.finish({Code::invalid, "the key is empty", "", "Give a key as the source spells it, e.g. 56-LookCoin."});
  if (auto parsed = record::json::check(options.value); !parsed) {
    return context.finish({Code::invalid, "the value is not JSON: " + parsed.error().message, "", "Quote it for the shell: rollproof put KEY '{\"a\":1}'."});
  }
  return run_change(context, {record::Change::Kind::put, options.key, options.value});
}

Status with_reader(Context& context, const std::function<Status(migrate::Router&)>& work) {
  ROLLPROOF_TRY(check_nobody_writes(context));
  ReadingWorld reading(context.world());
  migrate::SessionOptions options;
  options.ledger.command = context.command;
  ROLLPROOF_ASSIGN(auto session, migrate::Session::open(reading.world(), context.config_path, options));
  ROLLPROOF_ASSIGN(migrate::Router * router, session->need_router(migrate::Opens::what_answers));
  // Its recovery would have taken it out, and nobody has written it who wants to read it.
  if (session->state().operation) ROLLPROOF_TRY(router->remove_probe(migrate::probe_key(session->state())));
  return work(*router);
}

int run_get(Context& context, const Options& options) {
  std::optional<std::string> value;
  auto outcome = with_reader(context, [&](migrate::Router& router) -> Status {
    ROLLPROOF_ASSIGN(value, router.get(options.key));
    return {};
  });
  if (!outcome) return context.finish(outcome.error());
  if (!value) return context.finish({Code::not_found, "no such key: " + options.key, "", "`rollproof scan` lists the keys."});
  context.print(Json{{"key", options.key}, {"value", *value}}, *value + "\n");
  return 0;
}

// One line per record: the key, a tab, the value's bytes (JSON in practice; --json prints one object per line with both as texts).
int run_scan(Context& context) {
  uint64_t records = 0;
  auto outcome = with_reader(context, [&](migrate::Router& router) -> Status {
    ROLLPROOF_ASSIGN(auto cursor, router.scan());
    record::Record record;
    std::string line;
    for (;;) {
      ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
      if (!more) return {};
      ++records;
      if (context.json) {
        context.output.stream(Json{{"key", record.key}, {"value", record.value}}.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
      } else {
        line.assign(record.key).append("\t").append(record.value).append("\n");
        context.output.stream(line);
      }
    }
  });
  if (!outcome) return context.finish(outcome.error());
  context.output.err(grouped(records) + " records\n");
  return 0;
}

}  // namespace

void add_data(CLI::App& app, Context& context, Run& run) {
  auto options = std::make_shared<Options>();
  auto* put = app.add_subcommand("put", "store a record through the route");
  put->add_option("KEY", options->key)->required();
  put->add_option("JSON", options->value)->required();
  put->callback([&context, &run, options] { run = [&context, options] { return run_put(context, *options); }; });
  auto* get = app.add_subcommand("get", "print a record's value");
  get->add_option("KEY", options->key)->required();
  get->callback([&context, &run, options] { run = [&context, options] { return look_alone(context, [&] { return run_get(context, *options); }); }; });
  auto* remove = app.add_subcommand("delete", "delete a record through the route");
  remove->add_option("KEY", options->key)->required();
  remove->callback([&context, &run, options] {
    run = [&context, options] { return run_change(context, {record::Change::Kind::remove, options->key, ""}); };
  });
  auto* scan = app.add_subcommand("scan", "print every record that the route answers");
  scan->callback([&context, &run] { run = [&context] { return look_alone(context, [&] { return run_scan(context); }); }; });
}

}  // namespace rollproof::cli
