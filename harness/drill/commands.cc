#include "harness/drill/commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/drill/drill.h"
#include "lib/base/exit_code.h"

namespace rollproof::drill {

int run_command_line(int argc, char** argv) {
  CLI::App app("drill");
  std::string profile = "default", scenario = "*";
  DrillOptions options;
  auto* run = app.add_subcommand("run");
  run->add_option("--profile", profile);
  run->add_option("--scenario", options.scenario);
  run->add_option("--jobs", options.jobs);
  run->add_flag("--control-only", options.control_only);
  CLI11_PARSE(app, argc, argv);
  options.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures";
  options.profile = *Profile::named(profile);
  auto stories = load_stories(ROLLPROOF_SOURCE_DIR "/scenarios");
  if (!stories) return fmt::print(stderr, "{}\n{}\n", stories.error().to_string(), stories.error().hint), 2;
  auto outcome = run_drill(*stories, options, {});
  if (!outcome) return fmt::print(stderr, "{}\n{}\n", outcome.error().to_string(), outcome.error().hint), 2;
  for (auto& c : outcome->controls) fmt::print("control {} ops {} {} {}\n", c.story, c.operations, name_of(c.result.verdict), c.result.category);
  for (auto& c : outcome->cells) fmt::print("{} planned {} run {} pruned {} excl {} failed {} inc {} {}\n", c.cell.to_string(), c.counts.planned, c.counts.run, c.counts.pruned, c.counts.excluded_total(), c.failed, c.inconclusive, c.observed);
  size_t n = 0;
  for (auto& v : outcome->violations) if (++n < 40) fmt::print("promise {} {} : {}\n", v.promise, v.case_id, v.what);
  fmt::print("{} violations, {} cases, {} images, {} ms\n", outcome->violations_total, outcome->cases_run, outcome->images, outcome->duration_ms);
  return outcome->exit_code();
}

}  // namespace rollproof::drill
