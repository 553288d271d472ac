// report: what the journal tells of migrations and incidents, as documents for people and programs.
#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/cli/report_options.h"
#include "lib/cli/say.h"
#include "lib/os/paths.h"
#include "lib/report/document.h"
#include "lib/report/incident_report.h"
#include "lib/report/scenario.h"

namespace rollproof::cli {
namespace {

constexpr const char* kLatestDrill = "reports/out/latest/run.json";

struct Options {
  std::string id;
  std::string drill;
  std::string to_scenario;
};

// The drill that an incident is held against: the one that was named, or the latest one that lies about. One that was named has to be readable.
Result<report::Beside> drill_beside(Context& context, const std::string& named) {
  report::Beside beside;
  if (!named.empty()) {
    ROLLPROOF_ASSIGN(beside.drill, report::read_drill(context.world().files, named));
    return beside;
  }
  for (const std::string& path : {std::string(kLatestDrill), os::join(os::parent_of(context.config_path), kLatestDrill)}) {
    const auto there = os::exists(context.world().files, path);
    if (!there || !*there) continue;
    auto drill = report::read_drill(context.world().files, path);
    if (drill) {
      beside.drill = std::move(*drill);
    } else {
      beside.why_none = drill.error().to_string();
    }
    return beside;
  }
  beside.why_none = fmt::format("there is no {}; name one with `--drill RUN.json`", kLatestDrill);
  return beside;
}

int write_scenario(Context& context, const report::Incident& incident, const std::string& path) {
  const auto story = report::scenario_of(incident);
  if (!story) return context.finish(story.error());
  auto& files = context.world().files;
  const auto there = os::exists(files, path);
  if (!there) return context.finish(there.error());
  if (*there) return context.finish({Code::already_exists, "is there already, and is not overwritten", path, "Name another file, or remove this one."});
  if (auto written = os::replace_file(files, path, *story); !written) return context.finish(written.error());
  context.print(Json{{"incident", incident.id()}, {"scenario", path}}, fmt::format("{}: the story of {}\nnext: rollproof-drill run --scenario {}\n", path, incident.id(), path));
  return 0;
}

int run_incident(Context& context, const ReportOptions& how, const Options& options) {
  const auto history = history_for(context, how);
  if (!history) return context.finish(history.error(), how.code_of(history.error()));
  const int64_t now_ms = context.world().clock.wall_ms();
  if (options.id.empty()) {
    if (!options.to_scenario.empty()) return context.finish({Code::invalid, "--to-scenario needs the id of an incident", "", "`rollproof report incident` lists them."});
    return print_report(context, how, report::incidents_document(*history, now_ms), report::incidents_json(*history, now_ms));
  }
  const auto found = report::find_incident(*history, options.id);
  if (!found) return context.finish(found.error());
  const report::Incident incident = report::incident_of(*history, **found, now_ms);
  if (!options.to_scenario.empty()) return write_scenario(context, incident, options.to_scenario);
  const auto beside = drill_beside(context, options.drill);
  if (!beside) return context.finish(beside.error());
  return print_report(context, how, report::incident_document(*history, incident, *beside, now_ms), report::incident_json(*history, incident, *beside, now_ms));
}

void add_incident(CLI::App& report, Context& context, Run& run) {
  auto* command = report.add_subcommand("incident", "one rollback: timeline, causes, impact, response times, was it drilled; without an ID: all of them");
  auto how = std::make_shared<ReportOptions>();
  auto options = std::make_shared<Options>();
  command->add_option("ID", options->id, "INC-YYYYMMDD-HHMMSS");
  command->add_option("--drill", options->drill, fmt::format("the record of a drill to hold it against (default: {}, if it is there)", kLatestDrill));
  command->add_option("--to-scenario", options->to_scenario, "write a story for rollproof-drill that drills it from now on");
  how->add_to(*command);
  command->callback([&context, &run, how, options] { run = [&context, how, options] { return run_incident(context, *how, *options); }; });
}

}  // namespace

void add_report(CLI::App& app, Context& context, Run& run) {
  auto* report = app.add_subcommand("report", "incident and others: Markdown, HTML or JSON, from the journal; changes nothing");
  report->require_subcommand(1);
  add_incident(*report, context, run);
}

}  // namespace rollproof::cli
