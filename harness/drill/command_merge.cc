#include "harness/drill/command_merge.h"

#include <fmt/format.h>

#include <memory>

#include "harness/drill/command_gate.h"
#include "harness/drill/merge.h"
#include "lib/base/exit_code.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;

struct Line {
  std::vector<std::string> records;
  std::string out;
};

Result<Json> merge(const Line& line) {
  os::PosixFileSystem files;
  std::vector<ShardRecord> shards;
  for (const std::string& path : line.records) {
    ShardRecord shard{.path = path};
    ROLLPROOF_ASSIGN(shard.record, read_record(files, path, &shard.sha256));
    shards.push_back(std::move(shard));
  }
  return merge_records(std::move(shards));
}

int code_of(const Json& record) {
  const bool safe = record["violations_total"] == 0 && record["mutants"]["caught"] == record["mutants"]["planned"];
  return static_cast<int>(safe ? ExitCode::done : ExitCode::safety_violated);
}

}  // namespace

void add_merge_command(CLI::App& app, int& code, std::function<Status(const std::string& folder, const Json& record)> write) {
  auto line = std::make_shared<Line>();
  auto* sub = app.add_subcommand("merge", "one record of the records of all shards of a run");
  sub->add_option("RUN.json", line->records, "of every shard (run --shard I/N)")->required();
  sub->add_option("--out", line->out, "folder for run.json and the reports")->required();
  sub->footer("Example:\n  rollproof-drill merge shard-*/run.json --out drill && rollproof-drill gate drill/run.json --policy policy.json\n");
  sub->callback([line, &code, write = std::move(write)] {
    auto record = merge(*line);
    Status written = record ? write(line->out, *record) : Status{};
    if (!record || !written) {
      const Error& error = record ? written.error() : record.error();
      code = static_cast<int>(error.code == Code::invalid ? ExitCode::usage : exit_code_of(error.code));
      fmt::print(stderr, "rollproof-drill: {}\n{}{}exit code {}: {}\n", error.to_string(), error.hint, error.hint.empty() ? "" : "\n", code, meaning_of(static_cast<ExitCode>(code)));
      return;
    }
    code = code_of(*record);
    const Json& cases = (*record)["coverage"]["cases"];
    fmt::print("{} shards merged: {} scenarios, {} cases run of {} planned, {} violations, {} of {} mutants caught\nreports: {}\n", line->records.size(), (*record)["matrix"]["planned"].get<uint64_t>(), cases["run"].get<uint64_t>(),
               cases["planned"].get<uint64_t>(), (*record)["violations_total"].get<uint64_t>(), (*record)["mutants"]["caught"].get<uint64_t>(), (*record)["mutants"]["planned"].get<uint64_t>(), line->out);
    if (code != 0) fmt::print(stderr, "exit code {}: {}. `rollproof-drill gate {} --policy FILE` says more\n", code, meaning_of(static_cast<ExitCode>(code)), os::join(line->out, "run.json"));
  });
}

}  // namespace rollproof::drill
