#include "harness/drill/commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <tuple>

#include "harness/drill/command_case.h"
#include "harness/drill/command_gate.h"
#include "harness/drill/command_merge.h"
#include "harness/drill/command_report.h"
#include "harness/drill/command_run.h"
#include "lib/base/exit_code.h"
#include "lib/base/words.h"

namespace rollproof::drill {
namespace {

constexpr int kUsage = static_cast<int>(ExitCode::usage);

std::string footer() {
  std::string text = "Examples:\n  rollproof-drill run --profile quick\n  rollproof-drill run --scenario 'rollback-*'\n  rollproof-drill run --config rollproof.json\n"
                     "  rollproof-drill run --policy policy.json --baseline main.json\n  rollproof-drill replay 'CASE'\n\nExit codes:\n";
  for (const ExitCodeRow& row : exit_code_table()) text += fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  return text;
}

void add_common(CLI::App& app, Line& line) {
  app.add_option("--profile", line.profile, "how much: quick, default, deep, deepest");
  app.add_option("--config", line.config, "drill a copy of the stores that this rollproof.json names");
  app.add_option("--seed", line.seed, "of generated values and random subsets");
  app.add_option("--out", line.out, "folder for run.json and the reports");
}

}  // namespace

int run_command_line(int argc, char** argv) {
  Line line;
  line.program = argv[0];
  CLI::App app("rollproof-drill: migrations and rollbacks under faults, held to ten promises");
  app.require_subcommand(1);
  app.footer(footer());
  int code = 0;
  auto* run_app = app.add_subcommand("run", "drill the stories and write the reports");
  add_common(*run_app, line);
  run_app->add_option("--scenario", line.scenario, "pattern of stories, or of scenarios (phase.fault.direction.step@store), or a file with a story (*.json)");
  run_app->add_option("--jobs", line.jobs, "worker processes")->check(CLI::Range(1, 64));
  run_app->add_option("--budget", line.budget, "stop after this time (60s) and say what was not run; the must-fail control comes before and is not counted");
  run_app->add_flag("--control-only", line.control_only, "only the stories themselves, without faults");
  run_app->add_option("--stop-at-promise", line.stop_at_promise, "stop at the first violation of this promise")->check(CLI::Range(1, 10));
  run_app->add_option("--shard", line.shard, "I/N: only the I-th of N parts; `merge` makes one record of all");
  run_app->add_option("--policy", line.policy, "judge the run by it; the exit code follows (reports/policy.example.json)");
  run_app->add_option("--baseline", line.baseline, "run.json of an earlier run that the policy compares with");
  run_app->add_option("--history", line.history, "SQLite file of earlier runs (reports/out/history.sqlite, unless --out is given)");
  run_app->add_flag("--no-history", line.no_history, "look at no earlier run, and be none");
  run_app->add_flag("--no-real", line.no_real, "leave the sample of real processes on a real disk out");
  run_app->add_flag("--no-mutants", line.no_mutants, "leave the must-fail control out");
  run_app->add_flag("--with-mutants", line.with_mutants, "the must-fail control (it runs on the fixtures) with a part of the scenarios or your own stores as well")->excludes("--no-mutants");
  run_app->callback([&] { code = run_command(line); });
  auto* random_app = app.add_subcommand("random", "random stories under random faults, and what they find made small");
  add_common(*random_app, line);
  random_app->add_option("--stories", line.stories, "how many")->check(CLI::Range(1, 10'000'000));
  random_app->add_option("--budget", line.budget, "stop after this time (60s) and say what was not run");
  random_app->callback([&] { code = random(line); });
  auto* mutants_app = app.add_subcommand("mutants", "run the programs that have to be caught, and print the table");
  mutants_app->add_option("--only", line.only, "pattern of their names");
  mutants_app->add_flag("--checkers", line.checkers, "instead: leave each checker out in turn, and print which program then gets away")->excludes("--only");
  mutants_app->callback([&] { code = mutants(line); });
  auto* list_app = app.add_subcommand("list", "stories and scenarios");
  add_common(*list_app, line);
  list_app->add_option("--scenario", line.scenario, "pattern");
  list_app->callback([&] { code = list(line); });
  for (const auto& [name, about, work] : {std::tuple{"replay", "run one case on its own", &replay}, std::tuple{"explain", "say what happens in a scenario or a case", &explain_id},
                                          std::tuple{"shrink", "make a case that fails small, and keep it as a story in a file", &shrink_case}}) {
    auto* sub = app.add_subcommand(name, about);
    add_common(*sub, line);
    sub->add_option("ID", line.id, "as a run prints it")->required();
    sub->add_option("--scenario", line.scenario, "file with the story that the case is of (*.json)");
    if (work == &replay) sub->add_option("--without-checker", line.without_checker, "leave the checker of this promise out, to see what it is worth; never ends with 0")->check(CLI::Range(1, 10));
    sub->callback([&code, &line, work = work] { code = work(line); });
  }
  add_report_command(app, code);
  add_gate_command(app, code);
  add_merge_command(app, code, [](const std::string& folder, const OrderedJson& record) -> Status {
    Line to;
    to.out = folder;
    ROLLPROOF_ASSIGN(const std::string out, folder_of(to, {}));
    return write_reports(to, {}, out, record);
  });
  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
    if (std::find(names.begin(), names.end(), argv[1]) == names.end()) {
      const std::string near = nearest(argv[1], names);
      return complain({Code::invalid, fmt::format("unknown command \"{}\"", argv[1]), "", near.empty() ? fmt::format("Known: {}.", fmt::join(names, ", ")) : fmt::format("Did you mean `rollproof-drill {}`?", near)});
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return code;
}

}  // namespace rollproof::drill
