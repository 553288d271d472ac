// The history as a run meets it: whatever is wrong with it is said on stderr, and no more.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/drill/history.h"

namespace rollproof::drill {

class Trend {
 public:
  explicit Trend(const std::string& path);  // empty: there is no history

  void copy_into(nlohmann::ordered_json& record);      // record.history
  void add(const nlohmann::ordered_json& record);      // behind the writing of it

 private:
  std::optional<History> history_;
};

}  // namespace rollproof::drill
