#include "lib/cli/plan_text.h"

#include <fmt/format.h>

#include <optional>

#include "lib/cli/criteria_text.h"
#include "lib/cli/plan_phases.h"
#include "lib/migrate/inventory.h"
#include "lib/migrate/phases.h"
#include "lib/os/paths.h"
#include "lib/rollback/rollback.h"

namespace rollproof::cli {
namespace {

struct Line {
  std::string scope;
  std::string name;
  std::string what;
};

struct Lines {
  Json document{{"plan", Json::array()}};
  std::string text;

  void add(const Line& line) {
    const size_t number = document["plan"].size() + 1;
    document["plan"].push_back(Json{{"number", number}, {"phase", line.scope}, {"step", line.name}, {"what", line.what}});
    text += fmt::format("{:>3}. {:<10} {:<16} {}\n", number, line.scope, line.name, line.what);
  }
  bool empty() const { return document["plan"].empty(); }
};

// The steps that are still to be done, each phase under what has to be weighed before it; without `source` the steps alone.
Lines lines_of_migration(const migrate::State& state, migrate::Phase through, const std::optional<SourceSize>& source) {
  Lines lines;
  lines.document["phases"] = Json::array();
  for (const auto phase : migrate::kPhases) {
    if (phase > through || (state.active && state.is_done(phase))) continue;
    if (source) {
      const PhasePlan plan = plan_of(phase, *source, migrate::SessionOptions().reserve_bytes);
      lines.document["phases"].push_back(to_json(plan));
      lines.text += to_text(plan);
    }
    for (const auto& step : migrate::steps_of(phase)) {
      if (state.active && state.steps_done.contains(fmt::format("{}/{}", name_of(phase), step.name))) continue;
      lines.add({std::string(name_of(phase)), step.name, step.what});
    }
  }
  return lines;
}

std::string free_text(os::FileSystem& files, const std::string& folder) {
  const auto free = files.free_bytes(folder);
  return free ? fmt::format("{} are free in {}\n", bytes_text(*free), folder) : "";
}

}  // namespace

Json state_json(const migrate::State& state) {
  Json document{{"active", state.active}, {"migration", state.migration}, {"route", name_of(state.route)}, {"epoch", state.epoch}};
  document["reached"] = state.reached() ? Json(std::string(name_of(*state.reached()))) : Json();
  document["outcome"] = state.outcome.empty() ? Json() : Json(state.outcome);
  document["operation"] = state.operation ? Json{{"kind", state.operation->kind}, {"id", state.operation->id}, {"goal", state.operation->goal}} : Json();
  document["safe_stop"] = state.safe_stop ? Json(state.safe_stop_event) : Json();
  document["behind"] = state.behind ? Json{{"store", state.behind->store}, {"why", state.behind->why}} : Json();
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
  auto& clock = context.world().clock;
  const int64_t started_ms = clock.monotonic_ms();
  auto inventory = migrate::take_inventory(context.world(), config->source, config->known_exceptions);
  if (!inventory && (!view->state.active || view->state.nothing_started())) return context.finish(inventory.error());
  std::string heading = fmt::format("migrate {} -> {}\n", config->source.to_string(), config->target.to_string());
  std::optional<SourceSize> source;
  if (inventory) {
    source = SourceSize{inventory->records, inventory->value_bytes, os::bytes_below(context.world().files, config->source.path), clock.monotonic_ms() - started_ms};
    heading += fmt::format("{} records in {} spaces: {} of values in {} of files, read in {}\n", grouped(inventory->records), inventory->per_space.size(),
                           bytes_text(inventory->value_bytes), bytes_text(source->file_bytes), duration_text(source->read_ms));
    heading += free_text(context.world().files, config->directory);
  }
  Lines lines = lines_of_migration(view->state, through, source);
  if (lines.empty()) {
    context.print(Json{{"plan", Json::array()}}, fmt::format("nothing to do: {} is reached\n", name_of(through)));
    return 0;
  }
  if (source) {
    lines.document["source"] = Json{{"records", source->records}, {"value_bytes", source->value_bytes}, {"file_bytes", source->file_bytes}, {"read_ms", source->read_ms}};
  }
  context.print(lines.document, heading + lines.text +
                                    "way back: at every step `rollproof rollback --execute`; after a crash `rollproof recover`;\n"
                                    "          how long it takes from where you are is measured by `rollproof can-rollback`\n"
                                    "times are projected from reading the source just now; the disk's syncs and your own checks come on top\n"
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
  Lines lines;
  for (const auto& step : rollback::rollback_steps(view->state, goal)) lines.add({"rollback", step.name, step.what});
  context.print(lines.document, fmt::format("roll back migration {} to {}\n", view->state.migration, goal) + lines.text +
                                    "writes made since are kept; nothing was changed; add --execute to run this\n");
  return 0;
}

}  // namespace rollproof::cli
