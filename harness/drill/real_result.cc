#include "harness/drill/real_result.h"

#include <algorithm>

namespace rollproof::drill {

using Json = nlohmann::ordered_json;

Cell RealResult::cell() const {
  auto cell = Cell::parse(id.substr(0, id.find('/')));
  return cell ? *cell : Cell{};
}

Json real_event(const RealResult& result) {
  Json violations = Json::array();
  for (const auto& violation : result.violations) violations.push_back(Json{{"promise", violation.promise}, {"what", violation.what}});
  return Json{{"event", "real"}, {"id", result.id}, {"verdict", result.verdict}, {"outcome", result.outcome}, {"proof", result.proof}, {"simulated", result.simulated}, {"violations", std::move(violations)}};
}

RealResult real_result_of(const Json& event) {
  RealResult result{event.at("id").get<std::string>(), event.at("verdict").get<std::string>(), event.at("outcome").get<std::string>(), event.at("proof").get<std::string>(), {}, event.at("simulated").get<std::string>()};
  for (const Json& violation : event.at("violations")) result.violations.push_back({violation.at("promise").get<int>(), violation.at("what").get<std::string>()});
  return result;
}

bool is_real(std::string_view id) { return id.find("/real-") != std::string_view::npos; }

uint64_t RealOutcome::count(std::string_view verdict) const {
  return static_cast<uint64_t>(std::count_if(results.begin(), results.end(), [&](const RealResult& result) { return result.verdict == verdict; }));
}

}  // namespace rollproof::drill
