// A walk in a file: what was found can be kept and taken again.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "harness/drill/random/walk.h"
#include "lib/base/base64.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHint = "A walk is what `rollproof-drill random` has kept: {\"walk\": {\"target\", \"records\", \"steps\"}}.";
constexpr std::array<const char*, 5> kStrikes = {"none", "death", "everything kept", "nothing unsynced", "some lost"};

Result<StoryRecord> record_of(const Json& json) {
  auto key = from_base64(json.at("key_base64").get<std::string>()), value = from_base64(json.at("value_base64").get<std::string>());
  if (!key || !value) return fail(Code::invalid, "a record that is no base64");
  return StoryRecord{*std::move(key), *std::move(value)};
}

Result<WalkStep> step_of(const Json& json) {
  WalkStep step{.move = {json.at("verb").get<uint8_t>(), json.at("argument").get<uint8_t>()}, .strike = {}};
  const auto strike = json.at("strike").get<std::string>();
  const auto* known = std::find(kStrikes.begin(), kStrikes.end(), strike);
  if (known == kStrikes.end()) return fail(Code::invalid, fmt::format("there is no strike \"{}\"", strike));
  step.strike.kind = static_cast<Strike::Kind>(known - kStrikes.begin());
  if (step.strike.kind == Strike::Kind::none) return step;
  step.strike.position = json.at("position").get<uint32_t>();
  step.strike.number = json.value("number", uint32_t{0});
  return step;
}

Result<Walk> walk_of(const Json& json) {
  Walk walk{.target = json.at("target").get<uint8_t>()};
  for (const Json& each : json.at("records")) {
    ROLLPROOF_ASSIGN(StoryRecord record, record_of(each));
    walk.records.push_back(std::move(record));
  }
  for (const Json& each : json.at("steps")) {
    ROLLPROOF_ASSIGN(const WalkStep step, step_of(each));
    walk.steps.push_back(step);
  }
  return walk;
}

std::string base64(const std::string& bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

}  // namespace

std::string Walk::to_json() const {
  Json list = Json::array(), all = Json::array();
  for (const StoryRecord& record : records) list.push_back(Json{{"key_base64", base64(record.key)}, {"value_base64", base64(record.value)}});
  for (const WalkStep& step : steps) {
    Json one{{"verb", step.move.verb}, {"argument", step.move.argument}, {"strike", kStrikes[static_cast<size_t>(step.strike.kind)]}};
    if (step.strike.kind != Strike::Kind::none) one.update(Json{{"position", step.strike.position}, {"number", step.strike.number}});
    all.push_back(std::move(one));
  }
  return Json{{"walk", Json{{"target", target}, {"records", std::move(list)}, {"steps", std::move(all)}}}}.dump(1) + "\n";
}

Result<Walk> Walk::parse(std::string_view text, const std::string& path) {
  try {
    auto walk = walk_of(Json::parse(text).at("walk"));
    if (walk) return walk;
    return fail(Code::invalid, "is no walk: " + walk.error().message, path, kHint);
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::invalid, fmt::format("is no walk: {}", error.what()), path, kHint);
  }
}

}  // namespace rollproof::drill
