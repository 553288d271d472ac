// Any bytes as a record: refused, or judged in eight clauses, and green only if nothing in it failed, something was run, and it adds up. Any bytes as a
// policy: an error that names the file, or a policy that prints itself into one that is the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "reports/gate_text.h"
#include "reports/sound_record_test.h"

using namespace rollproof;
using namespace rollproof::reports;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", what);
  std::abort();
}

void read_as_record(const std::string& text) {
  const auto record = parse_record(text, "run.json");
  if (!record) {
    require(record.error().code == Code::invalid && record.error().path == "run.json", "a refusal says where");
    return;
  }
  const auto found = figures_of(*record);
  if (!found) {
    require(found.error().code == Code::invalid && !found.error().message.empty(), "a refusal says what");
    return;
  }
  Policy lenient;
  lenient.planned_percent_min = lenient.judged_percent_min = lenient.steps_percent_min = 0;
  lenient.mutants_required = false;
  lenient.inconclusive_max = 1'000'000'000;
  const Figures before = figures(sound_record());
  for (const Figures* baseline : {static_cast<const Figures*>(nullptr), &before, &*found}) {
    const Gate gate = judge(*found, lenient, baseline, found->finished_ms);
    require(gate.clauses.size() == 8, "eight clauses");
    require(!to_json(gate).dump().empty() && to_text(gate).find("exit code ") != std::string::npos, "it can be said");
    if (gate.code != ExitCode::done) continue;
    uint64_t run = 0, failed = 0;
    for (const auto& scenario : (*record)["scenarios"]) {
      run += scenario["cases"]["run"].get<uint64_t>();
      failed += scenario["verdicts"]["failed"].get<uint64_t>();
    }
    require(run != 0 && failed == 0 && (*record)["violations_total"] == 0 && found->contradictions.empty(), "green is nothing failed, something run, and no contradiction");
  }
}

void read_as_policy(const std::string& text) {
  const auto policy = parse_policy(text, "policy.json");
  if (!policy) {
    require(policy.error().code == Code::invalid && policy.error().path == "policy.json" && !policy.error().message.empty(), "a refusal says what and where");
    return;
  }
  const auto again = parse_policy(to_json(*policy).dump(), "policy.json");
  require(again.has_value() && to_json(*again).dump() == to_json(*policy).dump(), "a printed policy is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_as_record(text);
  read_as_policy(text);
  return 0;
}

std::vector<std::string> rollproof_fuzz_seeds() {
  RecordJson narrow = sound_record();
  while (narrow["scenarios"].size() > 1) narrow["scenarios"].erase(1);
  narrow["recovery"]["copy"]["projection"] = RecordJson{{"projected_ms", 1}, {"limit_ms", 2}};
  return {sound_record().dump(), settled(narrow).dump(),
          R"({"required": ["a.*"], "evidence": {"inconclusive_max": 3, "profiles": ["deep"], "mutants_required": false}, "recovery": {"limit_s": {"cutover": 0.5}}, // c
              "known_failures": {"max": 2, "list": [{"id": "a", "owner": "o", "ticket": "t", "reason": "r", "since": "2026-01-01", "expires": "2026-01-31T12:00:00Z"}]}, "max_age": "36h"})"};
}
