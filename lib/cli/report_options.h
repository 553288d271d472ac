// What the reports have in common: where they are read from, and how they are printed.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "lib/cli/context.h"
#include "lib/report/document.h"
#include "lib/report/history.h"

namespace rollproof::cli {

struct ReportOptions {
  std::string format = "markdown";
  std::string from_audit;

  void add_to(CLI::App& command);
  void add_format_to(CLI::App& command);  // for a report that only the stores of now can give
  // How a command ends that could not read what it was to report. A trail that was changed needs a person, whatever the journal says.
  std::optional<ExitCode> code_of(const Error& error) const;
};

Result<report::History> history_for(Context& context, const ReportOptions& options);

// On stdout, in the format that was asked for; --json is a format as well. Returns 0.
int print_report(Context& context, const ReportOptions& options, const report::Document& document, const Json& json);

}  // namespace rollproof::cli
