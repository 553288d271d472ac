#include "lib/migrate/user_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/migrate/session.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

constexpr int64_t kTimeoutSecondsMax = 24 * 3600;
constexpr size_t kOutputKept = 2048;
constexpr const char* kExample = "Write \"checks\": [\"COMMAND\", {\"name\": \"NAME\", \"command\": \"COMMAND\", \"timeout_s\": 60, \"when\": [\"prove\"]}].";

Result<UserCheck::When> when_named(const nlohmann::json& item, const std::string& path) {
  if (item == "prove") return UserCheck::When::prove;
  if (item == "rollback") return UserCheck::When::rollback;
  return fail(Code::invalid, "\"when\" of a check is neither \"prove\" nor \"rollback\"", path, kExample);
}

Result<UserCheck> read_one(const nlohmann::json& item, size_t number, const std::string& path) {
  const auto wrong = [&](const std::string& what) { return fail(Code::invalid, fmt::format("check {}: {}", number, what), path, kExample); };
  UserCheck check;
  if (item.is_string()) {
    check.name = check.command = item.get<std::string>();
  } else if (item.is_object()) {
    for (const auto& [key, value] : item.items()) {
      if (key != "name" && key != "command" && key != "timeout_s" && key != "when") return wrong(fmt::format("unknown key \"{}\"", key));
    }
    if (!item.contains("command") || !item["command"].is_string()) return wrong("\"command\" is missing or not a text");
    check.command = item["command"].get<std::string>();
    if (item.contains("name") && !item["name"].is_string()) return wrong("\"name\" is not a text");
    check.name = item.value("name", check.command);
    if (item.contains("timeout_s")) {
      const bool good = item["timeout_s"].is_number_unsigned() && item["timeout_s"] > 0 && item["timeout_s"] <= kTimeoutSecondsMax;
      if (!good) return wrong(fmt::format("\"timeout_s\" is not a number of seconds from 1 to {}", kTimeoutSecondsMax));
      check.timeout_ms = item["timeout_s"].get<int64_t>() * 1000;
    }
    if (item.contains("when")) {
      if (!item["when"].is_array() || item["when"].empty()) return wrong("\"when\" is not a list");
      check.when.clear();
      for (const auto& when : item["when"]) {
        ROLLPROOF_ASSIGN(const UserCheck::When named, when_named(when, path));
        check.when.push_back(named);
      }
    }
  } else {
    return wrong("it is neither a text nor an object");
  }
  if (check.command.find_first_not_of(" \t\n") == std::string::npos) return wrong("the command is empty");
  return check;
}

std::string copies_path(const Session& session) { return os::join(session.config().state_directory(), "check-copy"); }

// Not synced: the copy is gone when this is over. Our own marker and LevelDB's lock are not part of what is checked.
Status copy_store(Session& session, const std::string& from, const std::string& to) {
  auto& files = session.world().files;
  ROLLPROOF_ASSIGN(const auto names, os::files_below(files, from));
  for (const std::string& name : names) {
    if (name.starts_with(".rollproof") || name == "LOCK") continue;
    ROLLPROOF_TRY(session.check_cancelled());
    const std::string path = os::join(to, name);
    ROLLPROOF_TRY(os::make_directories(files, os::parent_of(path)));
    ROLLPROOF_ASSIGN(auto out, files.create(path));
    ROLLPROOF_TRY(files.take_access(path, os::join(from, name)));
    uint64_t size = 0;
    ROLLPROOF_TRY(os::for_each_piece(files, os::join(from, name), [&](std::string_view piece) -> Status {
      ROLLPROOF_TRY(out->write_at(size, piece));
      size += piece.size();
      return {};
    }));
    ROLLPROOF_TRY(out->close());
  }
  return {};
}

std::string why_failed(const os::CommandOutcome& outcome, const UserCheck& check) {
  if (outcome.timed_out) return fmt::format("did not end within {} s and was ended", check.timeout_ms / 1000);
  return fmt::format("ended with {}", outcome.exit_code);
}

std::string last_line_of(const std::string& output) {
  size_t end = output.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return "";
  const size_t start = output.rfind('\n', end);
  return output.substr(start == std::string::npos ? 0 : start + 1, std::min<size_t>(end - (start == std::string::npos ? -1 : start), 200));
}

Status run_on_copy(Session& session, const std::vector<const UserCheck*>& checks, UserCheck::When when, nlohmann::ordered_json& facts) {
  const bool prove = when == UserCheck::When::prove;
  const store::Where& where = prove ? session.config().target : session.config().source;
  const store::Where copy{where.kind, os::join(copies_path(session), prove ? "target" : "source")};
  ROLLPROOF_TRY(copy_store(session, where.path, copy.path));
  Status verdict;
  facts["checks"] = nlohmann::ordered_json::array();
  for (const UserCheck* check : checks) {
    session.report({prove ? "prove" : "rollback", "check " + check->name});
    ROLLPROOF_ASSIGN(const os::CommandOutcome outcome,
                     session.world().commands->run({.command = check->command,
                                                    .directory = session.config().directory,
                                                    .environment = {{"ROLLPROOF_STORE", copy.to_string()},
                                                                    {"ROLLPROOF_STORE_KIND", copy.kind},
                                                                    {"ROLLPROOF_STORE_PATH", copy.path},
                                                                    {"ROLLPROOF_PHASE", prove ? "prove" : "rollback"}},
                                                    .timeout_ms = check->timeout_ms,
                                                    .cancelled = [&session] { return !session.check_cancelled().has_value(); }}));
    if (outcome.cancelled) return session.check_cancelled();
    const std::string end = outcome.output.size() > kOutputKept ? outcome.output.substr(outcome.output.size() - kOutputKept) : outcome.output;
    facts["checks"].push_back({{"name", check->name}, {"exit_code", outcome.exit_code}, {"timed_out", outcome.timed_out},
                               {"ms", outcome.duration_ms}, {"output_bytes", outcome.output_bytes}, {"output_end", end}});
    if (outcome.succeeded() || !verdict) continue;
    const std::string line = last_line_of(outcome.output);
    verdict = fail(Code::refused, fmt::format("check \"{}\" {}{}", check->name, why_failed(outcome, *check), line.empty() ? "" : "; its last line: " + line),
                   session.config().path,
                   prove ? "Nothing was lost and the source still answers. Mend what the check found and run `rollproof migrate --execute`, or go back with `rollproof rollback --execute`."
                         : "The source is proven and nothing was cleared. Mend what the check found (or take it out of \"checks\") and run `rollproof rollback --execute`.");
  }
  return verdict;
}

}  // namespace

Result<std::vector<UserCheck>> read_user_checks(const nlohmann::json& list, const std::string& path) {
  if (!list.is_array()) return fail(Code::invalid, "\"checks\" is not a list", path, kExample);
  std::vector<UserCheck> checks;
  for (const auto& item : list) {
    ROLLPROOF_ASSIGN(UserCheck check, read_one(item, checks.size() + 1, path));
    checks.push_back(std::move(check));
  }
  return checks;
}

Status run_user_checks(Session& session, UserCheck::When when, nlohmann::ordered_json& facts) {
  ROLLPROOF_TRY(clear_check_copies(session));
  std::vector<const UserCheck*> checks;
  for (const UserCheck& check : session.config().checks) {
    if (std::find(check.when.begin(), check.when.end(), when) != check.when.end()) checks.push_back(&check);
  }
  if (checks.empty()) {
    facts["checks"] = "none configured";
    return {};
  }
  if (session.world().commands == nullptr) {
    facts["checks"] = "not run: this is a dry run";
    return {};
  }
  auto outcome = run_on_copy(session, checks, when, facts);
  auto cleared = clear_check_copies(session);
  return outcome ? cleared : outcome;
}

Status clear_check_copies(Session& session) {
  const std::string copies = copies_path(session);
  ROLLPROOF_ASSIGN(const bool there, os::exists(session.world().files, copies));
  if (!there) return {};
  return os::remove_tree(session.world().files, copies);
}

}  // namespace rollproof::migrate
