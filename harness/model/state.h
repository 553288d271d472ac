// One state of the modelled migration: everything that a crash keeps, everything that it loses, and what the oracle remembers.
// Small and without padding, so that a state is its own hash key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace rollproof::model {

// What a store holds: two keys of three bits each, "a" and "b". Values 1 to 5 are what somebody wrote.
using Content = uint8_t;
inline constexpr int kKeys = 2;
inline constexpr uint8_t kAbsent = 0, kMiscopied = 6, kRotten = 7;
inline uint8_t value_of(Content content, int key) { return (content >> (3 * key)) & 7; }
inline Content with(Content content, int key, uint8_t value) {
  return static_cast<Content>((content & ~(7 << (3 * key))) | (value << (3 * key)));
}
inline Content content_of(uint8_t a, uint8_t b) { return static_cast<Content>(a | (b << 3)); }

enum Side : uint8_t { kSource, kTarget };
enum class Phase : uint8_t { dual, copying, copied, sealed, failed, cut };
enum class Route : uint8_t { source_first, target_first, source_only, target_only };
inline Side answering(Route route) { return route == Route::source_first || route == Route::source_only ? kSource : kTarget; }

// Entries of the one journal. A change names its write in the upper four bits; `half` is the first part of a batch that a mutated
// rule writes as two entries.
enum class Kind : uint8_t {
  change,
  half,
  copy_begin,
  copied_first,
  copy_done,
  seal_equal,
  seal_differs,
  rollback_begin,
  proven,
  commit,
  back,
  source_only,
  done  // the four route changes: written under a hold only
};
inline Kind kind_of(uint8_t entry) { return static_cast<Kind>(entry & 15); }
inline uint8_t write_of(uint8_t entry) { return entry >> 4; }
inline bool is_change(uint8_t entry) { return kind_of(entry) <= Kind::half; }
inline bool is_route_change(uint8_t entry) { return kind_of(entry) >= Kind::commit; }
inline uint8_t entry_of(Kind kind, int write = 0) { return static_cast<uint8_t>(static_cast<int>(kind) | (write << 4)); }

// All that the journal says, folded from its entries: route, phase and progress are never kept anywhere else.
struct Summary {
  Content ideal = 0;   // what the answering store has to hold after these entries
  uint8_t writes = 0;  // set of the writes they contain
  Phase phase = Phase::dual;
  Route route = Route::source_first;
  uint8_t epoch = 0;   // number of route changes
  uint8_t cursor = 0;  // keys whose copy is durable
  uint8_t cutovers = 0;
  uint8_t rolling = 0, proven = 0, done = 0;

  bool operator==(const Summary&) const = default;
};

enum class Mode : uint8_t { open, stopped, recovering, poisoned, refused };
enum class Flip : uint8_t { none, held, drained, recorded, switched };
enum class Hold : uint8_t { none, ours, newer };  // `newer`: a later generation, taken by somebody else after ours expired
enum class WriterStep : uint8_t { idle, begun, appended };

struct Writer {
  uint8_t next = 0;  // index into its own writes
  WriterStep step = WriterStep::idle;
  uint8_t epoch = 0;     // of the route it has read
  uint8_t position = 0;  // of its entry

  bool operator==(const Writer&) const = default;
};

inline constexpr int kEntries = 16;

struct State {
  // Survives the process. The stores lie in the page cache too: `durable` is the set of contents that power loss may leave (bit c
  // stands for content c), `now` is what a living machine reads.
  std::array<uint64_t, 2> durable{};
  std::array<Content, 2> now{};
  std::array<uint8_t, 2> checkpoint{};  // recorded position from which recovery replays
  // The journal. Entries below the base were dropped, all positions count from it. safe <= synced <= length.
  Summary base;
  std::array<uint8_t, kEntries> entries{};
  uint8_t length = 0;
  uint8_t safe = 0;        // entries that power loss can not take
  uint8_t synced = 0;      // entries that the process holds to be durable
  uint8_t pages_lost = 0;  // a sync has failed: later syncs of the same file succeed and change nothing for these entries
  // Dies with the process.
  Mode mode = Mode::open;
  std::array<uint8_t, 2> applied{};
  Route route = Route::source_first;
  uint8_t epoch = 0;
  std::array<Writer, 2> writers{};
  Hold hold = Hold::none;
  Flip flip = Flip::none;
  Kind flipping = Kind::change;  // which route change the driver is at; `change` for none
  uint8_t has_snapshot = 0;
  Content snapshot = 0;
  uint8_t cursor = 0;
  uint8_t capture_pending = 0;  // only under the rule that captures the way back too late
  uint8_t forgot_seal = 0;      // only under the rule that forgets a failed seal
  // The oracle's memory and what may still go wrong.
  uint8_t acknowledged = 0;                                        // set of writes
  uint8_t crashes = 0, failed_syncs = 0, miscopies = 0, rots = 0;  // left
  std::array<uint8_t, 4> unused{};                                 // to the next multiple of eight

  bool operator==(const State&) const = default;
};
static_assert(std::has_unique_object_representations_v<State>, "a state is hashed as bytes");

struct Write {
  uint8_t writer = 0;
  struct Change {
    uint8_t key = 0, value = 0;
  };
  std::vector<Change> changes;  // more than one: a batch
};

// What happens around the protocol: the writes and how much may go wrong.
struct Scenario {
  std::string name;
  Content source = content_of(1, 2);
  std::vector<Write> writes;
  uint8_t crashes = 2, failed_syncs = 0, miscopies = 0, rots = 0, cutovers = 1;
};

// The protocol's rules. All true is the protocol; each one switched off is a mistake that somebody has made or could make.
struct Rules {
  bool journal_before_store = true;  // a store is written only after the journal is durable
  bool acknowledge_after_durable = true;
  bool acknowledge_after_apply = true;  // ... to the store that answers
  bool apply_in_order = true;
  bool batch_is_one_entry = true;
  bool capture_before_switch = true;  // the position of the way back
  bool drain_before_switch = true;
  bool no_expiry_during_record = true;  // from the first byte of a route change to its answer
  bool generation_checked = true;       // the hold that the record names is the one that is valid
  bool epoch_checked = true;            // under the writers' lock, at the append
  bool replay_at_recovery = true;
  bool replay_in_order = true;
  bool first_position_on_resume = true;  // a resumed copy leaves the target's position where it was
  bool copy_keeps_position = true;       // a starting copy leaves the target's position where it was
  bool snapshot_under_lock = true;       // together with the record that stops live writes to the target
  bool backlog_has_deletes = true;
  bool progress_after_checkpoint = true;  // of the copy
  bool position_after_store_sync = true;  // of a checkpoint
  bool segment_kept_for_all = true;       // until every follower has passed it
  bool proof_before_clear = true;
  bool proof_after_checkpoint = true;
  bool seal_kept = true;                 // a failed verification holds until a newer complete one
  bool stop_at_failed_sync = true;       // false: the sync is simply tried again
  bool failed_record_is_unknown = true;  // false: a route change whose sync failed counts as "before"
  bool survivors_copied = true;          // false: recovery syncs the old segment again
  bool source_durable_at_end = true;     // checkpoint of the answering store before the terminal record
  bool clear_durable_at_end = true;      // checkpoint of the cleared target before the terminal record
  bool hold_at_end = true;               // the terminal record is a route change like the others
  bool tail_is_ordinary = true;          // false: recovery calls an unsynced tail dirty and refuses
  bool rollback_resumes = true;          // false: an interrupted rollback is refused
  bool failed_seal_has_exit = true;      // false: after a failed verification neither side moves
};

struct Model {
  Rules rules = {};
  Scenario scenario = {};
};

inline bool only(uint64_t set, Content content) { return set == (uint64_t{1} << content); }

}  // namespace rollproof::model
