// What of the user's stores was drilled, for the record and for a person.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/drill/own_stores.h"

namespace rollproof::drill {

// `after`: digest_of_originals() at the end of the run; empty if nobody looked.
nlohmann::ordered_json subject_json(const OwnStores& own, const std::string& after);
std::string subject_text(const OwnStores& own, const std::string& after);

}  // namespace rollproof::drill
