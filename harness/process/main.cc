// rollproof-kill-drill: kill -9 of the real command in every step, on a database of any size.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "harness/process/kill_drill.h"

int main(int argc, char** argv) {
  using namespace rollproof;
  process::KillOptions options;
  std::string only;
  CLI::App app("kills `rollproof migrate` and `rollproof rollback` in every step, recovers, and reads the stores independently");
  app.add_option("--program", options.program, "rollproof")->required()->check(CLI::ExistingFile);
  app.add_option("--database", options.database, "a LevelDB folder; it is copied")->required()->check(CLI::ExistingDirectory);
  app.add_option("--folder", options.folder, "to work in; made and removed")->required();
  app.add_option("--target-kind", options.target_kind, "of store to migrate to (default unified-json)");
  app.add_option("--kills", options.kills_per_step, "in each step, at least (default 5)");
  app.add_option("--recover-killed-every", options.recover_killed_every, "kill the first recover as well in each n-th trial (default 3, 0: never)");
  app.add_flag("!--only-recover", options.go_on, "do not use and roll back each recovered migration afterwards; half the time");
  app.add_option("--seed", options.seed, "of the places where recover is killed");
  app.add_option("--story", only, "only the story of this name");
  app.add_option("--step", options.only_step, "kill in this step only, e.g. copy/drain");
  CLI11_PARSE(app, argc, argv);
  options.program = std::filesystem::absolute(options.program).string();
  options.folder = std::filesystem::absolute(options.folder).string();
  fmt::print("seed {}\n", options.seed);
  uint64_t kills = 0, failures = 0;
  for (const process::Story& story : process::stories()) {
    if (!only.empty() && story.name != only) continue;
    auto report = process::drill_story(options, story, [&](const process::Kill& kill) {
      ++kills;
      fmt::print(stderr, "{} {:<28} before {} {}{}\n", kills, kill.step, kill.call.name, kill.call.path, kill.findings.empty() ? "" : "  FAILED\n" + kill.findings);
    });
    if (!report) {
      fmt::print(stderr, "rollproof-kill-drill: {}\n{}\n", report.error().to_string(), report.error().hint);
      return report.error().code == Code::no_permission ? 77 : 1;
    }
    failures += report->failures.size();
    fmt::print("{}\n", to_text(*report));
    std::fflush(stdout);
  }
  std::error_code ignored;  // a leftover of the drill's own is no verdict
  std::filesystem::remove_all(options.folder, ignored);
  fmt::print("{} kills, {} failures\n", kills, failures);
  return failures == 0 ? 0 : 11;
}
