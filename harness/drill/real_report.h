// What real cases came to, as the record, the summary and the matrix say it.
#pragma once

#include <string>
#include <vector>

#include "harness/drill/real_result.h"

namespace rollproof::drill {

// The fields of the record: of a scenario, and of the whole run.
nlohmann::ordered_json real_json(const std::vector<RealResult>& results, const Cell& cell);  // {cases, passed, failed, inconclusive, what}
nlohmann::ordered_json to_json(const RealOutcome& real);
// "both" if a real case of the scenario has passed and none has failed.
std::string proof_of(const std::vector<RealResult>& results, const Cell& cell);
// The lines of the summary; empty if there was no real part.
std::string to_text(const RealOutcome& real);

}  // namespace rollproof::drill
