#include "harness/drill/plan_book.h"

#include <algorithm>
#include <type_traits>

#include "harness/sim/content.h"

namespace rollproof::drill {
namespace {

// What a thin profile has a case of: each step between each two kinds of stores under crash; under the others, which cost more, each step between any two.
std::string thinned(Cell of) {
  if (of.fault != fault::Kind::crash) of.store = "any";
  return of.to_string();
}

}  // namespace

uint64_t drawn_by(uint64_t before, std::string_view text) {
  for (const char letter : text) before = sim::scramble(before ^ static_cast<unsigned char>(letter));
  return before;
}

uint32_t PlanBook::cell(const Cell& cell) {
  if (last_index_ && last_ == cell) return *last_index_;
  const auto [found, fresh] = known_.emplace(cell.to_string(), static_cast<uint32_t>(plan_.cells.size()));
  if (fresh) {
    plan_.cells.push_back(cell);
    plan_.counts.emplace_back();
    covered_cells_.push_back(false);
  }
  last_ = cell;
  last_index_ = found->second;
  return found->second;
}

void PlanBook::add(const Cell& of, fault::Fault fault, const char* what) {
  const uint32_t index = cell(of);
  tried_.emplace(index, what);
  if (covered_ != nullptr) covered_->insert(thinned(of));
  ++plan_.counts[index].planned;
  ++plan_.counts[index].run;
  plan_.cases.push_back({index, std::move(fault)});
}

// The counts are where they were when more scenarios come.
static_assert(std::is_nothrow_move_constructible_v<Counts>);

void PlanBook::leave_out(const Cell& of, const char* what) {
  const uint32_t index = cell(of);
  // Millions are left out, mostly like the one before.
  if (left_out_ == nullptr || left_out_of_ != std::pair{index, std::string_view(what)}) {
    std::string& reason = sampled_[what];
    if (reason.empty()) reason = std::string(what) + ": sampled by profile " + profile_.name;
    left_out_ = &plan_.counts[index].excluded[reason];
    left_out_of_ = {index, what};
  }
  ++plan_.counts[index].planned;
  ++*left_out_;
}

void PlanBook::leave_out(const Cell& of, const std::string& reason, uint64_t cases) {
  if (cases == 0) return;
  Counts& counts = plan_.counts[cell(of)];
  counts.planned += cases;
  counts.excluded[reason] += cases;
}

void PlanBook::prune(const Cell& of) {
  Counts& counts = plan_.counts[cell(of)];
  ++counts.planned;
  ++counts.pruned;
}

uint64_t& PlanBook::seen(const char* what, uint64_t every) {
  const auto [found, fresh] = seen_.try_emplace(what, 0);
  if (fresh && !profile_.thin) found->second = (every - drawn_by(salt_, what) % std::min(every, kPhaseMax)) % every;
  return found->second;
}

bool PlanBook::takes(const Cell& of, const char* what, uint64_t every) {
  const bool due = seen(what, every)++ % every == 0;
  return due || is_missing(of, what);
}

bool PlanBook::is_missing(const Cell& of, const char* what) {
  const uint32_t index = cell(of);
  if (!profile_.thin || covered_ == nullptr) return !tried_.contains({index, what});
  // What is covered stays so.
  if (!covered_cells_[index]) covered_cells_[index] = covered_->contains(thinned(of));
  return !covered_cells_[index];
}

void PlanBook::sample_of(const char* kind, const Cell& of, fault::Fault fault, const char* what, uint64_t every) {
  const bool due = seen(what, every)++ % every == 0;
  due || is_missing(of, kind) ? add(of, std::move(fault), kind) : leave_out(of, what);
}

}  // namespace rollproof::drill
