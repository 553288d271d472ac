#include "harness/sim/ledger.h"

#include <algorithm>
#include <utility>

namespace rollproof::sim {
namespace {

bool same_name(const EntryEffect& effect, uint32_t directory, const NamePtr& name) {
  return effect.directory == directory && effect.name->text == name->text;
}

// Index of the pending effect with this serial; entries.size() if it is durable by now.
size_t index_of(const std::vector<EntryEffect>& entries, uint64_t serial) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), serial, [](const EntryEffect& e, uint64_t s) { return e.serial < s; });
  return at != entries.end() && at->serial == serial ? static_cast<size_t>(at - entries.begin()) : entries.size();
}

}  // namespace

std::string_view name_of(Model model) {
  switch (model) {
    case Model::strict: return "strict";
    case Model::ordered: return "ordered";
    case Model::prefix: return "prefix";
    case Model::hostile: return "hostile";
  }
  return "?";
}

Ledger::Ledger(const Trace& trace, Model model) : trace_(trace), model_(model) { know(0); }

void Ledger::know(uint32_t id) {
  while (inodes_.size() <= id) {
    const Birth& birth = trace_.births[inodes_.size()];
    Inode& inode = inodes_.emplace_back();
    inode.directory = birth.directory;
    inode.parent = birth.parent;
    if (!birth.node) continue;
    inode.now = birth.node->content;
    inode.cached = birth.node;
    for (const Entry& entry : birth.node->entries) inode.slots.push_back(Slot{entry.name, entry.node, nothing});
    if (birth.parent == nothing) continue;
    auto& above = inodes_[birth.parent].slots;
    position(above, birth.name->text)->id = static_cast<uint32_t>(inodes_.size() - 1);
  }
}

std::vector<Ledger::Slot>::iterator Ledger::position(std::vector<Slot>& slots, std::string_view name) {
  return std::lower_bound(slots.begin(), slots.end(), name, [](const Slot& s, std::string_view n) { return s.name->text < n; });
}

void Ledger::touch(uint32_t id) {
  for (; id != nothing; id = inodes_[id].parent) inodes_[id].cached = nullptr;
}

void Ledger::advance() {
  know(static_cast<uint32_t>(trace_.births.size() - 1));
  apply(*trace_.operations[at_++]);
}

void Ledger::apply(const Operation& operation) {
  if (operation.call == Call::sync && operation.lost_pages) {
    for (DataEffect& effect : data_) effect.abandoned |= effect.file == operation.file;
    return;
  }
  if (operation.applied == 0) return;
  switch (operation.call) {
    case Call::create:
      if (operation.created) {
        change_slot(operation, operation.directory, operation.name, operation.file, false);
      } else {
        change_data(operation);
      }
      break;
    case Call::write:
    case Call::truncate:
    case Call::preallocate: change_data(operation); break;
    case Call::make_directory: change_slot(operation, operation.directory, operation.name, operation.file, false); break;
    case Call::remove:
    case Call::remove_directory: change_slot(operation, operation.directory, operation.name, nothing, false); break;
    case Call::rename: rename(operation); break;
    case Call::sync:
      sync_file(operation.file);
      if (model_ == Model::ordered) entries_.clear();
      break;
    case Call::sync_directory: sync_directory(operation.file); break;
    default: break;
  }
  if (model_ == Model::prefix && (operation.call == Call::sync || operation.call == Call::sync_directory)) {
    entries_.clear();
    std::vector<uint32_t> files;
    for (const DataEffect& effect : data_) files.push_back(effect.file);
    for (uint32_t file : files) sync_file(file);
  }
}

void Ledger::change_slot(const Operation& operation, uint32_t directory, const NamePtr& name, uint32_t after, bool from_side) {
  auto& slots = inodes_[directory].slots;
  const auto at = position(slots, name->text);
  const bool there = at != slots.end() && at->name->text == name->text;
  EntryEffect effect{.serial = ++serials_, .ordinal = operation.ordinal, .directory = directory, .name = name, .after = after, .from_side = from_side};
  if (there) effect.before = at->id;
  // A directory goes after whatever left it: what was moved out must not vanish with it.
  for (EntryEffect& earlier : entries_) {
    if (!there || from_side || earlier.directory != effect.before) continue;
    effect.needs.push_back(earlier.serial);
    earlier.orphaned = true;
    earlier.covered |= earlier.waits;
  }
  // Whoever uses a name again relies on what it took to free it.
  for (auto earlier = entries_.rbegin(); earlier != entries_.rend(); ++earlier) {
    if (!same_name(*earlier, directory, name)) continue;
    effect.needs.insert(effect.needs.end(), earlier->needs.begin(), earlier->needs.end());
    break;
  }
  if (after == nothing) {
    if (there) slots.erase(at);
  } else {
    inodes_[after].parent = directory;
    inodes_[after].link = effect.serial;
    if (there) {
      *at = Slot{at->name, nullptr, after};
    } else {
      slots.insert(at, Slot{name, nullptr, after});
    }
  }
  touch(directory);
  entries_.push_back(std::move(effect));
}

void Ledger::rename(const Operation& operation) {
  if (operation.replaced == operation.file) return;
  const bool moves_directory = inodes_[operation.file].directory;
  std::vector<uint64_t> needs;
  for (uint32_t id = operation.to_directory; id != nothing; id = inodes_[id].parent) {
    if (inodes_[id].link != 0) needs.push_back(inodes_[id].link);
  }
  change_slot(operation, operation.to_directory, operation.to_name, operation.file, false);
  const uint64_t to_serial = serials_;
  change_slot(operation, operation.directory, operation.name, nothing, true);
  if (model_ == Model::hostile && !moves_directory) return;
  EntryEffect& from = entries_[entries_.size() - 1];
  EntryEffect& to = entries_[entries_.size() - 2];
  from.waits = true;
  from.needs.insert(from.needs.end(), needs.begin(), needs.end());
  from.needs.push_back(to_serial);
  // A directory has one parent, so it moves in one piece, or the tree would come apart.
  if (moves_directory) {
    to.waits = true;
    to.needs.insert(to.needs.end(), needs.begin(), needs.end());
    to.needs.push_back(serials_);
  }
}

void Ledger::sync_directory(uint32_t directory) {
  if (model_ == Model::ordered) {
    entries_.clear();
    return;
  }
  // A plain change is durable now, and so is whatever it stands on.
  std::vector<size_t> to_do;
  std::vector<uint8_t> seen(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].directory != directory) continue;
    entries_[i].covered = true;
    if (entries_[i].waits) continue;
    seen[i] = true;
    to_do.push_back(i);
  }
  while (!to_do.empty()) {
    const size_t i = to_do.back();
    to_do.pop_back();
    for (uint64_t need : entries_[i].needs) {
      const size_t needed = index_of(entries_, need);
      if (needed == entries_.size() || seen[needed]) continue;
      entries_[needed].covered = true;
      seen[needed] = true;
      to_do.push_back(needed);
    }
  }
  std::vector<uint8_t> durable(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) durable[i] = entries_[i].covered;
  // What waits is durable only together with all it needs.
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (!durable[i] || !entries_[i].waits) continue;
      for (uint64_t need : entries_[i].needs) {
        const size_t needed = index_of(entries_, need);
        if (needed == entries_.size() || durable[needed]) continue;
        if (!entries_[needed].orphaned || entries_[needed].waits) durable[i] = false;
      }
      changed |= !durable[i];
    }
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    for (uint64_t need : entries_[i].needs) {
      const size_t needed = index_of(entries_, need);
      if (durable[i] && needed < entries_.size()) durable[needed] = true;
    }
  }
  size_t i = 0;
  std::erase_if(entries_, [&](const EntryEffect&) { return durable[i++] != 0; });
}

NodePtr Ledger::node_of(uint32_t id) {
  Inode& inode = inodes_[id];
  if (inode.cached) return inode.cached;
  auto node = std::make_shared<Node>();
  node->directory = inode.directory;
  node->content = inode.now;
  node->entries.reserve(inode.slots.size());
  for (const Slot& slot : inode.slots) node->entries.push_back(Entry{slot.name, slot.id == nothing ? slot.node : node_of(slot.id)});
  inode.cached = node;
  return node;
}

Image Ledger::now() { return Image(node_of(0)); }

Survival Ledger::everything() const { return Survival{std::vector<Kept>(data_.size()), std::vector<uint8_t>(entries_.size(), 1)}; }

void Ledger::mark(uint32_t id) {
  for (; id != nothing && inodes_[id].epoch != epoch_; id = inodes_[id].parent) {
    inodes_[id].epoch = epoch_;
    inodes_[id].content = inodes_[id].listing = -1;
  }
}

Image Ledger::build(Survival survival) {
  restrict(survival);
  ++epoch_;
  built_.clear();
  listings_.clear();
  for (size_t i = 0; i < data_.size(); ++i) {
    if (survival.data[i].data == Kept::Data::all && survival.data[i].size) continue;
    Inode& inode = inodes_[data_[i].file];
    mark(data_[i].file);
    if (inode.content >= 0) continue;
    inode.content = static_cast<int>(built_.size());
    built_.push_back(content_under(data_[i].file, survival.data));
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (survival.entries[i]) continue;
    Inode& inode = inodes_[entries_[i].directory];
    mark(entries_[i].directory);
    if (inode.listing >= 0) continue;
    inode.listing = static_cast<int>(listings_.size());
    listings_.push_back(listing_under(entries_[i].directory, survival.entries));
  }
  return Image(node_under(0));
}

NodePtr Ledger::node_under(uint32_t id) {
  const Inode& inode = inodes_[id];
  if (inode.epoch != epoch_) return node_of(id);
  auto node = std::make_shared<Node>();
  node->directory = inode.directory;
  if (!inode.directory) {
    node->content = inode.content >= 0 ? built_[static_cast<size_t>(inode.content)] : inode.now;
    return node;
  }
  const std::vector<Slot>& slots = inode.listing >= 0 ? listings_[static_cast<size_t>(inode.listing)] : inode.slots;
  node->entries.reserve(slots.size());
  for (const Slot& slot : slots) node->entries.push_back(Entry{slot.name, slot.id == nothing ? slot.node : node_under(slot.id)});
  return node;
}

}  // namespace rollproof::sim
