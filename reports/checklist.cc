#include "reports/checklist.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <set>

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 12> kTexts = {
    "Rollback with 100 % success",        "Rollback with a damaged backup", "Rollback during an active migration",   "Rollback after a system crash",
    "Concurrent rollback attempts",       "Rollback with partial data",     "All data of the source restored",       "All migrated records removed from the target",
    "Cache cleared",                      "Migration state reset",          "Audit logs created",                    "User notifications sent",
};

constexpr std::array<const char*, 5> kPhases = {"validate", "dual-write", "copy", "prove", "cutover"};

struct Verdict {
  const char* verdict;
  std::string evidence;
};

uint64_t number(const Json& object, const char* key) { return object.contains(key) && object[key].is_number() ? object[key].get<uint64_t>() : 0; }
std::string text(const Json& object, const char* key) { return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : ""; }

const Json& list(const Json& object, const char* key) {
  static const Json empty = Json::array();
  return object.contains(key) && object[key].is_array() ? object[key] : empty;
}

// What a set of scenarios adds up to.
struct Sum {
  uint64_t scenarios = 0, planned = 0, run = 0, pruned = 0, failed = 0, inconclusive = 0, excluded = 0;
  std::set<std::string> reasons;
  std::string replay;  // of the first that was not passed

  std::string to_string() const {
    std::string words = fmt::format("{} cases run in {} scenarios, {} failed, {} inconclusive; {} identical ones pruned", run, scenarios, failed, inconclusive, pruned);
    if (excluded != 0) words += fmt::format(", {} left out ({})", excluded, fmt::join(reasons, "; "));
    if (!replay.empty()) words += ". " + replay;
    return words;
  }
};

class Judge {
 public:
  explicit Judge(const Json& record) : record_(record) {}

  std::vector<Verdict> all() const {
    return {every_phase(),
            damaged_backup(),
            {"not measured", "a rollback is drilled from a finished copy with writers, not yet at every operation of a running one"},
            crash_during_rollback(),
            concurrent(),
            {"not measured", "subsets of the kinds of data are not drilled yet"},
            promised({1, 2, 3}, "the source, read by a reader of the harness, holds what it held before with the writes since"),
            promised({3}, "the target is as it was before the migration"),
            {"not applicable", "no cache takes part in these migrations"},
            state_reset(),
            promised({9}, "the chain of the audit trail verifies and has one end for each begin"),
            notified()};
  }

 private:
  Sum sum(const std::function<bool(const Json&)>& chosen) const {
    Sum sum;
    for (const Json& scenario : list(record_, "scenarios")) {
      if (!chosen(scenario) || !scenario.contains("cases")) continue;
      const Json& cases = scenario["cases"];
      ++sum.scenarios;
      sum.planned += number(cases, "planned");
      sum.run += number(cases, "run");
      sum.pruned += number(cases, "pruned");
      sum.failed += number(scenario["verdicts"], "failed");
      sum.inconclusive += number(scenario["verdicts"], "inconclusive");
      for (const Json& excluded : list(cases, "excluded")) {
        sum.excluded += number(excluded, "count");
        sum.reasons.insert(text(excluded, "reason"));
      }
      if (sum.replay.empty() && text(scenario, "verdict") == "failed") sum.replay = text(scenario, "replay");
    }
    return sum;
  }

  static bool rolls_back(const Json& scenario) { return text(scenario, "direction") == "rollback" || text(scenario, "direction") == "recovery"; }
  static std::string kind_of(const Json& scenario) { return scenario.contains("fault") ? text(scenario["fault"], "kind") : ""; }

  bool controls_passed() const {
    bool any = false;
    for (const Json& control : list(record_["coverage"], "controls")) {
      any = true;
      if (text(control, "verdict") != "passed") return false;
    }
    return any;
  }

  Verdict every_phase() const {
    std::set<std::string> from;
    for (const Json& control : list(record_["coverage"], "controls")) {
      for (const Json& phase : list(control, "rollback_from")) {
        if (text(control, "verdict") != "passed") return {"not met", fmt::format("without any fault: {}", text(control, "observed"))};
        from.insert(phase.get<std::string>());
      }
    }
    std::vector<std::string> missing;
    for (const char* phase : kPhases) {
      if (!from.contains(phase)) missing.push_back(phase);
    }
    if (!missing.empty()) return {"not measured", fmt::format("no undisturbed rollback from {} in this run", fmt::join(missing, ", "))};
    return {"met", "undisturbed rollbacks from all five phases succeeded, all ten promises checked"};
  }

  // Of scenarios all of whose planned cases the line asks for: what was left out, for whatever reason, is not measured.
  Verdict judged(const Sum& sum, const std::string& nothing) const {
    if (sum.failed != 0) return {"not met", sum.to_string()};
    if (sum.run == 0) return {"not measured", nothing};
    if (sum.excluded != 0) return {"not measured", fmt::format("{} of {} planned cases were not run. {}", sum.excluded, sum.planned, sum.to_string())};
    if (sum.inconclusive != 0 || !controls_passed()) return {"not measured", sum.to_string()};
    return {"met", sum.to_string()};
  }

  Verdict damaged_backup() const {
    return judged(sum([](const Json& scenario) { return kind_of(scenario) == "corruption" && text(scenario, "direction") == "rollback" && text(scenario, "step") == "backup"; }),
                  "no backup was damaged before or during a rollback in this run");
  }

  // Every operation and crash image, and one more in the recovery.
  Verdict crash_during_rollback() const {
    const Verdict first = judged(sum([](const Json& scenario) { return text(scenario, "direction") == "rollback" && (kind_of(scenario) == "crash" || kind_of(scenario) == "process-death"); }),
                                 "no crash during a rollback in this run");
    const Verdict again = judged(sum([](const Json& scenario) { return kind_of(scenario) == "second-crash"; }), "no crash of a recovery in this run");
    const auto is = [](const Verdict& verdict, std::string_view what) { return verdict.verdict == what; };
    const char* both = is(first, "not met") || is(again, "not met") ? "not met" : is(first, "met") && is(again, "met") ? "met" : "not measured";
    return {both, fmt::format("Crashes: {}. Crashes of the recovery: {}", first.evidence, again.evidence)};
  }

  Verdict concurrent() const {
    return judged(sum([](const Json& scenario) { return kind_of(scenario) == "intruder"; }), "no second actor in this run");
  }

  // That somebody received it, and within two minutes, takes more than a file.
  Verdict notified() const {
    Verdict verdict = promised({9}, "start and one completion each in the notification file, with the result of the audit trail");
    if (std::string_view(verdict.verdict) != "met") return verdict;
    return {"not measured", verdict.evidence + "; missing: a receiver, and the time until it holds the start"};
  }

  Verdict promised(const std::set<int>& promises, const char* what) const {
    const auto cases = sum(rolls_back);
    if (cases.run == 0) return {"not measured", "no rollback in this run"};
    for (const Json& violation : list(record_, "violations")) {
      if (promises.contains(static_cast<int>(number(violation, "promise")))) {
        return {"not met", fmt::format("{}: {}", text(violation, "case"), text(violation, "what"))};
      }
    }
    if (cases.inconclusive != 0 || !controls_passed()) return {"not measured", cases.to_string()};
    return {"met", fmt::format("{}: checked in {} rollbacks and recoveries", what, cases.run)};
  }

  Verdict state_reset() const {
    const Verdict clean = promised({3, 8}, "journal ended, route source only, no lock, no leftover");
    if (std::string_view(clean.verdict) != "met") return clean;
    for (const Json& control : list(record_["coverage"], "controls")) {
      if (control.contains("migrates_again") && control["migrates_again"] == true) return {"met", clean.evidence + "; a new migration began afterwards"};
    }
    return {"not measured", "no new migration was begun after a rollback"};
  }

  const Json& record_;
};

}  // namespace

std::vector<ChecklistLine> checklist_of(const Json& record) {
  static const Json nothing = Json{{"coverage", Json::object()}};
  const auto verdicts = Judge(record.contains("coverage") ? record : nothing).all();
  std::vector<ChecklistLine> lines;
  for (size_t i = 0; i < kTexts.size(); ++i) {
    lines.push_back({static_cast<int>(i) + 1, kTexts[i], verdicts[i].verdict, verdicts[i].evidence});
  }
  return lines;
}

Json to_json(const std::vector<ChecklistLine>& lines) {
  Json json = Json::array();
  for (const ChecklistLine& line : lines) {
    json.push_back(Json{{"number", line.number}, {"text", line.text}, {"verdict", line.verdict}, {"evidence", line.evidence}});
  }
  return json;
}

std::string render_checklist(const Json& record) {
  const auto lines = checklist_of(record);
  std::string out = "# Rollback testing checklist\n\n";
  out += fmt::format("Run `{}`, profile {}, seed {}. Simulated disk, model strict (POSIX and no more).\n\n", text(record, "run_id"), text(record, "profile"), number(record, "seed"));
  const auto section = [&](const char* title, size_t first, size_t last) {
    out += fmt::format("## {}\n\n", title);
    for (size_t i = first; i < last; ++i) {
      const bool met = lines[i].verdict == "met";
      out += fmt::format("- [{}] {}. {}: **{}**. {}\n", met ? 'x' : ' ', lines[i].number, lines[i].text, lines[i].verdict, lines[i].evidence);
    }
    out += "\n";
  };
  section("Tests", 0, 6);
  section("Validation", 6, 12);
  out += "*Met* only if every planned case of what a line asks for was run and passed with proof of its fault. Everything else says what is missing.\n";
  return out;
}

}  // namespace rollproof::reports
