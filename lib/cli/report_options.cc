#include "lib/cli/report_options.h"

#include <cstdio>

namespace rollproof::cli {

void ReportOptions::add_to(CLI::App& command) {
  add_format_to(command);
  command.add_option("--from-audit", from_audit, "read this audit trail instead of the journal, for when the journal is damaged or elsewhere");
}

void ReportOptions::add_format_to(CLI::App& command) {
  command.add_option("--format", format, "markdown (default), html or json")->check(CLI::IsMember({"markdown", "html", "json"}));
}

std::optional<ExitCode> ReportOptions::code_of(const Error& error) const {
  if (error.code == Code::corruption) return ExitCode::needs_person;
  return std::nullopt;
}

Result<report::History> history_for(Context& context, const ReportOptions& options) {
  if (!options.from_audit.empty()) return report::read_history_of_trail(context.world().files, options.from_audit);
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(context.world().files, context.config_path));
  return report::read_history(context.world(), config);
}

int print_report(Context& context, const ReportOptions& options, const report::Document& document, const Json& json) {
  if (context.json || options.format == "json") {
    context.output.out(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    context.output.out(options.format == "html" ? report::to_html(document) : report::to_markdown(document));
  }
  std::fflush(stdout);
  return 0;
}

}  // namespace rollproof::cli
