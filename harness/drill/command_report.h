// The views of a record as files and as output (reports/views.h).
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::drill {

// Writes run.json from its bytes, every view of it, and SHA256SUMS over all of them and the findings that are there into `folder`, each file
// whole or not at all. The sums come last: where they are, everything else is.
// REQUIRES: `folder` exists. Code::invalid if `record` is no record.
Status write_views(os::FileSystem& files, const std::string& folder, const std::string& record);

// In a job of GitHub's actions (GITHUB_ACTIONS is "true"): adds the summary to that of the job and prints the annotations. Elsewhere nothing.
void tell_github(const std::string& folder);

// `rollproof-drill report --from RUN.json --format FORMAT`, or `--out FOLDER` for all of them; `code` is set when it was asked for: 0, 2 for what is no record or no format, 28 for no file.
void add_report_command(CLI::App& app, int& code);

}  // namespace rollproof::drill
