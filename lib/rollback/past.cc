#include "lib/rollback/past.h"

#include <algorithm>

#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Phase;

namespace {

class Reader {
 public:
  void take(const Json& event) {
    const std::string type = event.at("type").get<std::string>();
    if (type == "migration_begin") {
      begun_.clear();
    } else if (type == "step_intent") {
      if (const auto phase = phase_of(event)) begun_.push_back(*phase);
    } else if (type == "phase_undone") {
      if (const auto phase = phase_of(event)) std::erase_if(begun_, [&](Phase other) { return other >= *phase; });
    } else if (type == "operation_begin") {
      open_ = event.at("operation").get<std::string>() == "rollback";
      if (open_) begin(event);
    } else if (type == "step_done" && open_ && event.at("phase").get<std::string>() == "rollback") {
      const std::string step = event.at("step").get<std::string>();
      past_->steps.emplace_back(step, event.at("time_ms").get<int64_t>());
      past_->facts[step] = event.value("facts", Json::object());
    } else if (type == "operation_end" && open_) {
      past_->ended_ms = event.at("time_ms").get<int64_t>();
      past_->succeeded = event.at("result").get<std::string>() == "success";
      open_ = false;
    }
  }

  std::optional<Past> past() const { return past_; }

 private:
  static std::optional<Phase> phase_of(const Json& event) { return migrate::phase_named(event.at("phase").get<std::string>()); }

  void begin(const Json& event) {
    past_ = Past{};
    if (!begun_.empty()) past_->phase = *std::max_element(begun_.begin(), begun_.end());
    past_->operation_id = event.at("operation_id").get<std::string>();
    past_->incident = event.value("incident", std::string());
    past_->goal = event.value("to", std::string("source"));
    past_->begun_ms = event.at("time_ms").get<int64_t>();
  }

  std::vector<Phase> begun_;  // and not taken back
  std::optional<Past> past_;
  bool open_ = false;
};

}  // namespace

const Json* Past::fact(const std::string& step, const char* name) const {
  const auto found = facts.find(step);
  if (found == facts.end() || !found->second.contains(name)) return nullptr;
  return &found->second.at(name);
}

Result<std::optional<Past>> last_rollback(os::World& world, const migrate::Config& config) {
  Reader reader;
  const std::string directory = os::join(config.state_directory(), migrate::kJournalDirectory);
  ROLLPROOF_TRY(journal::read_only(world.files, directory, [&](const journal::Entry& entry) -> Status {
    if (entry.kind != journal::EntryKind::control) return {};
    try {
      reader.take(Json::parse(entry.payload));
    } catch (const nlohmann::json::exception& error) {
      return fail(Code::corruption, "journal entry " + std::to_string(entry.position) + " is not a control event: " + error.what(), directory);
    }
    return {};
  }));
  return reader.past();
}

}  // namespace rollproof::rollback
