#include "lib/migrate/older_copy.h"

#include <fmt/format.h>

#include "lib/base/time_text.h"
#include "lib/migrate/events.h"

namespace rollproof::migrate {
namespace {

const store::Where& store_named(const Ledger& ledger, const std::string& which) { return which == "source" ? ledger.config().source : ledger.config().target; }

}  // namespace

Result<std::optional<LeftState>> find_left_state(Ledger& ledger, const std::string& which) {
  ROLLPROOF_ASSIGN(const store::Fingerprint found, store::take_fingerprint(ledger.world(), store_named(ledger, which), nullptr));
  std::optional<LeftState> left;
  ROLLPROOF_TRY(ledger.read_controls(ledger.state().begun_at, [&](journal::Position, const Json& event) -> Status {
    if (event.value("type", std::string()) != "checkpoint" || !event.contains(which) || !event.at(which).contains("fingerprint")) return {};
    const Json& then = event.at(which);
    if (store::differences(fingerprint_from(then.at("fingerprint")), found).empty()) left = LeftState{then.at("position").get<journal::Position>(), event.at("time_ms").get<int64_t>()};
    return {};
  }));
  return left;
}

Status check_no_older_copy(Ledger& ledger, const std::string& which) {
  ROLLPROOF_ASSIGN(const auto left, find_left_state(ledger, which));
  if (!left) return {};
  return fail(Code::corruption, fmt::format("an older copy of the {} lies in its place, as rollproof left it at {}: what was written since is missing in it", which, time_text(left->left_ms)), store_named(ledger, which).path);
}

}  // namespace rollproof::migrate
