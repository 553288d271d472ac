#include "lib/cli/reading.h"

#include "lib/cli/presence.h"
#include "lib/cli/progress.h"
#include "lib/os/paths.h"

namespace rollproof::cli {
namespace {

constexpr int64_t kFirstPauseMs = 15;  // about what a small command takes; each further pause is twice as long

bool is_about_data(int code) {
  for (const ExitCode about : {ExitCode::needs_person, ExitCode::differs, ExitCode::refused, ExitCode::stopped}) {
    if (code == static_cast<int>(about)) return true;
  }
  return false;
}

bool counts(const Presence& before, const Presence& after, int code) {
  if (!before.holder && !after.holder) return before == after;
  return before.holder == after.holder && !is_about_data(code);
}

Error held_by(const std::string& holder, const std::string& where) {
  return {Code::locked, "held by " + holder, where, "Wait for it; `rollproof status` shows how far it is."};
}

Error overtaken(const Presence& before, const Presence& after, const std::string& where, bool streamed) {
  Error error{Code::locked, "somebody wrote while this command looked", where, "Run it again."};
  if (after.holder) error = held_by(*after.holder, where);
  if (after.holder && before.holder != after.holder) error.message += ", who came while this command looked";
  if (streamed) error.message += "; what was printed may be of two moments and is not to be used";
  return error;
}

}  // namespace

Status check_nobody_writes(Context& context) {
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(context.world().files, context.config_path));
  ROLLPROOF_ASSIGN(const auto holder, context.world().files.lock_holder(os::join(config.state_directory(), migrate::kLockFile)));
  if (!holder) return {};
  return fail(held_by(*holder, config.state_directory()));
}

Result<int> try_to_look(Context& context, const std::function<int()>& look) {
  os::World& world = context.world();
  const auto config = migrate::read_config(world.files, context.config_path);
  if (!config) return look();
  int64_t pause_ms = kFirstPauseMs;
  for (int looks = 1;; ++looks) {
    const Presence before = presence_in(world, *config);
    context.output.hold();
    const int code = look();
    const Presence after = presence_in(world, *config);
    if (counts(before, after, code)) {
      context.output.release();
      return code;
    }
    context.output.drop();
    if (looks == kLooks || context.output.streamed() || stop_requested()) return fail(overtaken(before, after, config->state_directory(), context.output.streamed()));
    world.clock.sleep_ms(pause_ms);
    pause_ms *= 2;
  }
}

int look_alone(Context& context, const std::function<int()>& look) {
  const auto code = try_to_look(context, look);
  if (code) return *code;
  // Behind half of a stream no document of JSON makes sense.
  return context.output.streamed() ? context.tell(code.error()) : context.finish(code.error());
}

}  // namespace rollproof::cli
