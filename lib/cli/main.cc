// The `rollproof` command: parses, dispatches, and turns outcomes into exit codes.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "lib/base/words.h"
#include "lib/cli/commands.h"
#include "lib/cli/progress.h"
#include "lib/cli/say.h"

namespace {

using namespace rollproof;

std::string footer() {
  std::string text = "Examples:\n"
                     "  rollproof init --source leveldb:./leveldb --target unified-json:./deployments/unified\n"
                     "  rollproof validate && rollproof plan\n"
                     "  rollproof migrate --execute && rollproof verify\n"
                     "  rollproof can-rollback && rollproof rollback --execute\n"
                     "  rollproof recover            # after a crash\n"
                     "  rollproof doctor             # what is not as it should be, and what to type\n"
                     "  rollproof report incident    # every rollback is one; with its id: what happened, how fast, was it drilled\n"
                     "  rollproof cancel --wait 60   # stop a migration that is at work elsewhere\n\nExit codes:\n";
  for (const ExitCodeRow& row : exit_code_table()) text += fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  return text;
}

// The words before the first option name commands, and commands of these.
std::optional<int> refuse_unknown_command(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  std::string of = "rollproof";
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) {
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* command : at->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
      if (names.back() == argv[i]) next = command;
    }
    if (names.empty()) return std::nullopt;
    if (next == nullptr) {
      const std::string near = nearest(argv[i], names);
      cli::say(stderr, "rollproof: unknown command \"{}\"\nexit 2 ({}). Next: {}\n", argv[i], meaning_of(ExitCode::usage),
               near.empty() ? fmt::format("`{} --help` lists the commands.", of) : fmt::format("Did you mean `{} {}`?", of, near));
      return static_cast<int>(ExitCode::usage);
    }
    at = next;
    of += " " + next->get_name();
  }
  return std::nullopt;
}

int run_main(int argc, char** argv) {
  cli::Context context;
  cli::Run run;
  CLI::App app("rollproof migrates data between stores in phases that can each be taken back", "rollproof");
  app.set_version_flag("--version", std::string("rollproof ") + ROLLPROOF_VERSION);
  app.footer(footer());
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--config", context.config_path, "the configuration (default: rollproof.json)");
  app.add_flag("--json", context.json, "one JSON document on stdout");
  app.add_flag("--yes", context.yes, "answer questions with yes: take over what another program wrote, accept what its crash left; never stands for --execute");
  for (const auto add : {cli::add_init, cli::add_validate, cli::add_plan, cli::add_migrate, cli::add_cancel, cli::add_status, cli::add_verify,
                         cli::add_can_rollback, cli::add_doctor, cli::add_rollback, cli::add_recover, cli::add_report, cli::add_data, cli::add_backup}) {
    add(app, context, run);
  }
  if (const auto code = refuse_unknown_command(app, argc, argv)) return *code;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    cli::say(stderr, "rollproof: {}\nexit 2 ({}). Next: `rollproof --help` shows the commands, `rollproof COMMAND --help` the options.\n",
               error.what(), meaning_of(ExitCode::usage));
    return static_cast<int>(ExitCode::usage);
  }
  context.command = "rollproof " + app.get_subcommands().front()->get_name();
  cli::catch_signals();
  const int code = run();
  if (cli::stdout_arrived() || code != 0) return code;
  cli::say(stderr, "{}: what was asked for could not be written to stdout\nexit {} ({}). Next: Run it again with room for its output.\n", context.command, static_cast<int>(ExitCode::no_space_or_permission),
           "no space or no permission; the command itself was done");
  return static_cast<int>(ExitCode::no_space_or_permission);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_main(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("rollproof: out of memory\nexit 25 (stopped at a safe point). Next: Run `rollproof recover` with more memory.\n", stderr);
    return static_cast<int>(rollproof::ExitCode::stopped);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rollproof: unexpected: %s\nexit 1 (a bug in Rollproof). Next: Run `rollproof recover`, and report this.\n", error.what());
    return static_cast<int>(rollproof::ExitCode::bug);
  }
}
