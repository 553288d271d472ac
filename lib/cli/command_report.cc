// report: what the journal tells of migrations and incidents, as documents for people and programs.
#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/cli/doctor.h"
#include "lib/cli/reading.h"
#include "lib/cli/report_options.h"
#include "lib/cli/say.h"
#include "lib/cli/use_at_once.h"
#include "lib/os/paths.h"
#include "lib/report/document.h"
#include "lib/report/incident_report.h"
#include "lib/report/migration_report.h"
#include "lib/report/scenario.h"
#include "lib/report/validation_report.h"

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

struct Story {
  std::string incident;
  std::string text;
};

int write_scenario(Context& context, const Story& story, const std::string& path) {
  auto& files = context.world().files;
  const auto there = os::exists(files, path);
  if (!there) return context.finish(there.error());
  if (*there) return context.finish({Code::already_exists, "is there already, and is not overwritten", path, "Name another file, or remove this one."});
  if (auto written = os::replace_file(files, path, story.text); !written) return context.finish(written.error());
  context.print(Json{{"incident", story.incident}, {"scenario", path}}, fmt::format("{}: the story of {}\nnext: rollproof-drill run --scenario {}\n", path, story.incident, path));
  return 0;
}

// `told`: the story that is to be written, once it is sure that its incident was read right.
int look_at_incident(Context& context, const ReportOptions& how, const Options& options, std::optional<Story>& told) {
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
  if (!options.to_scenario.empty()) {
    auto story = report::scenario_of(incident);
    if (!story) return context.finish(story.error());
    told = Story{incident.id(), std::move(*story)};
    return 0;
  }
  const auto beside = drill_beside(context, options.drill);
  if (!beside) return context.finish(beside.error());
  return print_report(context, how, report::incident_document(*history, incident, *beside, now_ms), report::incident_json(*history, incident, *beside, now_ms));
}

int run_incident(Context& context, const ReportOptions& how, const Options& options) {
  std::optional<Story> told;
  const int code = look_alone(context, [&] { return look_at_incident(context, how, options, told); });
  return code == 0 && told ? write_scenario(context, *told, options.to_scenario) : code;
}

int run_migration(Context& context, const ReportOptions& how, const std::string& id) {
  const auto history = history_for(context, how);
  if (!history) return context.finish(history.error(), how.code_of(history.error()));
  const auto found = report::find_migration(*history, id);
  if (!found) return context.finish(found.error());
  const report::MigrationRecord record = report::record_of(*history, **found);
  const int64_t now_ms = context.world().clock.wall_ms();
  return print_report(context, how, report::migration_document(*history, record, now_ms), report::migration_json(*history, record, now_ms));
}

void add_migration(CLI::App& report, Context& context, Run& run) {
  auto* command = report.add_subcommand("migration", "the completion report: status, time per phase, integrity, performance, errors, what is left to do; the latest, or the one with this ID");
  auto how = std::make_shared<ReportOptions>();
  auto id = std::make_shared<std::string>();
  command->add_option("ID", *id, "mig-…");
  how->add_to(*command);
  command->callback([&context, &run, how, id] { run = [&context, how, id] { return look_alone(context, [&] { return run_migration(context, *how, *id); }); }; });
}

// Only the environment of this process can contradict, and only the stores' own leftovers count; what older scripts left is `doctor`'s.
rollback::Surroundings look_around(Context& context, const migrate::State& state, const migrate::Config& config) {
  DoctorOptions doctor;
  doctor.environment = environment_of_this_process;
  std::vector<std::string> contradicting, leftovers;
  for (const Finding& finding : contradicting_environment(state, doctor)) {
    if (finding.where != "LEVELDB_INTACT") contradicting.push_back(finding.what);  // that one says what is being measured here
  }
  const std::string our_lock = os::join(config.state_directory(), migrate::kLockFile);
  for (const Finding& finding : leftovers_of_ours(context.world(), config, state)) {
    if (finding.where != our_lock) leftovers.push_back(fmt::format("{} ({})", finding.where, finding.what));
  }
  return {std::move(contradicting), std::move(leftovers)};
}

rollback::MeasuringOptions measuring_options(Context& context, const migrate::Config& config) {
  rollback::MeasuringOptions options;
  options.look_around = [&context, &config](const migrate::State& state) { return look_around(context, state, config); };
  options.use_at_once = use_at_once;
  options.progress = [](const std::string& what) { say(stderr, "rollproof: {} …\n", what); };
  return options;
}

int run_validation(Context& context, const ReportOptions& how) {
  const auto config = migrate::read_config(context.world().files, context.config_path);
  if (!config) return context.finish(config.error());
  std::string incident;
  const int history_read = look_alone(context, [&] {
    const auto history = report::read_history(context.world(), *config);
    if (!history) return context.finish(history.error(), how.code_of(history.error()));
    if (!history->incidents().empty()) incident = history->incidents().back();
    return 0;
  });
  if (history_read != 0) return history_read;
  // From here on nobody comes: it holds the lock while it measures.
  const auto measured = rollback::measure_after_rollback(context.world(), context.config_path, measuring_options(context, *config));
  if (!measured) return context.finish(measured.error());
  if (!measured->past.incident.empty()) incident = measured->past.incident;
  const report::Validation validation = report::validation_of(*measured, config->source_text, incident);
  print_report(context, how, report::validation_document(validation), report::validation_json(validation));
  if (validation.exit_code == ExitCode::done) return 0;
  // What was written since is no fault that a command could mend.
  const bool too_late = measured->written_since && validation.exit_code == ExitCode::not_enough_evidence;
  return context.tell({Code::differs, "the rollback is not validated: the lines that are not met, or of health and data not measured, say why", config->path,
                       too_late ? "Look whether the records that are named are those that were written since; right behind a rollback, before anybody writes, this report compares them all."
                                : "`rollproof doctor` names what to type for most of it."},
                      validation.exit_code);
}

void add_validation(CLI::App& report, Context& context, Run& run) {
  auto* command = report.add_subcommand("validation", "the sixteen lines of verification after a rollback, measured on the real stores now: 0 ready, 10 a line missed, 12 not enough evidence, 22 data differs");
  auto how = std::make_shared<ReportOptions>();
  how->add_format_to(*command);
  command->callback([&context, &run, how] { run = [&context, how] { return run_validation(context, *how); }; });
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
  auto* report = app.add_subcommand("report", "of a migration, an incident, or the state after a rollback: Markdown, HTML or JSON");
  report->require_subcommand(1);
  add_migration(*report, context, run);
  add_incident(*report, context, run);
  add_validation(*report, context, run);
}

}  // namespace rollproof::cli
