#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/cli/doctor.h"
#include "lib/cli/reading.h"

namespace rollproof::cli {
namespace {

int run_doctor(Context& context) {
  DoctorOptions options;
  options.environment = environment_of_this_process;
  if (const auto temporary = options.environment("TMPDIR"); temporary && !temporary->empty()) options.temporary = *temporary;
  const Findings findings = examine_all(context.world(), context.config_path, options);
  Json document{{"findings", Json::array()}};
  std::string text;
  for (const Finding& finding : findings) {
    document["findings"].push_back({{"topic", finding.topic}, {"what", finding.what}, {"where", finding.where}, {"next", finding.next}});
    text += fmt::format("{}: {}\n", finding.topic, finding.what);
    if (!finding.where.empty()) text += fmt::format("  where  {}\n", finding.where);
    text += fmt::format("  next   {}\n", finding.next);
  }
  context.print(document, findings.empty() ? "nothing found: no lock, no leftover, nothing half done, nothing damaged\n" : text);
  if (findings.empty()) return 0;
  return context.tell({Code::differs, fmt::format("{} findings", findings.size()), "", findings.front().next}, ExitCode::findings);
}

}  // namespace

void add_doctor(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("doctor", "locks, leftovers, half-done work, damage: what, where, what to type (27 if there is any)");
  command->callback([&context, &run] { run = [&context] { return look_alone(context, [&] { return run_doctor(context); }); }; });
}

}  // namespace rollproof::cli
