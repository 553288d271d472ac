// One function per command; each adds itself to the application and sets `run` when it is chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "lib/cli/context.h"

namespace rollproof::cli {

using Run = std::function<int()>;

void add_init(CLI::App& app, Context& context, Run& run);
void add_validate(CLI::App& app, Context& context, Run& run);
void add_plan(CLI::App& app, Context& context, Run& run);
void add_migrate(CLI::App& app, Context& context, Run& run);
void add_rollback(CLI::App& app, Context& context, Run& run);
void add_recover(CLI::App& app, Context& context, Run& run);
void add_can_rollback(CLI::App& app, Context& context, Run& run);
void add_doctor(CLI::App& app, Context& context, Run& run);
void add_cancel(CLI::App& app, Context& context, Run& run);
void add_report(CLI::App& app, Context& context, Run& run);
void add_status(CLI::App& app, Context& context, Run& run);
void add_verify(CLI::App& app, Context& context, Run& run);
void add_data(CLI::App& app, Context& context, Run& run);  // put, get, delete, scan
void add_backup_restore(CLI::App& backup, Context& context, Run& run);  // restore and quality, below backup
void add_backup(CLI::App& app, Context& context, Run& run);

}  // namespace rollproof::cli
