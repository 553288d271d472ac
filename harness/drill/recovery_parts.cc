#include "harness/drill/recovery_parts.h"

#include <algorithm>
#include <array>

namespace rollproof::drill {
namespace {

// Steps that change nothing in a store and look at it before others do.
constexpr std::array<std::string_view, 5> kDeciding = {"check-source", "prove-untouched", "inspect", "conditions", "readiness"};
// Steps that compare what is there with what has to be, and the end of an operation behind them.
constexpr std::array<std::string_view, 14> kVerifying = {"prove-source", "checks", "verify-restored", "end", "compare", "performance", "target-alone", "operations", "damaged-file", "recovery",
                                                         "way-back", "final-check", "inventory", "baseline"};

}  // namespace

int64_t& part_of(RecoveryParts& parts, std::string_view step) {
  if (step.empty()) return parts.detect;
  const std::string_view name = step.substr(step.find('/') + 1);
  const auto among = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
  return among(kDeciding) ? parts.decide : among(kVerifying) ? parts.verify : parts.undo;
}

}  // namespace rollproof::drill
