#include "harness/sim/disk.h"

#include <algorithm>
#include <cerrno>

#include "harness/sim/disk_run.h"

namespace rollproof::sim {

SimDisk::SimDisk(Image start) {
  trace_.start = std::move(start);
  inodes_.reserve(64);
  trace_.births.reserve(64);
  born(Birth{true, nothing, nullptr, trace_.start.root()});
}

SimDisk::SimDisk(const Trace& trace, uint64_t k, ForReplay) {
  trace_.start = trace.start;
  inodes_.reserve(trace.births.size());
  for (const Birth& birth : trace.births) {
    const uint32_t id = born(birth);
    if (birth.parent == nothing || !birth.node) continue;
    own(birth.parent);
    slot_of(birth.parent, birth.name->text)->id = id;
  }
  trace_.operations.assign(trace.operations.begin(), trace.operations.begin() + static_cast<ptrdiff_t>(k));
  for (const OperationPtr& operation : trace_.operations) apply(*operation);
  for (const Mark& mark : trace.marks) {
    if (mark.after <= k) trace_.marks.push_back(mark);
  }
  if (k > 0) calls_ = trace_.operations.back()->call_ordinal + 1;
}

SimDisk::~SimDisk() { process_->alive = false; }

std::unique_ptr<SimDisk> SimDisk::after_process_death(const Trace& trace, uint64_t k) {
  return std::unique_ptr<SimDisk>(new SimDisk(trace, k, ForReplay{}));
}

void SimDisk::set_context(std::string_view label) { context_ = std::make_shared<const std::string>(label); }

void SimDisk::kill_process() {
  process_->alive = false;
  process_ = std::make_shared<Process>();
}

uint32_t SimDisk::born(Birth birth) {
  const auto id = static_cast<uint32_t>(inodes_.size());
  Inode& inode = inodes_.emplace_back();
  inode.directory = birth.node ? birth.node->directory : birth.directory;
  birth.directory = inode.directory;
  inode.own = !birth.node;
  inode.node = birth.node;
  inode.parent = birth.parent;
  trace_.births.push_back(std::move(birth));
  return id;
}

SimDisk::Inode& SimDisk::own(uint32_t id) {
  Inode& inode = inodes_[id];
  if (inode.own) return inode;
  inode.own = true;
  if (inode.directory) {
    inode.slots.reserve(inode.node->entries.size() + 8);
    for (const Entry& entry : inode.node->entries) inode.slots.push_back(Slot{entry.name, entry.node, nothing});
  } else {
    inode.content = inode.node->content;
  }
  return inode;
}

const Content& SimDisk::content_of(uint32_t id) const {
  const Inode& inode = inodes_[id];
  return inode.own ? inode.content : inode.node->content;
}

SimDisk::Slot* SimDisk::slot_of(uint32_t directory, std::string_view name) {
  auto& slots = own(directory).slots;
  const auto at = std::lower_bound(slots.begin(), slots.end(), name, [](const Slot& s, std::string_view n) { return s.name->text < n; });
  return at != slots.end() && at->name->text == name ? &*at : nullptr;
}

uint32_t SimDisk::use(uint32_t directory, Slot& slot) {
  if (slot.id == nothing) slot.id = born(Birth{false, directory, slot.name, slot.node});
  return slot.id;
}

uint32_t SimDisk::directory_of(std::string_view path, int& error) {
  if (const auto known = directories_.find(path); known != directories_.end()) return known->second;
  uint32_t id = 0;
  size_t position = 0;
  for (std::string_view name = next_component(path, position); !name.empty(); name = next_component(path, position)) {
    error = name.size() > 255 ? ENAMETOOLONG : !inodes_[id].directory ? ENOTDIR : 0;
    if (error != 0) return nothing;
    Slot* slot = slot_of(id, name);
    if (slot == nullptr) {
      error = ENOENT;
      return nothing;
    }
    id = use(id, *slot);
  }
  if (!inodes_[id].directory) {
    error = ENOTDIR;
    return nothing;
  }
  directories_.emplace(path, id);
  return id;
}

SimDisk::Place SimDisk::find(std::string_view path) {
  Place place;
  if (path.empty()) {
    place.error = ENOENT;
    return place;
  }
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.find_last_of('/');
  const std::string_view above = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  place.name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  place.directory = directory_of(above, place.error);
  if (place.directory == nothing) return place;
  if (place.name.empty() || place.name == ".") {
    place.id = place.directory;
    place.directory = inodes_[place.id].parent;
    place.slot_name = trace_.births[place.id].name;
    return place;
  }
  if (place.name.size() > 255) {
    place.error = ENAMETOOLONG;
    return place;
  }
  if (Slot* slot = slot_of(place.directory, place.name)) {
    place.id = use(place.directory, *slot);
    place.slot_name = slot->name;
  }
  return place;
}

bool SimDisk::is_inside(uint32_t directory, uint32_t of) const {
  for (; directory != nothing; directory = inodes_[directory].parent) {
    if (directory == of) return true;
  }
  return false;
}

void SimDisk::set_slot(uint32_t directory, const NamePtr& name, uint32_t id) {
  inodes_[id].parent = directory;
  if (Slot* slot = slot_of(directory, name->text)) {
    slot->id = id;
    slot->node = nullptr;
    return;
  }
  auto& slots = inodes_[directory].slots;
  const auto at = std::lower_bound(slots.begin(), slots.end(), name->text, [](const Slot& s, const std::string& n) { return s.name->text < n; });
  slots.insert(at, Slot{name, nullptr, id});
}

void SimDisk::drop_slot(uint32_t directory, const NamePtr& name) {
  auto& slots = inodes_[directory].slots;
  if (Slot* slot = slot_of(directory, name->text)) slots.erase(slots.begin() + (slot - slots.data()));
}

NodePtr SimDisk::node_of(uint32_t id) const {
  const Inode& inode = inodes_[id];
  if (!inode.own) return inode.node;
  auto node = std::make_shared<Node>();
  node->directory = inode.directory;
  node->content = inode.content;
  for (const Slot& slot : inode.slots) node->entries.push_back(Entry{slot.name, slot.id == nothing ? slot.node : node_of(slot.id)});
  return node;
}

Image SimDisk::now() const { return Image(node_of(0)); }

void SimDisk::account(uint64_t before, uint64_t after) {
  if (!free_) return;
  *free_ = after > before ? *free_ - std::min(*free_, after - before) : *free_ + (before - after);
  least_free_ = std::min(least_free_, *free_);
}

Status SimDisk::inject(Operation& operation, InjectedError& error, const Status& natural, InjectedError* softened) {
  ++fired_;
  const bool effective = natural.has_value() && operation.mutating;
  if (error.tamper || error.misdirected_to) {
    if (error.misdirected_to && operation.call == Call::write) operation.offset = *error.misdirected_to;
    if (effective) {
      operation.applied = operation.call == Call::write ? operation.length : 1;
      take(operation);
    } else {
      record(operation);
    }
    if (softened != nullptr) *softened = std::move(error);
    return natural;
  }
  operation.failed = true;
  operation.lost_pages = error.lose_pages && operation.call == Call::sync;
  if (effective && error.effect == InjectedError::Effect::whole) operation.applied = operation.call == Call::write ? operation.length : 1;
  if (effective && error.effect == InjectedError::Effect::part && operation.call == Call::write) {
    operation.applied = std::min(error.bytes, operation.length);
  }
  if (error.death == InjectedError::Death::lives) {
    if (effective) {
      take(operation);
    } else {
      record(operation);
    }
    return fail(error.code, std::string(name_of(operation.call)) + ": " + error.message, *operation.path);
  }
  if (operation.applied > 0) take(operation);
  process_->alive = false;
  process_->locks.clear();
  if (error.death == InjectedError::Death::throws) throw ProcessDied{operation.ordinal, operation.call_ordinal};
  return process_is_dead(*operation.path);
}

void SimDisk::record(const Operation& operation) {
  if (record_calls_) trace_.calls.push_back(std::make_shared<const Operation>(operation));
}

void SimDisk::take(Operation& operation) {
  const bool creates = operation.call == Call::make_directory || (operation.call == Call::create && operation.created);
  if (operation.applied > 0 && creates) {
    operation.file = born(Birth{operation.call == Call::make_directory, operation.directory, operation.name, nullptr});
  }
  const bool changes_size = operation.call <= Call::preallocate && operation.applied > 0;
  const uint64_t before = changes_size ? content_of(operation.file).size() : 0;
  if (operation.applied > 0 && operation.call == Call::remove) account(content_of(operation.file).size(), 0);
  if (operation.applied > 0 && operation.call == Call::rename && operation.replaced != nothing) {
    account(content_of(operation.replaced).size(), 0);
  }
  apply(operation);
  if (changes_size) account(before, content_of(operation.file).size());
  trace_.operations.push_back(std::make_shared<const Operation>(operation));
}

void SimDisk::apply(const Operation& operation) {
  ++changes_;
  if (operation.applied == 0) return;
  switch (operation.call) {
    case Call::create:
      if (operation.created) {
        set_slot(operation.directory, operation.name, operation.file);
      } else {
        own(operation.file).content.resize(0);
      }
      break;
    case Call::write:
      own(operation.file).content.write(operation.offset, std::string_view(*operation.data).substr(0, operation.applied));
      break;
    case Call::truncate:
      own(operation.file).content.resize(operation.length);
      break;
    case Call::preallocate:
      if (operation.length > content_of(operation.file).size()) own(operation.file).content.resize(operation.length);
      break;
    case Call::rename:
      if (operation.replaced == operation.file) break;
      drop_slot(operation.directory, operation.name);
      set_slot(operation.to_directory, operation.to_name, operation.file);
      if (inodes_[operation.file].directory) directories_.clear();
      break;
    case Call::remove:
      drop_slot(operation.directory, operation.name);
      break;
    case Call::make_directory:
      set_slot(operation.directory, operation.name, operation.file);
      break;
    case Call::remove_directory:
      drop_slot(operation.directory, operation.name);
      directories_.clear();
      break;
    default:
      break;
  }
}

}  // namespace rollproof::sim
