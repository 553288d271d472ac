// Fields of a JSON document that may hold anything: what is not there or is of another kind reads as empty, 0, false.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rollproof::reports::field {

using Json = nlohmann::ordered_json;

const Json& member(const Json& object, std::string_view key);     // null if there is none
const Json& list(const Json& object, std::string_view key);       // an array
std::string text(const Json& object, std::string_view key);       // legal_text()
std::string text_of(const Json& value);                           // of a string, number or boolean
uint64_t count(const Json& object, std::string_view key);         // never more than 2^53, so that sums and JSON numbers stay exact
int64_t milliseconds(const Json& object, std::string_view key);   // from 0 to 10^15
bool flag(const Json& object, std::string_view key);
std::vector<std::string> texts(const Json& object, std::string_view key);

}  // namespace rollproof::reports::field
