#include "lib/migrate/state.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/incident/incident_id.h"
#include "lib/migrate/events.h"

namespace rollproof::migrate {
namespace {

void take_follower(const Json& event, const char* key, Follower& follower) {
  if (!event.contains(key)) return;
  const Json& part = event.at(key);
  follower.position = part.at("position").get<uint64_t>();
  follower.mark = part.at("mark").get<std::string>();
  follower.as_left = part.value("as_left", false);
  follower.fingerprint = part.contains("fingerprint") ? fingerprint_from(part.at("fingerprint")) : store::Fingerprint{};
}

void forget_behind(State& state, std::string_view store) {
  if (state.behind && state.behind->store == store) state.behind.reset();
}

void take_followers(const Json& event, State& state) {
  take_follower(event, "source", state.source_follower);
  take_follower(event, "target", state.target_follower);
  if (state.source_follower.position >= state.last_change) forget_behind(state, "source");
  if (state.target_follower.position >= state.last_change) forget_behind(state, "target");
}

std::string step_key(const Json& event) {
  return event.at("phase").get<std::string>() + "/" + event.at("step").get<std::string>();
}

template <class Set>
void erase_prefix(Set& keys, const std::string& prefix) {
  std::erase_if(keys, [&](const auto& item) {
    if constexpr (requires { item.first; }) {
      return item.first.starts_with(prefix);
    } else {
      return item.starts_with(prefix);
    }
  });
}

void begin(State& state, const Json& event, journal::Position position) {
  const uint64_t epoch = state.epoch;  // never starts over: an old writer must stay refused
  std::set<std::string> incidents = std::move(state.incidents);
  state = State{};
  state.epoch = epoch;
  state.incidents = std::move(incidents);
  state.active = true;
  state.begun_at = position;
  // What the journal holds of an earlier migration is in the source, and may have been written over since.
  state.source_follower.position = position;
  state.migration = event.at("migration").get<std::string>();
  state.source = event.at("source").get<std::string>();
  state.target = event.at("target").get<std::string>();
  state.config_sha256 = event.at("config_sha256").get<std::string>();
  state.target_existed = event.at("target_existed").get<bool>();
}

void fold(State& state, const std::string& type, const Json& event, journal::Position position) {
  if (type == "migration_begin") {
    begin(state, event, position);
  } else if (type == "session_begin") {
    if (!state.in_session) state.settled_mark = event.value("mark", std::string());  // one that goes on behind an interruption knows no better
    state.target_unseen |= state.in_session && state.target_in_session && state.following != Following::none;
    state.target_in_session = (state.in_session && state.target_in_session) || event.value("opens", std::string()) != "source";
    state.in_session = true;
  } else if (type == "session_end") {
    state.in_session = state.target_in_session = false;
  } else if (type == "operation_begin") {
    state.operation = Operation{event.at("operation_id").get<std::string>(), event.at("operation").get<std::string>(),
                                event.value("through", event.value("to", std::string())), event.value("reason", std::string()),
                                event.value("incident", std::string()), event.at("time_ms").get<int64_t>(), position};
    state.safe_stop = false;
    if (state.operation->kind == "rollback") {  // a new rollback looks at everything again
      erase_prefix(state.steps_done, "rollback/");
      erase_prefix(state.steps_begun, "rollback/");
      // A version that wrote no ids has left what makes one.
      if (state.operation->incident.empty()) state.operation->incident = incident::incident_id(state.operation->started_ms, state.incidents);
      state.incidents.insert(state.operation->incident);
    }
  } else if (type == "operation_end") {
    // A step that a resumed rollback did not need any more (the switch was already made) is not under way either.
    if (state.operation && state.operation->kind == "rollback" && event.value("result", std::string()) == "success") erase_prefix(state.steps_begun, "rollback/");
    state.operation.reset();
  } else if (type == "step_intent") {
    state.steps_begun.insert(step_key(event));
  } else if (type == "step_done") {
    const std::string key = step_key(event);
    state.steps_begun.erase(key);
    state.steps_done.insert(key);
    state.facts[key] = event.value("facts", Json::object());
    if (key == "rollback/remove-migrated") state.target_removed = true;
  } else if (type == "phase_undone") {
    const std::string prefix = event.at("phase").get<std::string>() + "/";
    if (prefix == "cutover/") state.target_answered = false;
    erase_prefix(state.steps_done, prefix);
    erase_prefix(state.steps_begun, prefix);
    erase_prefix(state.facts, prefix);
  } else if (type == "route") {
    if (const auto route = route_named(event.at("route").get<std::string>())) state.route = *route;
    state.epoch = event.at("epoch").get<uint64_t>();
    state.target_answered |= !answers_from_source(state.route);
  } else if (type == "follow") {
    const std::string following = event.at("following").get<std::string>();
    if (state.following == Following::none) state.target_follower.position = event.at("position").get<uint64_t>();
    state.following = following == "live" ? Following::live : following == "paused" ? Following::paused : Following::none;
    if (state.following == Following::paused) state.copy_position = event.at("position").get<uint64_t>();
    if (state.following == Following::none) state.target_as_left = state.target_in_session ? Follower{} : state.target_follower;
    if (state.following == Following::none) state.target_follower = Follower{};
    state.target_opened |= state.following != Following::none;
    if (state.following != Following::live) forget_behind(state, "target");  // the end of the copy replays what it lacks, or nobody needs it any more
  } else if (type == "checkpoint") {
    take_followers(event, state);
  } else if (type == "seal") {
    const std::string kind = event.at("seal").get<std::string>();
    state.seals[kind] =
        Seal{event.at("passed").get<bool>(), event.at("position").get<uint64_t>(), event.value("facts", Json::object())};
    if (kind == "equivalence" && event.at("passed").get<bool>()) state.target_unseen = false;
  } else if (type == "foreign_taken_over") {
    if (event.value("uncounted", false)) state.seals.erase("inventory");
  } else if (type == "target_left") {
    state.target_left = true;
    state.target_left_unread = event.value("unread", false);
  } else if (type == "target_aside") {
    state.target_aside = event.at("aside").get<std::string>();
  } else if (type == "source_replacing") {
    state.replacement = Replacement{event.at("ready").get<std::string>(), event.at("aside").get<std::string>(), event.at("from").get<std::string>(), event.value("source", std::string()),
                                    event.at("position").get<uint64_t>(), event.at("mark").get<std::string>(),
                                    event.contains("fingerprint") ? fingerprint_from(event.at("fingerprint")) : store::Fingerprint{}};
  } else if (type == "source_replaced") {
    take_followers(event, state);
    if (state.replacement) state.set_aside.push_back(state.replacement->aside);
    if (event.contains("kept_too")) state.set_aside.push_back(event.at("kept_too").get<std::string>());
    state.replacement.reset();
  } else if (type == "store_behind") {
    state.behind = Behind{event.at("store").get<std::string>(), event.value("why", std::string())};
  } else if (type == "safe_stop") {
    state.safe_stop = true;
    state.safe_stop_event = event;
  } else if (type == "migration_end") {
    state.active = false;
    state.steps_begun.clear();
    state.behind.reset();
    state.outcome = event.at("outcome").get<std::string>();
    state.route = state.outcome == "completed" ? Route::target_only : Route::source_only;
    state.following = Following::none;
  }
}

}  // namespace

Status State::apply(const journal::Entry& entry) {
  if (entry.kind == journal::EntryKind::changes) {
    last_change = entry.position;
    return {};
  }
  return apply(entry.position, Json::parse(entry.payload, nullptr, false));
}

Status State::apply(journal::Position position, const Json& event) {
  try {
    fold(*this, event.at("type").get<std::string>(), event, position);
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::corruption, fmt::format("journal entry {} is not a control event: {}", position, error.what()));
  }
  return {};
}

bool State::nothing_started() const {
  if (in_session) return false;
  if (!active) return true;
  const auto only_validate = [](const std::set<std::string>& steps) {
    return std::all_of(steps.begin(), steps.end(), [](const std::string& step) {
      // The rollback of a migration that has started nothing has these steps and opens nothing.
      return step.starts_with("validate/") || step == "rollback/prove-untouched" || step == "rollback/release" || step == "rollback/verify-restored" || step == "rollback/end";
    });
  };
  return !safe_stop && only_validate(steps_begun) && only_validate(steps_done);
}

std::vector<const Seal*> State::sealed_backups() const {
  std::vector<const Seal*> backups;
  for (const auto& [kind, seal] : seals) {
    if ((kind == "backup" || kind.starts_with("backup:")) && seal.passed) backups.push_back(&seal);
  }
  std::stable_sort(backups.begin(), backups.end(), [](const Seal* a, const Seal* b) { return a->position > b->position; });
  return backups;
}

bool State::is_half_rolled_back() const {
  if (!active) return false;
  // A copy that empties the target before it fills it anew stops following as well, and leaves the route alone.
  return (is_done(Phase::cutover) && answers_from_source(route)) || (is_done(Phase::dual_write) && following == Following::none && route == Route::source_only);
}

ExitCode exit_code_of(Code code, const State& state) {
  if (code == Code::corruption && state.nothing_started()) return ExitCode::refused;
  return rollproof::exit_code_of(code);
}

std::optional<Phase> State::reached() const {
  std::optional<Phase> last;
  for (const Phase phase : kPhases) {
    if (!is_done(phase)) break;
    last = phase;
  }
  return last;
}

}  // namespace rollproof::migrate
