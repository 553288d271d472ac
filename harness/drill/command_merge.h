// `rollproof-drill merge`: the records of shards as one (harness/drill/merge.h).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/result.h"

namespace rollproof::drill {

// `write` puts the record and its views into a folder. `code` is set when it was asked for: 0, 2, or 11 where the shards have found a violation or missed
// a mutant; thresholds are the gate's.
void add_merge_command(CLI::App& app, int& code, std::function<Status(const std::string& folder, const nlohmann::ordered_json& record)> write);

}  // namespace rollproof::drill
