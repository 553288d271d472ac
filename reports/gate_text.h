// A gate's judgement for people and for the record.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reports/gate.h"

namespace rollproof::reports {

// As `gate` in the record: exit_code, meaning, next, and the clauses.
nlohmann::ordered_json to_json(const Gate& gate);
// As `known_failures` in the record: each entry of the policy, with its state in this run.
nlohmann::ordered_json known_failures_json(const Gate& gate);

// One line per clause, below it what fails it, and as the last line the exit code, its meaning and what to do next. Texts of the record are printed
// without control characters.
std::string to_text(const Gate& gate);

}  // namespace rollproof::reports
