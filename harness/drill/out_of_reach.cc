#include "harness/drill/out_of_reach.h"

#include <algorithm>

#include "harness/sim/sim_world.h"
#include "harness/subject/foreign.h"
#include "lib/migrate/target_claim.h"
#include "lib/os/paths.h"

namespace rollproof::drill {
namespace {

using sim::Call;

bool is_in(const sim::TextPtr& path, const std::string& folder) { return path && (*path == folder || path->starts_with(folder + "/")); }

bool needs_room(const sim::Operation& operation) {
  return operation.grows != 0 || operation.call == Call::create || operation.call == Call::preallocate || operation.call == Call::make_directory;
}

}  // namespace

OutOfReach::OutOfReach(sim::SimDisk& disk, const check::Places& places, const fault::Intruder& intruder, Holder holder)
    : disk_(disk), intruder_(intruder), folder_(intruder.of_source() ? places.source : places.target), away_(folder_ + ".not-mounted") {
  const sim::Image image = disk_.now();
  if (intruder_.holds()) {
    there_ = take_lock(image, holder);
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
bool OutOfReach::take_lock(const sim::Image& image, Holder holder) {
  const std::string lock = os::join(folder_, "LOCK");
  if (image.find(os::join(folder_, "CURRENT")) != nullptr && holder == Holder::has_written) {
    sim::SimWorld world(disk_, intruder_.at);
    const bool looked = subject::foreign_look(world.world, {"leveldb", folder_}).has_value();
    disk_.kill_process();
    if (!looked) return false;
  }
  if (image.find(os::join(folder_, "CURRENT")) == nullptr || (image.find(lock) == nullptr && !disk_.create(lock))) return false;
  if (holder == Holder::is_writing) begin_a_write();
  disk_.lock_for_others(lock);
  held_ = disk_.now();
  return true;
}

// The first bytes of a record: whoever takes them for what a crash has torn would cut them off under him.
void OutOfReach::begin_a_write() {
  const sim::Image image = disk_.now();
  for (const std::string& file : image.files()) {
    if (file.starts_with(folder_ + "/") && file.ends_with(".log")) written_ = std::max(written_, file);
  }
  if (written_.empty()) return;
  written_from_ = image.read(written_)->size();
  auto log = disk_.open_write(written_);
  if (!log || !(*log)->write_at(written_from_, std::string_view("\x5a\xc3\x17\x99\x40\x00\x01half", 11))) written_.clear();
}

std::string OutOfReach::changed_under_its_holder() const {
  if (!held_) return "";
  const sim::Image now = disk_.now();
  std::vector<std::string> files = held_->files();
  for (const std::string& file : now.files()) files.push_back(file);
  for (const std::string& file : files) {
    const std::string name = os::name_of_path(file);
    // Ours, beside his.
    if (!file.starts_with(folder_ + "/") || name == "LOCK" || name == migrate::kMarkerFile) continue;
    const auto then = held_->read(file), found = now.read(file);
    if (then.has_value() != found.has_value() || (then && *then != *found)) return file;
  }
  return "";
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
  if (!written_.empty() && disk_.now().exists(written_)) {
    auto log = disk_.open_write(written_);
    there_ = log && (*log)->truncate(written_from_);
    disk_.kill_process();
  }
  if (!intruder_.gone()) return;
  // The disk that is mounted hides what was made in its place.
  if (!made_instead().empty()) there_ = disk_.rename(folder_, folder_ + ".hidden").has_value();
  there_ = there_ && disk_.rename(away_, folder_).has_value();
}

}  // namespace rollproof::drill
