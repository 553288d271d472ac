#include "lib/incident/event.h"

namespace rollproof::incident {

using Json = nlohmann::ordered_json;

std::shared_ptr<const Reading> read_event(const std::string& json) {
  auto reading = std::make_shared<Reading>();
  reading->document = Json::parse(json, nullptr, false);
  // Printed again, so that a reader who parses a line of the trail gets the same text to hash.
  if (reading->document.is_object()) reading->printed = reading->document.dump(-1, ' ', false, Json::error_handler_t::replace);
  return reading;
}

std::shared_ptr<const Reading> ReadEvents::of(const std::string& json) {
  const auto known = kept_.find(json);
  if (known != kept_.end()) return known->second;
  auto reading = read_event(json);
  if (json.size() > kLong) return reading;
  if (kept_.size() >= kKept) kept_.clear();
  kept_.emplace(json, reading);
  return reading;
}

}  // namespace rollproof::incident
