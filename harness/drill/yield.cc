#include "harness/drill/yield.h"

#include <algorithm>

namespace rollproof::drill {
namespace {

bool behind_a_sync(const sim::Trace& trace, uint64_t k) {
  if (k == 0 || k > trace.size()) return false;
  const sim::Call call = trace.operations[k - 1]->call;
  return call == sim::Call::sync || call == sim::Call::sync_directory || call == sim::Call::rename;
}

}  // namespace

void order_by_yield(const Recording& recording, Plan& plan) {
  std::vector<bool> seen(plan.cells.size());
  std::vector<std::pair<int, size_t>> order;  // rank and number
  for (size_t i = 0; i < plan.cases.size(); ++i) {
    const Planned& planned = plan.cases[i];
    const bool first = !seen[planned.cell];
    seen[planned.cell] = true;
    order.emplace_back(first ? 0 : behind_a_sync(recording.trace(), planned.fault.at()) ? 1 : 2, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<Planned> cases;
  cases.reserve(plan.cases.size());
  for (const auto& [rank, number] : order) cases.push_back(std::move(plan.cases[number]));
  plan.cases = std::move(cases);
}

}  // namespace rollproof::drill
