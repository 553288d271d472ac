// `rollproof-drill gate`, and the gate at the end of a run (reports/gate.h).
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/os/file_system.h"
#include "reports/gate.h"

namespace rollproof::drill {

// What a run is judged by, read before it begins: a mistake in it costs no drill.
struct GateInputs {
  reports::Policy policy;
  std::string policy_path, policy_sha256;
  std::optional<reports::Figures> baseline;
  std::string baseline_path, baseline_sha256;
};

// Code::invalid for a policy or a baseline that is missing, is none, or contradicts itself. `baseline_path`: empty for none.
Result<GateInputs> read_gate_inputs(os::FileSystem& files, const std::string& policy_path, const std::string& baseline_path);

// Judges the record and writes the judgement into it: gate, policy, baseline, known_failures. Nothing that is already there in their places counts.
// Code::internal if what the drill has made is no record.
Result<reports::Gate> judge_into(nlohmann::ordered_json& record, const GateInputs& inputs, int64_t now_ms);

// The same for `run`, which may have no policy. Code::invalid as well for a baseline without a policy, and for a policy of a shard.
Result<std::optional<GateInputs>> gate_inputs_of(const std::string& policy_path, const std::string& baseline_path, bool whole);

// What a run ends with, as record.gate.exit_code: without a policy `drilled`, which the drill found; with one what the gate says, but for a violation,
// which is one whatever the policy, and an interruption. Returns the gate's table, empty without a policy.
Result<std::string> judge_run(nlohmann::ordered_json& record, const std::optional<GateInputs>& inputs, int drilled, int64_t now_ms);

// `rollproof-drill gate RUN.json --policy FILE [--baseline RUN.json] [--json]`; `code` is set when it was asked for: that of the gate, or 2.
void add_gate_command(CLI::App& app, int& code);

// Bytes of a run.json as a record. A file that is not there is Code::invalid as well: whoever names one expects it.
Result<nlohmann::ordered_json> read_record(os::FileSystem& files, const std::string& path, std::string* sha256 = nullptr);

}  // namespace rollproof::drill
