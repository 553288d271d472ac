// What is durable and what is still pending after the first k operations of a trace, under a disk model, and the disk contents
// that a power loss may leave at that point. harness/sim/crash.h enumerates them; this file is the model itself.
//
// May happen, under `strict` (POSIX and no more):
//   - of a file: each 512-byte sector of an unsynced write survives or not; a sector that survives is as the last surviving write
//     left it, earlier bytes included, for a sector is written from one page; the size survives without the data, and the gap
//     then reads as zeros or as garbage; an unsynced truncate or preallocate is lost;
//   - of a directory: each unsynced create, removal or rename survives or not, in any combination; both names of a rename are there;
//   - pages that a failed sync has lost are on the disk or not, however many syncs succeed after it.
// May not happen: a rename that leaves neither name (it counts as durable only when both directories are synced, and the old
// name goes only after the new one can be reached); half a directory rename; a removed directory that takes along what was moved
// out of it; the loss of anything synced.
// `ordered` as ext4 with data=ordered: names survive in order, any sync makes earlier names durable, size never before data.
// `prefix`: whatever survives is a prefix of all operations, the last one perhaps torn; any sync makes all before it durable.
// `hostile` (for study): a rename may leave neither name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/sim/operation.h"

namespace rollproof::sim {

enum class Model { strict, ordered, prefix, hostile };
std::string_view name_of(Model model);

// An unsynced change of a file's bytes or size.
struct DataEffect {
  uint64_t ordinal = 0;
  Call call = Call::write;
  uint32_t file = 0;
  uint64_t offset = 0;
  uint64_t end = 0;          // of a write: behind its last byte; otherwise the new size
  uint64_t size_before = 0;  // of the file as processes saw it
  Content after;             // the file as processes saw it
  uint64_t first_sector = 0;
  uint64_t sectors = 0;
  std::vector<uint64_t> remaining;  // of lost pages: the sectors that nobody has written again and synced
  bool abandoned = false;           // its pages were lost by a failed sync
  bool size_settled = false;

  bool touches(uint64_t sector) const;
};

// An unsynced change of one name in a directory.
struct EntryEffect {
  uint64_t serial = 0;
  uint64_t ordinal = 0;
  uint32_t directory = 0;
  NamePtr name;
  uint32_t before = nothing;
  uint32_t after = nothing;
  bool from_side = false;    // the removal of a rename's old name
  bool waits = false;        // its own directory's sync is not enough: what it needs must be durable as well
  bool covered = false;      // its directory was synced, it waits for the rest
  bool orphaned = false;     // its directory is gone, so nobody can sync it any more
  std::vector<uint64_t> needs;  // serials: it does not survive without these
};

// How much of a DataEffect survives.
struct Kept {
  enum class Data : uint8_t { all, none, noise, prefix, all_but, random };
  Data data = Data::all;
  bool size = true;
  bool noise = false;       // prefix: garbage behind the cut
  uint64_t number = 0;      // prefix: bytes; all_but: sector within the effect; random: seed
  bool keeps(const DataEffect& effect, uint64_t sector) const;
};

// Which pending effects survive: index as in Ledger::data() and entries().
struct Survival {
  std::vector<Kept> data;
  std::vector<uint8_t> entries;
};

class Ledger {
 public:
  // The trace must outlive it and may grow meanwhile.
  Ledger(const Trace& trace, Model model);

  uint64_t at() const { return at_; }  // k
  // REQUIRES: at() < trace.size().
  void advance();

  const std::vector<DataEffect>& data() const { return data_; }
  const std::vector<EntryEffect>& entries() const { return entries_; }

  // What processes see: everything survives. Shares all that did not change since the last call.
  Image now();
  Survival everything() const;
  // The image in which `survival` and no more survives, after what the model does not allow has been taken out of it.
  Image build(Survival survival);

 private:
  struct Slot {
    NamePtr name;
    NodePtr node;  // if nobody used it
    uint32_t id = nothing;
  };
  struct Inode {
    bool directory = false;
    uint32_t parent = nothing;
    uint64_t link = 0;  // serial of the effect that gave it its name; 0: from the start
    Content now;
    Content durable;  // differs from `now` only while effects are pending
    std::vector<Slot> slots;
    NodePtr cached;      // of now
    uint64_t epoch = 0;  // == epoch_: below it something differs from now in the image being built
    int content = -1;    // index in built_
    int listing = -1;    // index in listings_
  };

  void know(uint32_t id);
  void apply(const Operation& operation);
  void touch(uint32_t id);
  void change_slot(const Operation& operation, uint32_t directory, const NamePtr& name, uint32_t after, bool from_side);
  void change_data(const Operation& operation);
  void rename(const Operation& operation);
  void sync_file(uint32_t file);
  void sync_directory(uint32_t directory);
  void restrict(Survival& survival) const;
  void restrict_to_prefix(Survival& survival) const;
  Content content_under(uint32_t file, const std::vector<Kept>& kept) const;
  std::vector<Slot> listing_under(uint32_t directory, const std::vector<uint8_t>& kept) const;
  void mark(uint32_t id);
  NodePtr node_of(uint32_t id);
  NodePtr node_under(uint32_t id);
  static std::vector<Slot>::iterator position(std::vector<Slot>& slots, std::string_view name);

  const Trace& trace_;
  const Model model_;
  uint64_t at_ = 0;
  uint64_t serials_ = 0;
  uint64_t epoch_ = 0;
  std::vector<Inode> inodes_;
  std::vector<DataEffect> data_;
  std::vector<EntryEffect> entries_;
  std::vector<Content> built_;
  std::vector<std::vector<Slot>> listings_;
};

}  // namespace rollproof::sim
