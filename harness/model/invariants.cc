#include "harness/model/invariants.h"

#include <fmt/format.h>

#include <tuple>

namespace rollproof::model {
namespace {

using Found = std::optional<Violation>;

// Reads answer what the journal says after some entry that is durable, and not before the last acknowledged one.
Found check_reads(const Model& model, const State& state) {
  const Summary said = fold(model, state, state.synced);
  if ((state.acknowledged & ~said.writes) != 0) return Violation{1, "an acknowledged write is in no journal any more"};
  int oldest = 0;
  for (int i = 0; i < state.synced; ++i)
    if (is_change(state.entries[i]) && (state.acknowledged >> write_of(state.entries[i]) & 1)) oldest = i + 1;
  const Content read = state.now[answering(state.route)];
  const Content due = fold(model, state, oldest).ideal;
  bool exact = false;
  std::array<bool, kKeys> key_allowed{};
  std::array<bool, 8> written{};
  for (int count = 0; count <= state.synced; ++count) {
    const Content ideal = fold(model, state, count).ideal;
    const bool between_halves = count > 0 && kind_of(state.entries[count - 1]) == Kind::half;
    bool all_keys = true;
    for (int key = 0; key < kKeys; ++key) {
      // A rotten record is reported by the read: loud, hence not wrong.
      const bool same = value_of(read, key) == value_of(ideal, key) || value_of(read, key) == kRotten;
      if (count >= oldest && same) key_allowed[key] = true;
      all_keys = all_keys && same;
      written[value_of(ideal, key)] = true;
    }
    if (count >= oldest && all_keys && !between_halves) exact = true;
  }
  if (exact) return {};
  for (int key = 0; key < kKeys; ++key) {
    if (key_allowed[key]) continue;
    const char name = "ab"[key];
    const int value = value_of(read, key);
    if (value == kMiscopied) return Violation{2, fmt::format("key {} reads a value that nobody wrote", name)};
    if (value != kAbsent && value_of(due, key) == kAbsent)
      return Violation{2, fmt::format("key {} reads {} after its acknowledged delete", name, value)};
    if (value != kAbsent && !written[value])
      return Violation{2, fmt::format("key {} reads {}, which is not durable", name, value)};
    return Violation{1, fmt::format("key {} reads {}, acknowledged is {}", name, value, value_of(due, key))};
  }
  return Violation{2, "a read sees a half of a batch"};
}

Found check_end(const Model& model, const State& state) {
  const Summary said = fold(model, state, state.safe);
  if (!said.done) return {};
  const bool rolled_back = said.route == Route::source_only;
  const Side kept = answering(said.route);
  if ((state.acknowledged & ~said.writes) != 0) return Violation{1, "an acknowledged write is not in the finished migration"};
  for (int content = 0; content < 64; ++content) {
    if ((state.durable[kept] >> content & 1) && content != said.ideal)
      return Violation{rolled_back ? 3 : 1, rolled_back
                                                ? "after the rollback the source is not its original plus the acknowledged writes"
                                                : "after complete the target does not hold every acknowledged write durably"};
  }
  if (rolled_back && !only(state.durable[kTarget], 0))
    return Violation{8, "after the rollback a migrated record is left in the target"};
  return {};
}

// Both copies of a record gone: the target emptied by the rollback while the source cannot be read.
Found check_way_back(const Model& model, const State& state) {
  const Summary said = fold(model, state, state.length);
  if (said.route != Route::source_only) return {};
  for (int key = 0; key < kKeys; ++key) {
    const bool cleared = value_of(state.now[kTarget], key) == kAbsent;
    for (int content = 0; content < 64; ++content) {
      if (!(state.durable[kSource] >> content & 1) || value_of(content, key) != kRotten || !cleared) continue;
      // A rotten record that the journal still overwrites is not lost.
      Content replayed = static_cast<Content>(content);
      for (int i = state.checkpoint[kSource]; i < state.length; ++i) replayed = apply_change(model, state.entries[i], replayed);
      if (value_of(replayed, key) == kRotten) return Violation{7, "the target is cleared while the source is not readable"};
    }
  }
  return {};
}

// At verification the copy differs although nothing went wrong: the copy itself loses or invents.
Found check_copy(const Model& model, const State& state) {
  const Summary said = fold(model, state, state.length);
  if (said.phase != Phase::failed || model.scenario.miscopies > 0 || state.length == 0 ||
      kind_of(state.entries[state.length - 1]) != Kind::seal_differs)
    return {};
  for (int key = 0; key < kKeys; ++key) {
    const int is = value_of(state.now[kTarget], key), due = value_of(state.now[kSource], key);
    if (is != due && due == kAbsent)
      return Violation{2, fmt::format("the target holds {} at key {}, which is deleted", is, "ab"[key])};
    if (is != due) return Violation{1, fmt::format("the target lacks {} at key {}", due, "ab"[key])};
  }
  return {};
}

}  // namespace

Found broken_promise(const Model& model, const State& state) {
  if (const Found found = check_way_back(model, state)) return found;
  if (state.mode != Mode::open) return {};
  if (const Found found = check_end(model, state)) return found;
  if (const Found found = check_copy(model, state)) return found;
  return check_reads(model, state);
}

Found broken_promise(const Model&, const State& before, const Step& step) {
  if (step.old_epoch_wrote != nullptr) return Violation{4, step.old_epoch_wrote};
  if (!is_recovery(step.label.action) || step.label.action == Action::stop_itself) return {};
  const auto rank = [](const State& s) {
    return std::tuple(s.mode == Mode::open         ? 2
                      : s.mode == Mode::recovering ? 1
                                                   : 0,
                      (s.applied[0] - s.length) + (s.applied[1] - s.length));
  };
  if (step.next.mode != Mode::refused && !(rank(before) < rank(step.next)))
    return Violation{5, "a step of recovery does not come nearer to its end"};
  return {};
}

}  // namespace rollproof::model
