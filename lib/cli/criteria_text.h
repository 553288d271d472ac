// What a rollback says at its end: the documents' success criteria, each with its evidence, and the time against the limits.
#pragma once

#include <string>

#include "lib/cli/context.h"
#include "lib/rollback/criteria.h"

namespace rollproof::cli {

Json criteria_json(const rollback::Assessment& assessment);
std::string criteria_text(const rollback::Assessment& assessment);
std::string duration_text(int64_t ms);  // "340 ms", "12.3 s", "4 min 5 s"

// Judges the last rollback, adds `criteria` to the document, prints both, and returns the exit code: 10 if a criterion or a limit was
// missed. The rollback itself has succeeded in any case.
int print_criteria(Context& context, Json document, const std::string& text);

}  // namespace rollproof::cli
