#include "harness/model/actions.h"

#include <fmt/format.h>

#include <stdexcept>

#include "harness/model/stepping.h"

namespace rollproof::model {
namespace {

void pass_controls(const State& state, uint8_t& position, int limit) {
  while (position < limit && !is_change(state.entries[position])) ++position;
}

// Positions step over entries that change no store, and a store that no longer follows has no position of its own.
void settle_positions(const Model& model, State& state) {
  const Summary safe = fold(model, state, state.safe);
  for (const Side side : {kSource, kTarget}) {
    if (safe.done || (side == kTarget && safe.route == Route::source_only))
      state.checkpoint[side] = state.applied[side] = state.length;
    pass_controls(state, state.checkpoint[side], state.safe);
    if (model.rules.replay_in_order || state.mode == Mode::open) pass_controls(state, state.applied[side], state.synced);
    if (state.mode == Mode::stopped || state.mode == Mode::poisoned || state.mode == Mode::refused) state.applied[side] = 0;
  }
  if (state.safe == state.length) state.pages_lost = 0;
}

// A write is acknowledged as soon as it may be: an acknowledgement that comes later, or is cut off by a crash, only asks for
// less.
void acknowledge(const Model& model, State& state) {
  if (state.mode != Mode::open || !model.rules.acknowledge_after_apply || !model.rules.acknowledge_after_durable) return;
  for (int w = 0; w < 2; ++w) {
    Writer& writer = state.writers[w];
    if (writer.step != WriterStep::appended || writer.position > state.synced ||
        writer.position > state.applied[answering(state.route)])
      continue;
    state.acknowledged |= 1 << write_at(model, w, writer.next);
    writer = {.next = static_cast<uint8_t>(writer.next + 1)};
  }
}

// Drops the entries that no store needs any more, as the journal drops a segment.
void drop_passed_entries(const Model& model, State& state) {
  if (!model.rules.batch_is_one_entry) return;
  for (;;) {
    const Side first = answering(fold(model, state, state.safe).route);
    const bool all_passed = state.checkpoint[0] > 0 && state.checkpoint[1] > 0;
    if (state.safe == 0 || !(all_passed || (!model.rules.segment_kept_for_all && state.checkpoint[first] > 0))) return;
    state.base = fold(model, state, 1);
    for (int i = 0; i + 1 < kEntries; ++i) state.entries[i] = state.entries[i + 1];
    state.entries[kEntries - 1] = 0;
    for (uint8_t* position : {&state.length, &state.safe, &state.synced, &state.applied[0], &state.applied[1],
                              &state.checkpoint[0], &state.checkpoint[1], &state.writers[0].position, &state.writers[1].position})
      if (*position > 0) --*position;
  }
}

std::string in_words(Content content) {
  const auto word = [](uint8_t value) {
    return value == kAbsent ? "-" : value == kMiscopied ? "WRONG" : value == kRotten ? "ROTTEN" : std::to_string(value);
  };
  return fmt::format("a={} b={}", word(value_of(content, 0)), word(value_of(content, 1)));
}

const char* name_of(Side side) { return side == kSource ? "source" : "target"; }
const char* name_of(Route route) {
  constexpr const char* kNames[] = {"source first", "target first", "source only", "target only"};
  return kNames[static_cast<int>(route)];
}
const char* name_of(Kind kind) {
  constexpr const char* kNames[] = {"change",        "half of a batch",       "copy begins",         "key a is copied",
                                    "copy ends",     "seal: equal",           "seal: different",     "rollback begins",
                                    "source proven", "commit (target first)", "back (source first)", "source only",
                                    "done"};
  return kNames[static_cast<int>(kind)];
}

std::string in_words(const Model& model, uint8_t entry) {
  if (!is_change(entry)) return name_of(kind_of(entry));
  std::string text;
  for (const Write::Change& change : model.scenario.writes[write_of(entry)].changes) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", change.value == kAbsent ? "delete" : "put", "ab"[change.key]);
    if (change.value != kAbsent) text += fmt::format("={}", change.value);
    if (kind_of(entry) == Kind::half) return text + " (half of a batch)";
  }
  return text;
}

}  // namespace

void Stepper::emit(State next, Action action, int detail, const char* old_epoch_wrote) {
  settle_positions(model, next);
  acknowledge(model, next);
  drop_passed_entries(model, next);
  out.push_back({next, {action, static_cast<uint16_t>(detail)}, old_epoch_wrote});
}

void append(State& state, uint8_t entry) {
  if (state.length == kEntries) throw std::length_error("the modelled journal is too short: raise kEntries");
  state.entries[state.length++] = entry;
}

State first_state(const Model& model) {
  State state;
  state.now = {model.scenario.source, 0};
  state.durable = {uint64_t{1} << model.scenario.source, 1};
  state.base.ideal = model.scenario.source;
  state.crashes = model.scenario.crashes;
  state.failed_syncs = model.scenario.failed_syncs;
  state.miscopies = model.scenario.miscopies;
  state.rots = model.scenario.rots;
  return state;
}

void steps_from(const Model& model, const State& state, std::vector<Step>& out) {
  out.clear();
  Stepper step(model, state, out);
  if (state.mode == Mode::open) {
    writing_steps(step);
    migrating_steps(step);
    switching_steps(step);
  }
  failing_steps(step);
}

std::string to_string(const Model& model, const State& before, Label label) {
  const int detail = label.detail;
  const auto writer = [&] { return fmt::format("writer {}", "AB"[detail]); };
  const auto store = [&] { return name_of(static_cast<Side>(detail & 1)); };
  const auto next_entry = [&] { return in_words(model, before.entries[before.applied[detail & 1]]); };
  switch (label.action) {
    case Action::writer_reads_route_again:
      return fmt::format("{} is refused and reads the route again", writer());
    case Action::append_change:
      return fmt::format("{} appends its change", writer());
    case Action::sync_journal:
      return "the journal is synced";
    case Action::apply_answering:
      return detail & 2 ? fmt::format("two changes reach the {} in the wrong order", store())
                        : fmt::format("\"{}\" is applied to the {}, which answers", next_entry(), store());
    case Action::apply_follower:
      return fmt::format("\"{}\" is applied to the {}, which follows", next_entry(), store());
    case Action::acknowledge:
      return fmt::format("{} is acknowledged", writer());
    case Action::checkpoint_store:
      return fmt::format("the {} has a checkpoint", store());
    case Action::take_snapshot:
      return "a snapshot of the source is taken";
    case Action::begin_copy:
      return fmt::format("the copy begins: snapshot {}", in_words(before.now[kSource]));
    case Action::resume_copy:
      return fmt::format("the copy resumes: snapshot {}", in_words(before.now[kSource]));
    case Action::copy_key:
      return fmt::format("key {} is copied", "ab"[detail]);
    case Action::record_copied_key:
      return "the progress of the copy is recorded";
    case Action::end_copy:
      return "the end of the copy is recorded";
    case Action::verify_and_seal:
      return fmt::format("verification finds the stores {}", detail ? "equal" : "different");
    case Action::empty_target:
      return "the target is emptied for a new copy";
    case Action::begin_rollback:
      return "a rollback begins";
    case Action::prove_source:
      return "the source is proven";
    case Action::repair_source:
      return fmt::format("key {} of the source is repaired from the target", "ab"[detail]);
    case Action::clear_key:
      return fmt::format("key {} is cleared from the target", "ab"[detail]);
    case Action::take_hold:
      return fmt::format("writes are held for \"{}\"", name_of(static_cast<Kind>(detail)));
    case Action::drain:
      return "the backlog is drained, the position of the way back captured";
    case Action::record_route_change:
      return fmt::format("the record \"{}\" is appended", name_of(static_cast<Kind>(detail)));
    case Action::give_up_route_change:
      return "the hold is gone: the switch is given up";
    case Action::switch_route:
      return fmt::format("the route switches{}{}", detail & 1 ? ", writer A has read the old one" : "",
                         detail & 2 ? ", writer B has read the old one" : "");
    case Action::release_hold:
      return "writes are released";
    case Action::newer_hold_ends:
      return "the newer hold ends";
    case Action::capture_way_back:
      return "the position of the way back is captured";
    case Action::stop_itself:
      return "the process stops";
    case Action::open_journal:
      return fmt::format("recovery opens the journal, {} entries survive", detail);
    case Action::replay:
      return fmt::format("\"{}\" is replayed on the {}", in_words(model, before.entries[detail >> 1]), store());
    case Action::open_for_use:
      return "recovery ends, reads are answered";
    case Action::process_dies:
      return "FAULT the process dies";
    case Action::power_fails:
      return fmt::format("FAULT power fails: {} of {} journal entries lost, source falls back to {}, target to {}", detail >> 12,
                         before.length, in_words(static_cast<Content>(detail >> 6 & 63)),
                         in_words(static_cast<Content>(detail & 63)));
    case Action::sync_fails:
      return "FAULT the sync of the journal fails";
    case Action::hold_expires:
      return "FAULT the hold expires";
    case Action::newer_hold:
      return "FAULT somebody else takes a newer hold";
    case Action::miscopy_key:
      return fmt::format("FAULT the copier writes key {} wrongly", "ab"[detail]);
    case Action::source_rots:
      return fmt::format("FAULT key {} of the source rots", "ab"[detail]);
  }
  return "?";
}

std::string to_string(const Model& model, const State& state) {
  constexpr const char* kModes[] = {"open", "stopped", "recovering", "poisoned", "refused"};
  std::string journal;
  for (int i = 0; i < state.length; ++i)
    journal += fmt::format("{}{}{}", i ? "; " : "", i >= state.synced ? "unsynced: " : "", in_words(model, state.entries[i]));
  return fmt::format("{}, {}, source {}, target {}, journal [{}]", kModes[static_cast<int>(state.mode)],
                     name_of(fold(model, state, state.length).route), in_words(state.now[0]), in_words(state.now[1]), journal);
}

}  // namespace rollproof::model
