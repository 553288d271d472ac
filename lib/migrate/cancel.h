// A stop that another process asks for (`rollproof cancel`): a small synced file beside the lock, addressed to the holder of that moment.
// The holder looks for it between batches and between steps. A request to somebody who has gone is stale and means nothing to the next command; but `recover`, which
// carries on what a dead process had begun, obeys what that one was asked.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/migrate/config.h"
#include "lib/os/world.h"

namespace rollproof::migrate {

struct CancelAnswer {
  enum class Kind {
    nobody,       // is at work: nothing was left behind
    asked,        // the request is durable; the holder obeys it at its next safe point, or ends by itself before
    is_rollback,  // a rollback is at work; it is not cancelled, and nothing was left behind
  };
  Kind kind = Kind::nobody;
  std::string holder;  // as the lock names it
};

// Leaves a request for whoever holds the lock now.
Result<CancelAnswer> request_cancel(os::World& world, const Config& config);

// Waits until the holder whom `answer` names has ended, at most `limit_ms`. False: he is still at work.
Result<bool> wait_for_end(os::World& world, const Config& config, const CancelAnswer& answer, int64_t limit_ms);

// True if there is a request that is addressed to `holder`.
Result<bool> is_cancel_requested(os::FileSystem& files, const Config& config, std::string_view holder);

}  // namespace rollproof::migrate
