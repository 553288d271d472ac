#include "lib/migrate/cancel.h"

#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

constexpr uint64_t kRequestBytesMax = 4096;
constexpr int64_t kLookEveryMs = 20;
constexpr int64_t kNamelessMsMax = 500;
constexpr int kAskedTimesMax = 5;

std::string path_of(const Config& config, const char* name) { return os::join(config.state_directory(), name); }

Result<std::optional<std::string>> holder_of(os::World& world, const Config& config) {
  return world.files.lock_holder(path_of(config, kLockFile));
}

// Between taking the lock and writing his name a holder has none yet, or that of the one before him, or half of either: a name counts that stays.
Result<std::optional<std::string>> named_holder_of(os::World& world, const Config& config) {
  ROLLPROOF_ASSIGN(auto holder, holder_of(world, config));
  for (int64_t waited_ms = 0; holder && waited_ms < kNamelessMsMax; waited_ms += kLookEveryMs) {
    world.clock.sleep_ms(kLookEveryMs);
    ROLLPROOF_ASSIGN(auto again, holder_of(world, config));
    if (again == holder) break;
    holder = std::move(again);
  }
  return holder;
}

Status withdraw(os::World& world, const Config& config) {
  auto removed = world.files.remove(path_of(config, kCancelFile));
  if (!removed && removed.error().code != Code::not_found) return removed;
  return world.files.sync_directory(config.state_directory());
}

// `holder`: who was at work a moment ago.
Result<CancelAnswer> ask(os::World& world, const Config& config, const std::string& holder) {
  ROLLPROOF_ASSIGN(const LedgerView view, view_ledger(world, config));
  if (view.state.operation && view.state.operation->kind == "rollback") return CancelAnswer{CancelAnswer::Kind::is_rollback, holder};
  // Who is opening clears away what an interrupted request has left, and can not tell ours from that.
  Status asked;
  for (int times = 0; times < kAskedTimesMax; ++times) {
    asked = os::replace_file(world.files, path_of(config, kCancelFile), holder);
    if (asked || asked.error().code != Code::not_found) break;
  }
  if (!asked && asked.error().code == Code::not_found) asked.error().code = Code::io;
  ROLLPROOF_TRY(std::move(asked));
  // He may have ended while the request was written, and would never clear it.
  ROLLPROOF_ASSIGN(const auto now, holder_of(world, config));
  if (now == holder) return CancelAnswer{CancelAnswer::Kind::asked, holder};
  ROLLPROOF_TRY(withdraw(world, config));
  return CancelAnswer{};
}

}  // namespace

Result<CancelAnswer> request_cancel(os::World& world, const Config& config) {
  CancelAnswer answer;
  for (int times = 0; times < kAskedTimesMax; ++times) {
    ROLLPROOF_ASSIGN(const auto holder, named_holder_of(world, config));
    if (!holder) return CancelAnswer{};
    ROLLPROOF_ASSIGN(answer, ask(world, config, *holder));
    if (answer.kind != CancelAnswer::Kind::nobody) break;  // another one may have come meanwhile
  }
  return answer;
}

Result<bool> wait_for_end(os::World& world, const Config& config, const CancelAnswer& answer, int64_t limit_ms) {
  for (int64_t waited_ms = 0;; waited_ms += kLookEveryMs) {
    ROLLPROOF_ASSIGN(const auto holder, holder_of(world, config));
    if (holder != answer.holder) return true;
    if (waited_ms >= limit_ms) return false;
    world.clock.sleep_ms(kLookEveryMs);
  }
}

Result<bool> is_cancel_requested(os::FileSystem& files, const Config& config, std::string_view holder) {
  const std::string path = path_of(config, kCancelFile);
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
  if (!there) return false;
  auto text = os::read_file(files, path, kRequestBytesMax);
  if (!text && text.error().code == Code::not_found) return false;
  if (!text) return fail(std::move(text).error());
  return *text == holder;
}

}  // namespace rollproof::migrate
