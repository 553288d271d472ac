// The numbers of a case or a scenario as a record and an event carry them.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/check/comparison.h"
#include "harness/drill/recovery_parts.h"

namespace rollproof::drill {

nlohmann::ordered_json to_json(const RecoveryParts& parts);     // {"detect", "decide", "undo", "verify"}, ms
nlohmann::ordered_json to_json(const check::Integrity& numbers);  // {"checked", "missing", "extra", "changed", "duplicated"}
// Throw nlohmann::json::exception if a member is missing or no number.
RecoveryParts parts_from(const nlohmann::ordered_json& json);
check::Integrity integrity_from(const nlohmann::ordered_json& json);

}  // namespace rollproof::drill
