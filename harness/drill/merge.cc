#include "harness/drill/merge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/drill/completeness.h"
#include "harness/drill/run_record.h"
#include "lib/base/digest.h"
#include "lib/base/exit_code.h"
#include "lib/base/time_text.h"
#include "reports/figures.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;

tl::unexpected<Error> refuse(const ShardRecord& shard, std::string what, std::string hint = {}) { return fail(Code::invalid, std::move(what), shard.path, std::move(hint)); }

Status check_alone(const ShardRecord& shard) {
  const auto figures = reports::figures_of(shard.record);
  if (!figures) return refuse(shard, figures.error().message, figures.error().hint);
  if (!figures->contradictions.empty()) return refuse(shard, "the record contradicts itself: " + figures->contradictions.front());
  if (figures->shards == 1) return refuse(shard, "is no shard, but a whole run", "Shards are run with --shard I/N.");
  for (const char* part : {"matrix", "subject", "tool", "coverage", "environment", "gate"}) {
    if (!shard.record.contains(part) || !shard.record[part].is_object()) return refuse(shard, fmt::format("is no record of a drill: {} is missing", part));
  }
  for (const Json& scenario : shard.record["scenarios"]) {
    if (const auto cell = Cell::parse(scenario["id"].get<std::string>()); !cell) return refuse(shard, cell.error().message);
  }
  return {};
}

// What all shards of one run have in common.
Status check_alike(const ShardRecord& one, const ShardRecord& other) {
  for (const auto& [pointer, what] : {std::pair{"/schema_version", "schema_version"}, {"/tool/commit", "commit"}, {"/tool/version", "version"}, {"/tool/build_type", "build"}, {"/profile", "profile"}, {"/seed", "seed"},
                                      {"/matrix/pattern", "pattern"}, {"/subject", "subject"}, {"/environment", "environment"}, {"/shard/count", "number of shards"}}) {
    const Json::json_pointer place(pointer);
    const Json a = one.record.contains(place) ? one.record.at(place) : Json(), b = other.record.contains(place) ? other.record.at(place) : Json();
    if (a != b) return refuse(other, fmt::format("another {} than {}: {} and {}", what, one.path, b.dump(), a.dump()), "Only shards of one run can be merged.");
  }
  return {};
}

uint32_t index_of(const ShardRecord& shard) { return shard.record["shard"]["index"].get<uint32_t>(); }

Status check_together(const std::vector<ShardRecord>& shards) {
  if (shards.empty()) return fail(Code::invalid, "there is nothing to merge");
  for (const ShardRecord& shard : shards) ROLLPROOF_TRY(check_alone(shard));
  std::map<uint32_t, const ShardRecord*> by_index;
  std::map<std::string, const ShardRecord*> by_scenario;
  for (const ShardRecord& shard : shards) {
    ROLLPROOF_TRY(check_alike(shards.front(), shard));
    if (const auto [there, fresh] = by_index.emplace(index_of(shard), &shard); !fresh) return refuse(shard, fmt::format("is shard {}, as is {}", index_of(shard), there->second->path));
    for (const Json& scenario : shard.record["scenarios"]) {
      const std::string id = scenario["id"].get<std::string>();
      if (const auto [there, fresh] = by_scenario.emplace(id, &shard); !fresh) return refuse(shard, fmt::format("holds {}, as does {}", id, there->second->path));
    }
  }
  const auto count = shards.front().record["shard"]["count"].get<uint32_t>();
  std::vector<uint32_t> missing;
  for (uint32_t index = 1; index <= count; ++index) {
    if (!by_index.contains(index)) missing.push_back(index);
  }
  if (!missing.empty()) return fail(Code::invalid, fmt::format("of {} shards these are missing: {}", count, fmt::join(missing, ", ")), "", "Name the run.json of every shard.");
  return {};
}

class Merger {
 public:
  explicit Merger(std::vector<ShardRecord> shards) : shards_(std::move(shards)) {
    std::sort(shards_.begin(), shards_.end(), [](const ShardRecord& a, const ShardRecord& b) { return index_of(a) < index_of(b); });
    whole_ = shards_.front().record;
  }

  Json merged() {
    scenarios();
    controls();
    violations();
    identity();
    recovery();
    mutants();
    whole_["coverage"]["cases"] = to_json(outcome_.total());
    whole_["coverage"]["steps"] = to_json(completeness_of(outcome_));
    not_applicable();
    whole_["shard"] = nullptr;
    whole_["history"] = Json::array();
    whole_["evidence"] = Json::array();
    for (const ShardRecord& shard : shards_) whole_["evidence"].push_back(Json{{"path", shard.path}, {"sha256", shard.sha256}});
    gate();
    fill_checklist(whole_);
    return std::move(whole_);
  }

 private:
  void scenarios() {
    std::vector<std::pair<Cell, const Json*>> rows;
    for (const ShardRecord& shard : shards_) {
      for (const Json& scenario : shard.record["scenarios"]) rows.push_back({*Cell::parse(scenario["id"].get<std::string>()), &scenario});
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Json all = Json::array();
    std::string names;
    for (const auto& [cell, row] : rows) {
      const Json& cases = (*row)["cases"];
      CellOutcome outcome;
      outcome.cell = cell;
      outcome.inconclusive = (*row)["verdicts"]["inconclusive"].get<uint64_t>();
      outcome.counts.planned = cases["planned"].get<uint64_t>();
      outcome.counts.run = cases["run"].get<uint64_t>();
      outcome.counts.pruned = cases["pruned"].get<uint64_t>();
      for (const Json& excluded : cases["excluded"]) outcome.counts.excluded[excluded["reason"].get<std::string>()] += excluded["count"].get<uint64_t>();
      outcome_.cases_run += outcome.counts.run;
      images_ += row->value("images", uint64_t{0});
      outcome_.cells.push_back(std::move(outcome));
      names += cell.to_string() + "\n";
      all.push_back(*row);
    }
    whole_["scenarios"] = std::move(all);
    whole_["matrix"]["sha256"] = sha256_hex(names);
    whole_["matrix"]["planned"] = outcome_.cells.size();
  }

  // Every shard tells every story: one answer each, the worst.
  void controls() {
    std::map<std::string, size_t> at;
    Json all = Json::array();
    for (const ShardRecord& shard : shards_) {
      uint64_t of_scenarios = 0;
      for (const Json& scenario : shard.record["scenarios"]) of_scenarios += scenario.value("images", uint64_t{0});
      control_images_ = std::max(control_images_, shard.record["coverage"]["images"].get<uint64_t>() - std::min(of_scenarios, shard.record["coverage"]["images"].get<uint64_t>()));
      for (const Json& control : shard.record["coverage"]["controls"]) {
        const auto [place, fresh] = at.emplace(control["story"].get<std::string>(), all.size());
        if (fresh) {
          all.push_back(control);
        } else if (all[place->second]["verdict"] == "passed") {
          all[place->second] = control;
        }
      }
    }
    for (const Json& control : all) {
      ControlOutcome told{.story = control["story"].get<std::string>()};
      told.result.verdict = control["verdict"] == "passed" ? Verdict::passed : Verdict::failed;
      outcome_.controls.push_back(std::move(told));
    }
    whole_["coverage"]["controls"] = std::move(all);
    whole_["coverage"]["images"] = images_ + control_images_;
  }

  // Those of control runs are in every shard, and count once.
  void violations() {
    std::set<std::string> seen;
    Json all = Json::array();
    for (const ShardRecord& shard : shards_) {
      outcome_.violations_total += shard.record["violations_total"].get<uint64_t>();
      for (const Json& violation : shard.record["violations"]) {
        if (seen.insert(violation.dump()).second) {
          all.push_back(violation);
        } else {
          --outcome_.violations_total;
        }
      }
    }
    whole_["violations"] = std::move(all);
    whole_["violations_total"] = outcome_.violations_total;
  }

  void identity() {
    std::string ids, started = whole_["started_at"].get<std::string>(), finished = whole_["finished_at"].get<std::string>();
    int64_t duration_ms = 0;
    for (const ShardRecord& shard : shards_) {
      const Json& record = shard.record;
      ids += record["run_id"].get<std::string>() + "\n";
      if (parse_time(record["started_at"].get<std::string>()) < parse_time(started)) started = record["started_at"].get<std::string>();
      if (parse_time(record["finished_at"].get<std::string>()) > parse_time(finished)) finished = record["finished_at"].get<std::string>();
      duration_ms = std::max(duration_ms, record.value("duration_ms", int64_t{0}));
      if (outcome_.execution == "completed" && record.value("execution", "completed") != "completed") {
        outcome_.execution = record["execution"].get<std::string>();
        outcome_.ended_because = fmt::format("shard {}: {}", index_of(shard), record.value("ended_because", ""));
      }
    }
    whole_["run_id"] = fmt::format("{}-{}-merged-{}", file_time_text(*parse_time(started)), whole_["profile"].get<std::string>(), sha256_hex(ids).substr(0, 4));
    whole_["started_at"] = started;
    whole_["finished_at"] = finished;
    whole_["duration_ms"] = duration_ms;
    whole_["execution"] = outcome_.execution;
    whole_["ended_because"] = outcome_.ended_because;
    const double seconds = static_cast<double>(std::max<int64_t>(1, duration_ms)) / 1000;
    whole_["performance"]["images_per_second"] = static_cast<uint64_t>(static_cast<double>(images_ + control_images_) / seconds);
  }

  // The longest of each phase, the phases in the order of the whole matrix; of projections the slowest.
  void recovery() {
    Json phases = Json::object();
    for (const CellOutcome& cell : outcome_.cells) phases[cell.cell.phase] = nullptr;
    for (const ShardRecord& shard : shards_) {
      for (const auto& [name, times] : shard.record["recovery"].items()) {
        Json& phase = phases[name];
        if (phase.is_null()) {
          phase = times;
          continue;
        }
        if (times.value("max_ms", int64_t{0}) > phase.value("max_ms", int64_t{-1})) phase["max_ms"] = times["max_ms"];
        if (!phase.contains("target_ms") && times.contains("target_ms")) phase["target_ms"] = times["target_ms"];
        for (const char* key : {"projection", "projection_with_damaged_source"}) {
          if (times.contains(key) && (!phase.contains(key) || times[key]["projected_ms"] > phase[key]["projected_ms"])) phase[key] = times[key];
        }
      }
    }
    whole_["recovery"] = std::move(phases);
  }

  // One shard runs them; should more have done so, all of it counts.
  void mutants() {
    Json& sum = whole_["mutants"];
    for (size_t i = 1; i < shards_.size(); ++i) {
      const Json& other = shards_[i].record["mutants"];
      if (other["planned"].get<uint64_t>() == 0) continue;
      for (const char* count : {"planned", "caught"}) sum[count] = sum[count].get<uint64_t>() + other[count].get<uint64_t>();
      for (const char* list : {"missed", "caught_by"}) {
        if (!other.contains(list)) continue;
        for (const Json& row : other[list]) sum[list].push_back(row);
      }
    }
  }

  void not_applicable() {
    std::map<std::string, Json> places;
    for (const ShardRecord& shard : shards_) {
      if (!shard.record["matrix"].contains("not_applicable")) continue;
      for (const Json& place : shard.record["matrix"]["not_applicable"]) {
        if (place.is_object()) places.emplace(place.value("id", ""), place);
      }
    }
    whole_["matrix"]["not_applicable"] = Json::array();
    for (auto& [id, place] : places) whole_["matrix"]["not_applicable"].push_back(std::move(place));
  }

  // As of an undivided run without a policy.
  void gate() {
    std::vector<ExitCode> codes{static_cast<ExitCode>(outcome_.exit_code())};
    for (const ShardRecord& shard : shards_) {
      if (shard.record["gate"].value("exit_code", 0) == static_cast<int>(ExitCode::threshold_missed)) codes.push_back(ExitCode::threshold_missed);
    }
    const Json& mutants = whole_["mutants"];
    if (mutants["caught"] != mutants["planned"]) codes.push_back(ExitCode::safety_violated);
    const ExitCode code = most_important(codes);
    whole_["gate"] = Json{{"exit_code", static_cast<int>(code)}, {"meaning", meaning_of(code)}};
    whole_["policy"] = Json{{"path", ""}, {"sha256", ""}, {"effective", Json::object()}};
    whole_["baseline"] = nullptr;
    whole_["known_failures"] = Json::array();
  }

  std::vector<ShardRecord> shards_;
  Json whole_;
  Outcome outcome_;  // what the functions of a run are asked with
  uint64_t images_ = 0, control_images_ = 0;
};

}  // namespace

Result<Json> merge_records(std::vector<ShardRecord> shards) {
  ROLLPROOF_TRY(check_together(shards));
  // The figures of each are checked; what else is of a type that nobody expects is no record either.
  try {
    return Merger(std::move(shards)).merged();
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::invalid, fmt::format("the records can not be merged: {}", error.what()));
  }
}

}  // namespace rollproof::drill
