// Members of an event as a reader takes them who did not write it: a trail of another version, or one that somebody has written.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace rollproof::incident {

// Empty where it is missing, or is no text; so for what is no object.
inline std::string text_in(const nlohmann::ordered_json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Nothing where it is missing, or is no whole number: one with a fraction is none of ours, and read as a whole one it may be anything.
inline std::optional<int64_t> whole_in(const nlohmann::ordered_json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_number_integer() ? std::optional(found->get<int64_t>()) : std::nullopt;
}

}  // namespace rollproof::incident
