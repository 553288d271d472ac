// Events as the journal has them, one after the other, a second apart. Only tests include this.
#pragma once

#include <gtest/gtest.h>

#include "lib/report/history.h"

namespace rollproof::report {

inline constexpr int64_t kStart_ms = 1'755'099'000'000;  // 2025-08-13T15:30:00Z

class Trail {
 public:
  Trail& at(int64_t second) {
    second_ = second;
    return *this;
  }
  Trail& event(Json json) {
    json["time_ms"] = kStart_ms + 1000 * second_++;
    if (!json.contains("migration")) json["migration"] = "mig-1";
    const auto taken = builder_.take(++position_, json);
    EXPECT_TRUE(taken) << taken.error().to_string();
    return *this;
  }
  Trail& begin() { return event({{"type", "migration_begin"}, {"migration", "mig-1"}, {"source", "leveldb:./db"}, {"target", "unified-json:./out"}, {"config_sha256", "00"}, {"target_existed", false}}); }
  Trail& operation(const std::string& kind, const std::string& goal, const std::string& reason = "", std::optional<int64_t> detected_ms = {}) {
    Json json{{"type", "operation_begin"}, {"operation", kind}, {"operation_id", "op-" + std::to_string(++operations_)}, {kind == "rollback" ? "to" : "through", goal}, {"reason", reason},
              {"by", {{"user", "ops"}, {"host", "db1"}, {"pid", 7}}}};
    if (detected_ms) json["detected_ms"] = *detected_ms;
    kind_ = kind;
    return event(std::move(json));
  }
  Trail& end(const std::string& result, int exit_code = 0, const std::string& error = "") {
    return event({{"type", "operation_end"}, {"operation", kind_}, {"result", result}, {"exit_code", exit_code}, {"error", error}});
  }
  Trail& intent(const std::string& phase, const std::string& step) { return event({{"type", "step_intent"}, {"phase", phase}, {"step", step}}); }
  Trail& step(const std::string& phase, const std::string& name, Json facts = Json::object()) {
    intent(phase, name);
    return event({{"type", "step_done"}, {"phase", phase}, {"step", name}, {"facts", std::move(facts)}});
  }
  Trail& phase(const std::string& name) {
    step(name, "first");
    return event({{"type", "step_done"}, {"phase", name}, {"step", "done"}});
  }
  Trail& route(const std::string& name) { return event({{"type", "route"}, {"route", name}, {"epoch", ++epoch_}}); }
  Trail& migrated(const std::string& through) {
    begin().operation("migrate", through);
    for (const auto one : migrate::kPhases) {
      phase(std::string(name_of(one)));
      if (one == migrate::Phase::dual_write) route("dual_source_first");
      if (one == migrate::Phase::cutover) route("dual_target_first");
      if (name_of(one) == through) break;
    }
    return end("success");
  }
  Trail& rolled_back() {
    step("rollback", "check-source").step("rollback", "settle");
    step("rollback", "prove-source", {{"records", 28}, {"digest", "d1"}, {"compared_with", "backup b"}, {"written_since", 2}});
    route("source_only").step("rollback", "verify-restored").intent("rollback", "end").end("success");
    --second_;
    return event({{"type", "migration_end"}, {"outcome", "rolled_back"}});
  }
  void writes(uint64_t changes) { builder_.take_writes(changes); }
  History history() {
    History history = builder_.finish();
    history.read_from = "the journal";
    return history;
  }

 private:
  HistoryBuilder builder_;
  uint64_t position_ = 0, epoch_ = 0;
  int64_t second_ = 0;
  int operations_ = 0;
  std::string kind_;
};

}  // namespace rollproof::report
