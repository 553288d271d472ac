#include "harness/model/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace rollproof::model {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

uint64_t hash_of(const State& state) {
  static_assert(sizeof(State) % 8 == 0);
  std::array<uint64_t, sizeof(State) / 8> words;
  std::memcpy(words.data(), &state, sizeof state);
  uint64_t hash = 0x9e3779b97f4a7c15;
  for (const uint64_t word : words) {
    hash = (hash ^ word) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return hash;
}

class Explorer {
 public:
  explicit Explorer(const Model& model) : model_(model), slots_(1 << 16, kNone) { found_.uses.resize(64); }

  Exploration run(uint64_t most) {
    add(first_state(model_), kNone, {});
    std::vector<Step> steps;
    for (uint32_t at = 0; at < states_.size() && !found_.violation; ++at) {
      if (states_.size() >= most) return finish();
      const State state = states_[at];
      steps_from(model_, state, steps);
      for (const Step& step : steps) {
        ++found_.steps;
        ++found_.uses[static_cast<int>(step.label.action)];
        const uint32_t next = add(step.next, at, step.label);
        if (!is_fault(step.label.action)) edges_.push_back({next, at});
        if (auto violation = broken_promise(model_, state, step)) {
          report(std::move(*violation), at, &step.label);
          break;
        }
        if (found_.violation) break;
      }
    }
    found_.complete = !found_.violation;
    if (found_.complete) look_back();
    return finish();
  }

 private:
  struct Origin {
    uint32_t parent;
    Label label;
  };
  struct Edge {
    uint32_t to, from;
  };

  uint32_t add(const State& state, uint32_t parent, Label label) {
    const size_t mask = slots_.size() - 1;
    size_t slot = hash_of(state) & mask;
    for (; slots_[slot] != kNone; slot = (slot + 1) & mask)
      if (std::memcmp(&states_[slots_[slot]], &state, sizeof state) == 0) return slots_[slot];
    const auto index = static_cast<uint32_t>(states_.size());
    slots_[slot] = index;
    states_.push_back(state);
    origins_.push_back({parent, label});
    if (auto violation = broken_promise(model_, state)) report(std::move(*violation), index, nullptr);
    if (states_.size() * 2 > slots_.size()) grow();
    return index;
  }

  void grow() {
    std::vector<uint32_t> slots(slots_.size() * 2, kNone);
    for (uint32_t i = 0; i < states_.size(); ++i) {
      size_t slot = hash_of(states_[i]) & (slots.size() - 1);
      while (slots[slot] != kNone) slot = (slot + 1) & (slots.size() - 1);
      slots[slot] = i;
    }
    slots_ = std::move(slots);
  }

  // The states from which one of `ends` can be reached without a fault.
  std::vector<bool> reaching(const std::vector<uint32_t>& ends) const {
    std::vector<bool> reached(states_.size());
    std::vector<uint32_t> queue = ends;
    for (const uint32_t end : ends) reached[end] = true;
    while (!queue.empty()) {
      const uint32_t to = queue.back();
      queue.pop_back();
      for (auto edge = std::lower_bound(edges_.begin(), edges_.end(), to, [](const Edge&e, uint32_t key) { return e.to < key; });
           edge != edges_.end() && edge->to == to; ++edge) {
        if (reached[edge->from]) continue;
        reached[edge->from] = true;
        queue.push_back(edge->from);
      }
    }
    return reached;
  }

  void look_back() {
    std::sort(edges_.begin(), edges_.end(), [](const Edge& x, const Edge& y) { return x.to < y.to; });
    std::vector<uint32_t> ends, rolled_back;
    for (uint32_t i = 0; i < states_.size(); ++i) {
      const State& state = states_[i];
      if (state.mode != Mode::open || state.flip != Flip::none || !fold(model_, state, state.safe).done) continue;
      ends.push_back(i);
      if (state.route == Route::source_only) rolled_back.push_back(i);
    }
    const std::vector<bool> can_end = reaching(ends), can_go_back = reaching(rolled_back);
    for (uint32_t i = 0; i < states_.size() && !found_.violation; ++i) {
      const bool completing = states_[i].flipping == Kind::done && states_[i].route == Route::target_first;
      if (!can_end[i]) {
        report({5, "no end can be reached from here, even without further faults"}, i, nullptr);
      } else if (!can_go_back[i] && !completing && fold(model_, states_[i], states_[i].length).route != Route::target_only) {
        report({7, "the way back can not be finished from here, even without further faults"}, i, nullptr);
      }
    }
  }

  void report(Violation violation, uint32_t at, const Label* last) {
    if (found_.violation) return;
    std::vector<uint32_t> path;
    for (uint32_t i = at; i != kNone; i = origins_[i].parent) path.push_back(i);
    std::reverse(path.begin(), path.end());
    int number = 0;
    for (size_t i = 1; i < path.size(); ++i)
      found_.trace += fmt::format("{:3} {}\n", ++number, to_string(model_, states_[path[i - 1]], origins_[path[i]].label));
    if (last != nullptr) found_.trace += fmt::format("{:3} {}\n", ++number, to_string(model_, states_[at], *last));
    found_.trace +=
        fmt::format("    {}\n    promise {}: {}\n", to_string(model_, states_[at]), violation.promise, violation.what);
    found_.violation = std::move(violation);
  }

  Exploration finish() {
    found_.states = states_.size();
    return std::move(found_);
  }

  const Model& model_;
  std::vector<uint32_t> slots_;
  std::vector<State> states_;
  std::vector<Origin> origins_;
  std::vector<Edge> edges_;
  Exploration found_;
};

}  // namespace

Exploration explore(const Model& model, uint64_t most) { return Explorer(model).run(most); }

}  // namespace rollproof::model
