// The user's own checks: commands that the configuration names and that have to end with 0 (seed 003, phases 3 and 4; seed 002, post-
// rollback checks; seed 004, post-checks). They run on a copy of the store, so that whatever they do there harms nothing.
//
//   "checks": ["node scripts/count.js",
//              {"name": "deploy", "command": "make smoke-test", "timeout_s": 120, "when": ["prove", "rollback"]}]
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::migrate {

class Session;

struct UserCheck {
  enum class When { prove, rollback };
  std::string name;
  std::string command;  // for /bin/sh -c, in the folder of the configuration
  int64_t timeout_ms = 300'000;
  std::vector<When> when = {When::prove};
};

// Reads the value of "checks". Code::invalid (path: the configuration) says which entry is wrong and how to write it.
Result<std::vector<UserCheck>> read_user_checks(const nlohmann::json& list, const std::string& path);

// Runs those that belong to `when` with ROLLPROOF_STORE (KIND:PATH), ROLLPROOF_STORE_PATH, ROLLPROOF_STORE_KIND and ROLLPROOF_PHASE,
// the paths leading to a copy of the target (prove) or of the source (rollback). REQUIRES: the stores are closed.
// `facts` gets name, exit code, duration and the end of the output of each. Code::refused names the first that did not end with 0 in
// its time; all of them are run. Code::cancelled if a stop was asked for.
Status run_user_checks(Session& session, UserCheck::When when, nlohmann::ordered_json& facts);

// What an interrupted call has left; nothing to do if there is nothing.
Status clear_check_copies(Session& session);

}  // namespace rollproof::migrate
