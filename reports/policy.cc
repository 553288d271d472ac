#include "reports/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "lib/base/time_text.h"
#include "lib/base/words.h"

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kLimitMax = 1e9;
const std::vector<std::string> kPhases = {"validate", "dual-write", "copy", "prove", "cutover"};

// Thrown by Section, caught in parse_policy().
struct Wrong {
  std::string what, hint;
};

// An object of the policy, whose keys are all known ones.
class Section {
 public:
  Section(const Json& json, std::string name, const std::vector<std::string>& known) : json_(json), name_(std::move(name)) {
    if (!json.is_object()) throw Wrong{fmt::format("{} is no object", name_.empty() ? "the policy" : name_), ""};
    for (const auto& [key, value] : json.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) throw Wrong{fmt::format("unknown key \"{}\"", path(key)), nearest_or_known(key, known)};
    }
  }

  const Json* at(const char* key) const { return json_.contains(key) ? &json_.at(key) : nullptr; }

  void count(const char* key, uint64_t least, uint64_t most, uint64_t& out) const {
    const Json* value = at(key);
    if (value == nullptr) return;
    if (!value->is_number_unsigned() || value->get<uint64_t>() < least || value->get<uint64_t>() > most) throw Wrong{fmt::format("{} is no whole number from {} to {}", path(key), least, most), ""};
    out = value->get<uint64_t>();
  }
  void number(const char* key, double least, double most, double& out) const {
    const Json* value = at(key);
    if (value == nullptr) return;
    if (!value->is_number() || !(value->get<double>() >= least && value->get<double>() <= most)) throw Wrong{fmt::format("{} is no number from {} to {}", path(key), least, most), ""};
    out = value->get<double>();
  }
  void flag(const char* key, bool& out) const {
    const Json* value = at(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) throw Wrong{fmt::format("{} is neither true nor false", path(key)), ""};
    out = value->get<bool>();
  }
  std::string text(const char* key) const {
    const Json* value = at(key);
    if (value == nullptr || !value->is_string() || value->get<std::string>().empty()) throw Wrong{fmt::format("{} is missing or no text", path(key)), ""};
    return value->get<std::string>();
  }
  void texts(const char* key, std::vector<std::string>& out) const {
    const Json* value = at(key);
    if (value == nullptr) return;
    const bool all = value->is_array() && std::all_of(value->begin(), value->end(), [](const Json& one) { return one.is_string() && !one.get<std::string>().empty(); });
    if (!all) throw Wrong{fmt::format("{} is no list of texts", path(key)), ""};
    out = value->get<std::vector<std::string>>();
  }
  int64_t time(const char* key) const {
    const auto ms = parse_time(text(key));
    if (!ms) throw Wrong{fmt::format("{} is no day", path(key)), "Write 2026-12-31, or 2026-12-31T18:00:00Z."};
    return *ms;
  }
  std::string path(std::string_view key) const { return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key); }

 private:
  const Json& json_;
  std::string name_;
};

// "7d", "36h", "90m".
int64_t age_of(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string_view unit = end;
  for (const auto& [name, ms] : {std::pair{"m", 60'000.0}, {"h", 3'600'000.0}, {"d", 86'400'000.0}}) {
    if (end != text.c_str() && unit == name && number > 0 && number <= 36'500) return static_cast<int64_t>(number * ms);
  }
  throw Wrong{fmt::format("max_age \"{}\" is no age", text), "Write a number of days, hours or minutes: 7d, 36h, 90m."};
}

KnownFailureEntry known_failure_of(const Json& json, const std::string& name) {
  const Section section(json, name, {"id", "owner", "ticket", "reason", "since", "expires"});
  KnownFailureEntry known{.id = section.text("id"), .owner = section.text("owner"), .ticket = section.text("ticket"), .reason = section.text("reason"),
                     .since = section.text("since"), .expires = section.text("expires"), .since_ms = section.time("since"), .expires_ms = section.time("expires")};
  if (known.expires_ms <= known.since_ms) throw Wrong{fmt::format("{} expires before it begins", name), ""};
  return known;
}

Policy policy_of(const Json& json) {
  Policy policy;
  const Section top(json, "", {"$schema", "required", "evidence", "pass_rate", "recovery", "regression", "known_failures", "max_age"});
  top.texts("required", policy.required);
  if (const Json* evidence = top.at("evidence")) {
    const Section section(*evidence, "evidence", {"inconclusive_max", "steps_percent_min", "cases_min", "profiles", "mutants_required", "real_percent_min"});
    section.count("inconclusive_max", 0, 1'000'000'000, policy.inconclusive_max);
    section.number("steps_percent_min", 0, 100, policy.steps_percent_min);
    section.count("cases_min", 1, 1'000'000'000, policy.cases_min);
    section.texts("profiles", policy.profiles);
    section.flag("mutants_required", policy.mutants_required);
    section.number("real_percent_min", 0, 100, policy.real_percent_min);
  }
  if (const Json* rate = top.at("pass_rate")) {
    const Section section(*rate, "pass_rate", {"planned_percent_min", "judged_percent_min"});
    section.number("planned_percent_min", 0, 100, policy.planned_percent_min);
    section.number("judged_percent_min", 0, 100, policy.judged_percent_min);
  }
  if (const Json* recovery = top.at("recovery")) {
    const Section section(*recovery, "recovery", {"limit_s", "percent_of_limit_max"});
    if (const Json* limits = section.at("limit_s")) {
      const Section of_phase(*limits, "recovery.limit_s", kPhases);
      for (const std::string& phase : kPhases) {
        if (of_phase.at(phase.c_str()) != nullptr) of_phase.number(phase.c_str(), 0.001, kLimitMax, policy.limit_s[phase]);
      }
    }
    section.number("percent_of_limit_max", 1, 100, policy.percent_of_limit_max);
  }
  if (const Json* regression = top.at("regression")) {
    const Section section(*regression, "regression", {"recovery_noise_percent", "recovery_noise_ms", "cases_noise_percent"});
    section.number("recovery_noise_percent", 0, 1000, policy.recovery_noise_percent);
    section.number("recovery_noise_ms", 0, kLimitMax, policy.recovery_noise_ms);
    section.number("cases_noise_percent", 0, 100, policy.cases_noise_percent);
  }
  if (const Json* known = top.at("known_failures")) {
    const Section section(*known, "known_failures", {"max", "days_max", "list"});
    section.count("max", 0, 1000, policy.known_failures_max);
    section.count("days_max", 1, 3650, policy.known_failure_days_max);
    if (const Json* list = section.at("list")) {
      if (!list->is_array()) throw Wrong{"known_failures.list is no list", ""};
      for (size_t i = 0; i < list->size(); ++i) policy.known_failures.push_back(known_failure_of((*list)[i], fmt::format("known_failures.list[{}]", i)));
    }
  }
  if (top.at("max_age") != nullptr) {
    policy.max_age = top.text("max_age");
    policy.max_age_ms = age_of(policy.max_age);
  }
  return policy;
}

// The second of two equal keys would win unseen.
class Keys {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    const auto level = static_cast<size_t>(depth);
    if (event == Json::parse_event_t::object_start) {
      seen_.resize(std::max(seen_.size(), level + 2));
      seen_[level + 1].clear();
    } else if (event == Json::parse_event_t::key && parsed.is_string()) {
      seen_.resize(std::max(seen_.size(), level + 1));
      if (!seen_[level].insert(parsed.get<std::string>()).second) throw Wrong{fmt::format("the key \"{}\" is there twice", parsed.get<std::string>()), "Keep one of them."};
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> seen_;
};

std::string place_of(const std::string& text, size_t byte) {
  const size_t offset = std::min<size_t>(byte > 0 ? byte - 1 : 0, text.size());
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n');
  const size_t newline = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  return fmt::format("line {}, column {}", line, offset - (newline == std::string::npos ? 0 : newline + 1) + 1);
}

}  // namespace

Result<Policy> parse_policy(const std::string& text, const std::string& path) {
  try {
    Keys keys;
    return policy_of(Json::parse(text, [&keys](int depth, Json::parse_event_t event, Json& parsed) { return keys(depth, event, parsed); }, true, true));
  } catch (const Wrong& wrong) {
    return fail(Code::invalid, wrong.what, path, wrong.hint);
  } catch (const nlohmann::json::parse_error& error) {
    return fail(Code::invalid, fmt::format("not valid JSON at {}", place_of(text, error.byte)), path, "Correct the file there; comments are allowed, trailing commas are not.");
  } catch (const nlohmann::json::exception&) {
    return fail(Code::invalid, "not valid JSON", path);
  }
}

Json to_json(const KnownFailureEntry& known) {
  return Json{{"id", known.id}, {"owner", known.owner}, {"ticket", known.ticket}, {"reason", known.reason}, {"since", known.since}, {"expires", known.expires}};
}

Json to_json(const Policy& policy) {
  Json limits = Json::object(), list = Json::array();
  for (const std::string& phase : kPhases) {
    if (policy.limit_s.contains(phase)) limits[phase] = policy.limit_s.at(phase);
  }
  for (const KnownFailureEntry& known : policy.known_failures) list.push_back(to_json(known));
  return Json{{"required", policy.required},
              {"evidence", Json{{"inconclusive_max", policy.inconclusive_max}, {"steps_percent_min", policy.steps_percent_min}, {"cases_min", policy.cases_min}, {"profiles", policy.profiles},
                                {"mutants_required", policy.mutants_required}, {"real_percent_min", policy.real_percent_min}}},
              {"pass_rate", Json{{"planned_percent_min", policy.planned_percent_min}, {"judged_percent_min", policy.judged_percent_min}}},
              {"recovery", Json{{"limit_s", std::move(limits)}, {"percent_of_limit_max", policy.percent_of_limit_max}}},
              {"regression", Json{{"recovery_noise_percent", policy.recovery_noise_percent}, {"recovery_noise_ms", policy.recovery_noise_ms}, {"cases_noise_percent", policy.cases_noise_percent}}},
              {"known_failures", Json{{"max", policy.known_failures_max}, {"days_max", policy.known_failure_days_max}, {"list", std::move(list)}}},
              {"max_age", policy.max_age}};
}

}  // namespace rollproof::reports
