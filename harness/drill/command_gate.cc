#include "harness/drill/command_gate.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "lib/base/digest.h"
#include "lib/base/time_text.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "reports/gate_text.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kRecordBytesMax = 512ull << 20;
constexpr uint64_t kPolicyBytesMax = 1 << 20;

struct Line {
  std::string record, policy, baseline;
  bool json = false;
};

int64_t now_ms() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

// Every mistake in what was named is one of usage: nothing was judged.
Error as_usage(Error error) {
  if (error.code == Code::not_found) error.message = "there is no such file";
  error.code = Code::invalid;
  return error;
}

Result<std::string> read_named(os::FileSystem& files, const std::string& path, uint64_t limit) {
  auto text = os::read_file(files, path, limit);
  if (!text) return fail(as_usage(std::move(text).error()));
  return text;
}

Json baseline_json(const GateInputs& inputs, const reports::Gate& gate) {
  if (!inputs.baseline) return nullptr;
  const reports::GateClause& clause = gate.clauses.at(5);
  return Json{{"path", inputs.baseline_path}, {"sha256", inputs.baseline_sha256}, {"run_id", inputs.baseline->run_id}, {"finished_at", time_text(inputs.baseline->finished_ms)},
              {"commit", inputs.baseline->commit}, {"comparable", clause.verdict != reports::GateClause::Verdict::not_judged}};
}

Json policy_json(const GateInputs& inputs) { return Json{{"path", inputs.policy_path}, {"sha256", inputs.policy_sha256}, {"effective", reports::to_json(inputs.policy)}}; }

Result<int> judge_file(const Line& line) {
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(const GateInputs inputs, read_gate_inputs(files, line.policy, line.baseline));
  ROLLPROOF_ASSIGN(Json record, read_record(files, line.record));
  auto figures = reports::figures_of(record);
  if (!figures) {
    figures.error().path = line.record;
    return fail(std::move(figures).error());
  }
  ROLLPROOF_ASSIGN(const reports::Gate gate, judge_into(record, inputs, now_ms()));
  if (line.json) {
    Json document{{"run_id", figures->run_id}};
    for (const char* part : {"gate", "policy", "baseline", "known_failures"}) document[part] = record.at(part);
    fmt::print("{}\n", document.dump(1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}", reports::to_text(gate));
  }
  return static_cast<int>(gate.code);
}

}  // namespace

Result<Json> read_record(os::FileSystem& files, const std::string& path, std::string* sha256) {
  ROLLPROOF_ASSIGN(const std::string bytes, read_named(files, path, kRecordBytesMax));
  if (sha256 != nullptr) *sha256 = sha256_hex(bytes);
  return reports::parse_record(bytes, path);
}

Result<GateInputs> read_gate_inputs(os::FileSystem& files, const std::string& policy_path, const std::string& baseline_path) {
  GateInputs inputs{.policy_path = policy_path, .baseline_path = baseline_path};
  ROLLPROOF_ASSIGN(const std::string text, read_named(files, policy_path, kPolicyBytesMax));
  ROLLPROOF_ASSIGN(inputs.policy, reports::parse_policy(text, policy_path));
  inputs.policy_sha256 = sha256_hex(text);
  if (baseline_path.empty()) return inputs;
  ROLLPROOF_ASSIGN(const Json record, read_record(files, baseline_path, &inputs.baseline_sha256));
  auto figures = reports::figures_of(record);
  if (!figures) {
    figures.error().path = baseline_path;
    return fail(std::move(figures).error());
  }
  if (!figures->contradictions.empty()) return fail(Code::invalid, "the baseline contradicts itself: " + figures->contradictions.front(), baseline_path, "Use a run.json as the drill wrote it.");
  inputs.baseline = std::move(*figures);
  return inputs;
}

Result<reports::Gate> judge_into(Json& record, const GateInputs& inputs, int64_t now_ms) {
  auto figures = reports::figures_of(record);
  if (!figures) return fail(Code::internal, figures.error().message, "", figures.error().hint);
  reports::Gate gate = reports::judge(*figures, inputs.policy, inputs.baseline ? &*inputs.baseline : nullptr, now_ms);
  record["gate"] = reports::to_json(gate);
  record["policy"] = policy_json(inputs);
  record["baseline"] = baseline_json(inputs, gate);
  record["known_failures"] = reports::known_failures_json(gate);
  return gate;
}

Result<std::optional<GateInputs>> gate_inputs_of(const std::string& policy_path, const std::string& baseline_path, bool whole) {
  if (policy_path.empty() && baseline_path.empty()) return std::nullopt;
  if (policy_path.empty()) return fail(Code::invalid, "a baseline is compared by a policy", baseline_path, "Name one with --policy; a file with {} in it has every default.");
  if (!whole) return fail(Code::invalid, "a shard can not be judged, only the whole", policy_path, "Merge the records of all shards, and judge with `rollproof-drill gate`.");
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(GateInputs inputs, read_gate_inputs(files, policy_path, baseline_path));
  return std::optional<GateInputs>(std::move(inputs));
}

Result<std::string> judge_run(Json& record, const std::optional<GateInputs>& inputs, int drilled, int64_t now_ms) {
  const bool stands = drilled == static_cast<int>(ExitCode::safety_violated) || drilled == static_cast<int>(ExitCode::interrupted);
  int code = drilled;
  std::string text;
  if (inputs) {
    ROLLPROOF_ASSIGN(const reports::Gate gate, judge_into(record, *inputs, now_ms));
    text = reports::to_text(gate);
    if (!stands) code = static_cast<int>(gate.code);
  }
  record["gate"]["exit_code"] = code;
  record["gate"]["meaning"] = meaning_of(static_cast<ExitCode>(code));
  return text;
}

void add_gate_command(CLI::App& app, int& code) {
  auto line = std::make_shared<Line>();
  auto* sub = app.add_subcommand("gate", "judge a record by a policy, without running anything");
  sub->add_option("RUN.json", line->record, "the record of a run, or of merged shards")->required();
  sub->add_option("--policy", line->policy, "what a run has to show (reports/policy.example.json)")->required();
  sub->add_option("--baseline", line->baseline, "run.json of an earlier run, to compare with");
  sub->add_flag("--json", line->json, "one JSON document in place of the table");
  sub->footer("Example:\n  rollproof-drill gate reports/out/latest/run.json --policy policy.json --baseline main.json\n");
  sub->callback([line, &code] {
    auto judged = judge_file(*line);
    if (judged) {
      code = *judged;
      return;
    }
    code = static_cast<int>(judged.error().code == Code::invalid ? ExitCode::usage : exit_code_of(judged.error().code));
    fmt::print(stderr, "rollproof-drill: {}\n{}{}exit code {}: {}\n", judged.error().to_string(), judged.error().hint, judged.error().hint.empty() ? "" : "\n", code, meaning_of(static_cast<ExitCode>(code)));
  });
}

}  // namespace rollproof::drill
