#include "harness/drill/out_of_reach.h"

#include "harness/sim/sim_world.h"
#include "harness/subject/foreign.h"
#include "lib/os/paths.h"

namespace rollproof::drill {
namespace {

using sim::Call;

bool is_in(const sim::TextPtr& path, const std::string& folder) { return path && (*path == folder || path->starts_with(folder + "/")); }

bool needs_room(const sim::Operation& operation) {
  return operation.grows != 0 || operation.call == Call::create || operation.call == Call::preallocate || operation.call == Call::make_directory;
}

}  // namespace

OutOfReach::OutOfReach(sim::SimDisk& disk, const check::Places& places, const fault::Intruder& intruder, bool changes_files)
    : disk_(disk), intruder_(intruder), folder_(intruder.of_source() ? places.source : places.target), away_(folder_ + ".not-mounted") {
  const sim::Image image = disk_.now();
  if (intruder_.holds()) {
    there_ = take_lock(image, changes_files);
  } else if (intruder_.read_only() || intruder_.full()) {
    there_ = image.exists(folder_);
    if (!there_) return;
    disk_.set_fault_hook([folder = folder_, full = intruder_.full()](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
      if (!is_in(operation.path, folder) && !is_in(operation.to, folder)) return std::nullopt;
      if (full) return needs_room(operation) ? std::optional(sim::InjectedError{.code = Code::no_space, .message = "injected: no space left on the device"}) : std::nullopt;
      // What is mounted read-only has nothing left to sync, and says so.
      const bool syncs = operation.call == Call::sync || operation.call == Call::sync_directory;
      if (syncs || (!operation.mutating && operation.call != Call::open_write)) return std::nullopt;
      return sim::InjectedError{.code = Code::no_permission, .message = "injected: read-only file system"};
    });
  } else {
    there_ = image.exists(folder_) && disk_.rename(folder_, away_).has_value();
    if (!there_) return;
    disk_.set_fault_hook([this](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
      looks_ += is_in(operation.path, folder_);
      return std::nullopt;
    });
  }
}

// Who opens a LevelDB that is there makes the file, if it is not.
bool OutOfReach::take_lock(const sim::Image& image, bool changes_files) {
  const std::string lock = os::join(folder_, "LOCK");
  if (image.find(os::join(folder_, "CURRENT")) != nullptr && changes_files) {
    sim::SimWorld world(disk_, intruder_.at);
    const bool looked = subject::foreign_look(world.world, {"leveldb", folder_}).has_value();
    disk_.kill_process();
    if (!looked) return false;
  }
  if (image.find(os::join(folder_, "CURRENT")) == nullptr || (image.find(lock) == nullptr && !disk_.create(lock))) return false;
  disk_.lock_for_others(lock);
  return true;
}

uint64_t OutOfReach::met() const {
  if (!there_) return 0;
  return intruder_.holds() ? disk_.others_met() : intruder_.gone() ? looks_ : disk_.hook_fired();
}

std::string OutOfReach::made_instead() const { return there_ && intruder_.gone() && disk_.now().exists(folder_) ? folder_ : ""; }

void OutOfReach::end() {
  disk_.set_fault_hook({});
  disk_.kill_process();
  if (!there_) return;
  if (intruder_.holds()) disk_.unlock_for_others();
  if (!intruder_.gone()) return;
  // The disk that is mounted hides what was made in its place.
  if (!made_instead().empty()) there_ = disk_.rename(folder_, folder_ + ".hidden").has_value();
  there_ = there_ && disk_.rename(away_, folder_).has_value();
}

}  // namespace rollproof::drill
