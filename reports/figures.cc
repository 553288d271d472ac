#include "reports/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/base/time_text.h"
#include "reports/contradictions.h"

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kCountMax = 1'000'000'000'000;  // sums of ten million such counts still fit into 64 bits
constexpr int kDepthMax = 64;                      // no record is deeper than 8

// Thrown by Member, caught in figures_of(): a record has hundreds of members, and each of them may be wrong.
struct Wrong {
  std::string what;
};

// A member of the record and how to get there, for the error.
class Member {
 public:
  Member(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  bool has(const char* key) const { return object().contains(key) && !object().at(key).is_null(); }
  Member at(const char* key) const {
    const std::string path = path_.empty() ? key : path_ + "." + key;
    if (!object().contains(key)) throw Wrong{path + " is missing"};
    return {json_.at(key), path};
  }
  std::string text() const {
    if (!json_.is_string()) throw Wrong{path_ + " is no text"};
    return json_.get<std::string>();
  }
  uint64_t number() const {
    // What a program has put in, and not a parser, may be a signed one.
    if (!json_.is_number_integer() || (!json_.is_number_unsigned() && json_.get<int64_t>() < 0)) throw Wrong{path_ + " is no whole number"};
    return json_.get<uint64_t>();
  }
  uint64_t count() const {
    if (number() > kCountMax) throw Wrong{path_ + " is no count"};
    return number();
  }
  int64_t milliseconds() const { return static_cast<int64_t>(count()); }
  int64_t time() const {
    const auto ms = parse_time(text());
    if (!ms) throw Wrong{path_ + " is no time"};
    return *ms;
  }
  std::vector<Member> items() const {
    if (!json_.is_array()) throw Wrong{path_ + " is no list"};
    std::vector<Member> items;
    for (size_t i = 0; i < json_.size(); ++i) items.push_back({json_[i], fmt::format("{}[{}]", path_, i)});
    return items;
  }
  std::vector<std::pair<std::string, Member>> members() const {
    std::vector<std::pair<std::string, Member>> members;
    for (const auto& [key, value] : object().items()) members.push_back({key, {value, path_ + "." + key}});
    return members;
  }
  std::string one_of(std::initializer_list<const char*> known) const {
    const std::string value = text();
    if (std::find(known.begin(), known.end(), value) == known.end()) throw Wrong{fmt::format("{} is \"{}\"", path_, value)};
    return value;
  }

 private:
  const Json& object() const {
    if (!json_.is_object()) throw Wrong{(path_.empty() ? "the record" : path_) + " is no object"};
    return json_;
  }

  const Json& json_;
  std::string path_;
};

ScenarioFigures scenario_of(const Member& member) {
  ScenarioFigures scenario{.id = member.at("id").text(), .phase = member.at("phase").text(), .fault = member.at("fault").at("kind").text(), .category = member.at("category").text()};
  const Member cases = member.at("cases"), verdicts = member.at("verdicts");
  scenario.planned = cases.at("planned").count();
  scenario.run = cases.at("run").count();
  scenario.pruned = cases.at("pruned").count();
  for (const Member& excluded : cases.at("excluded").items()) {
    excluded.at("reason").text();
    scenario.excluded += excluded.at("count").count();
  }
  scenario.passed = verdicts.at("passed").count();
  scenario.failed = verdicts.at("failed").count();
  scenario.inconclusive = verdicts.at("inconclusive").count();
  verdicts.at("not_run").count();
  scenario.fired = member.at("fault").at("fired_count").count();
  scenario.recovery_ms = member.at("recovery_ms").milliseconds();
  scenario.target_ms = member.at("target_ms").milliseconds();
  member.at("direction").text();
  member.at("step").text();
  member.at("store").text();
  member.at("execution").one_of({"completed", "timed_out", "crashed", "interrupted", "not_started"});
  member.at("verdict").one_of({"passed", "failed", "inconclusive", "not_run"});
  if (member.has("integrity")) {
    for (const char* wrong : {"missing", "extra", "changed", "duplicated"}) scenario.wrong_records += member.at("integrity").at(wrong).count();
  }
  if (member.has("attempts")) {
    for (const Member& attempt : member.at("attempts").items()) scenario.failed_before |= attempt.at("verdict").text() != "passed";
  }
  return scenario;
}

void read_coverage(const Member& coverage, Figures& figures) {
  for (const Member& control : coverage.at("controls").items()) {
    const std::string verdict = control.at("verdict").one_of({"passed", "failed", "inconclusive"});
    std::string& known = figures.controls[control.at("story").text()];
    if (known.empty() || known == "passed") known = verdict;  // the worse of two
  }
  for (const char* count : {"planned", "run", "pruned"}) coverage.at("cases").at(count).count();
  coverage.at("cases").at("excluded").items();
  coverage.at("steps").at("known").count();
  coverage.at("steps").at("complete").count();
  figures.images = coverage.at("images").count();
  if (!coverage.has("real")) return;
  const Member real = coverage.at("real");
  figures.real_planned = real.at("planned").count();
  figures.real_passed = real.at("passed").count();
  figures.real_failed = real.at("failed").count();
  figures.real_broke_off = real.at("broke_off").text();
  for (const char* count : {"cases", "inconclusive"}) real.at(count).count();
}

void read_recovery(const Member& recovery, Figures& figures) {
  for (const auto& [phase, times] : recovery.members()) {
    for (const char* key : {"max_ms", "target_ms"}) {
      if (times.has(key)) times.at(key).milliseconds();
    }
    for (const char* key : {"projection", "projection_with_damaged_source"}) {
      if (!times.has(key)) continue;
      const Member projection = times.at(key);
      figures.projections.push_back({phase, projection.at("projected_ms").milliseconds(), projection.at("limit_ms").milliseconds()});
    }
  }
}

// What the record is about: fixtures, or whose stores. Paths are the user's and may differ from machine to machine.
std::string subject_of(const Member& subject) {
  const std::string kind = subject.at("kind").text();
  return kind != "own stores" ? kind : fmt::format("{} {} to {}", kind, subject.at("source").text(), subject.at("target").text());
}

Figures read(const Json& record) {
  const Member top(record, "");
  if (const uint64_t version = top.at("schema_version").number(); version != 1) throw Wrong{fmt::format("schema_version is {}, and this program knows 1", version)};
  Figures figures{.run_id = top.at("run_id").text(), .profile = top.at("profile").text(), .commit = top.at("tool").at("commit").text(), .version = top.at("tool").at("version").text()};
  if (top.at("tool").at("name").text() != "rollproof-drill") throw Wrong{"tool.name is another program's"};
  figures.seed = top.at("seed").number();
  top.at("started_at").time();
  figures.finished_ms = top.at("finished_at").time();
  figures.execution = top.has("execution") ? top.at("execution").one_of({"completed", "timed_out", "crashed", "interrupted"}) : "completed";
  figures.subject = subject_of(top.at("subject"));
  top.at("matrix").at("planned").count();
  top.at("matrix").at("sha256").text();
  if (top.at("matrix").has("pattern")) figures.pattern = top.at("matrix").at("pattern").text();
  if (top.has("shard")) {
    const uint64_t index = top.at("shard").at("index").count(), count = top.at("shard").at("count").count();
    if (index == 0 || index > count || count > kShardsMax) throw Wrong{fmt::format("shard {} of {} is none", index, count)};
    figures.shard = static_cast<uint32_t>(index);
    figures.shards = static_cast<uint32_t>(count);
  }
  for (const Member& scenario : top.at("scenarios").items()) figures.scenarios.push_back(scenario_of(scenario));
  for (const Member& violation : top.at("violations").items()) figures.violation_cases.push_back(violation.at("case").text());
  if (!figures.violation_cases.empty()) figures.replay = top.at("violations").items().front().at("replay").text();
  figures.violations = top.at("violations_total").count();
  read_coverage(top.at("coverage"), figures);
  read_recovery(top.at("recovery"), figures);
  figures.mutants = top.at("mutants").at("planned").count();
  figures.mutants_caught = top.at("mutants").at("caught").count();
  for (const Member& missed : top.at("mutants").at("missed").items()) figures.mutants_missed.push_back(missed.at("name").text());
  find_contradictions(record, figures);
  return figures;
}

}  // namespace

std::string_view ScenarioFigures::verdict() const {
  if (failed != 0 || wrong_records != 0 || failed_before) return "failed";
  if (inconclusive != 0 || fired < passed) return "inconclusive";
  return passed != 0 ? "passed" : "not_run";
}

uint64_t Figures::cases_run() const {
  uint64_t sum = 0;
  for (const ScenarioFigures& scenario : scenarios) sum += scenario.run;
  return sum;
}

uint64_t Figures::count(std::string_view verdict) const {
  return static_cast<uint64_t>(std::count_if(scenarios.begin(), scenarios.end(), [&](const ScenarioFigures& scenario) { return scenario.verdict() == verdict; }));
}

std::map<std::string, Figures::PhaseTime> Figures::recovery() const {
  std::map<std::string, PhaseTime> phases;
  for (const ScenarioFigures& scenario : scenarios) {
    PhaseTime& phase = phases[scenario.phase];
    phase.max_ms = std::max(phase.max_ms, scenario.recovery_ms);
    if (scenario.target_ms != 0 && (phase.target_ms == 0 || scenario.target_ms < phase.target_ms)) phase.target_ms = scenario.target_ms;
  }
  return phases;
}

Result<Figures> figures_of(const Json& record) {
  try {
    return read(record);
  } catch (const Wrong& wrong) {
    return fail(Code::invalid, "is no record of a drill: " + wrong.what, "", "A record is the run.json that `rollproof-drill run` writes.");
  }
}

Result<Json> parse_record(std::string_view bytes, const std::string& path) {
  bool too_deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) { return !(too_deep |= depth > kDepthMax); };
  Json record = Json::parse(bytes, shallow, false);
  if (record.is_discarded() || too_deep) {
    return fail(Code::invalid, too_deep ? "is no record of a drill: nested too deeply" : "is no JSON", path, "A record is the run.json that `rollproof-drill run` writes; was it cut short?");
  }
  return record;
}

}  // namespace rollproof::reports
