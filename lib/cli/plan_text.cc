#include "lib/cli/plan_text.h"

#include <fmt/format.h>

#include "lib/migrate/inventory.h"
#include "lib/migrate/phases.h"
#include "lib/rollback/rollback.h"

namespace rollproof::cli {
namespace {

struct Line {
  std::string scope;
  std::string name;
  std::string what;
};

void print_lines(const Context& context, const std::string& heading, const std::vector<Line>& lines, const std::string& closing) {
  Json document{{"plan", Json::array()}};
  std::string text = heading;
  int number = 0;
  for (const Line& line : lines) {
    document["plan"].push_back(Json{{"number", ++number}, {"phase", line.scope}, {"step", line.name}, {"what", line.what}});
    text += fmt::format("{:>3}. {:<10} {:<16} {}\n", number, line.scope, line.name, line.what);
  }
  context.print(document, text + closing);
}

}  // namespace

Json state_json(const migrate::State& state) {
  Json document{{"active", state.active}, {"migration", state.migration}, {"route", name_of(state.route)}, {"epoch", state.epoch}};
  document["reached"] = state.reached() ? Json(std::string(name_of(*state.reached()))) : Json();
  document["outcome"] = state.outcome.empty() ? Json() : Json(state.outcome);
  document["operation"] = state.operation ? Json{{"kind", state.operation->kind}, {"id", state.operation->id}, {"goal", state.operation->goal}} : Json();
  document["safe_stop"] = state.safe_stop ? Json(state.safe_stop_event) : Json();
  document["seals"] = Json::object();
  for (const auto& [kind, seal] : state.seals) {
    document["seals"][kind] = Json{{"passed", seal.passed}, {"position", seal.position}, {"facts", seal.facts}};
  }
  return document;
}

int print_plan(Context& context, migrate::Phase through) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  auto view = migrate::view_ledger(context.world(), *config);
  if (!view) return context.finish(view.error());
  std::vector<Line> lines;
  for (const auto phase : migrate::kPhases) {
    if (phase > through || (view->state.active && view->state.is_done(phase))) continue;
    for (const auto& step : migrate::steps_of(phase)) {
      if (view->state.active && view->state.steps_done.contains(fmt::format("{}/{}", name_of(phase), step.name))) continue;
      lines.push_back({std::string(name_of(phase)), step.name, step.what});
    }
  }
  if (lines.empty()) {
    context.print(Json{{"plan", Json::array()}}, fmt::format("nothing to do: {} is reached\n", name_of(through)));
    return 0;
  }
  std::string heading = fmt::format("migrate {} -> {}\n", config->source.to_string(), config->target.to_string());
  auto inventory = migrate::take_inventory(context.world(), config->source, config->known_exceptions);
  if (!inventory && (!view->state.active || view->state.nothing_started())) return context.finish(inventory.error());
  if (inventory) {
    heading += fmt::format("{} records, {} of values, in {} spaces\n", grouped(inventory->records), bytes_text(inventory->value_bytes), inventory->per_space.size());
  }
  print_lines(context, heading, lines,
              "way back: at every step `rollproof rollback --execute`; after a crash `rollproof recover`\n"
              "nothing was changed; add --execute to run this\n");
  return 0;
}

int print_rollback_plan(Context& context, const std::string& goal) {
  auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  auto view = migrate::view_ledger(context.world(), *config);
  if (!view) return context.finish(view.error());
  if (!view->state.active) {
    return context.finish({Code::not_found, "there is no migration to roll back", config->path, "`rollproof status` shows where things stand."});
  }
  std::vector<Line> lines;
  for (const auto& step : rollback::rollback_steps(view->state, goal)) lines.push_back({"rollback", step.name, step.what});
  print_lines(context, fmt::format("roll back migration {} to {}\n", view->state.migration, goal), lines,
              "writes made since are kept; nothing was changed; add --execute to run this\n");
  return 0;
}

}  // namespace rollproof::cli
