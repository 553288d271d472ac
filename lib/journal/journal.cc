#include "lib/journal/journal.h"

#include <fmt/format.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <utility>

#include "lib/journal/scan.h"
#include "lib/journal/segment_file.h"
#include "lib/os/paths.h"

namespace rollproof::journal {
namespace {

constexpr uint64_t kMaxBatchBytes = 256ull << 20;   // of payload in one append
constexpr uint64_t kMaxGroupBytes = 1ull << 20;     // no further append joins a group above this

Status check_options(const Options& options) {
  if (options.segment_bytes % kSectorBytes == 0 && options.segment_bytes >= 4 * kSectorBytes && options.segment_bytes <= kMaxSegmentBytes) return {};
  return fail(Code::invalid, fmt::format("segment_bytes is {}, expected a multiple of {} from {} to {}", options.segment_bytes, kSectorBytes,
                                         4 * kSectorBytes, kMaxSegmentBytes));
}

void append_frame(std::string& payload, const NewEntry& entry) {
  const auto length = static_cast<uint32_t>(entry.payload.size());
  char frame[kFrameBytes];
  std::memcpy(frame, &length, sizeof length);
  frame[4] = static_cast<char>(entry.kind);
  payload.append(frame, sizeof frame);
  payload += entry.payload;
}

Result<std::string> frames_of(const std::vector<NewEntry>& entries) {
  uint64_t bytes = 0;
  for (const NewEntry& entry : entries) {
    if (entry.kind != EntryKind::control && entry.kind != EntryKind::changes) {
      return fail(Code::invalid, fmt::format("entry kind {}", static_cast<unsigned>(entry.kind)));
    }
    bytes += kFrameBytes + entry.payload.size();
  }
  if (bytes > kMaxBatchBytes) return fail(Code::invalid, fmt::format("journal append of {} bytes, {} at most", bytes, kMaxBatchBytes));
  std::string payload;
  payload.reserve(bytes);
  for (const NewEntry& entry : entries) append_frame(payload, entry);
  return payload;
}

// One caller of append(), waiting for a group to carry it.
struct Waiting {
  std::string payload;
  uint32_t entries = 0;
  bool done = false;
  Result<Position> outcome = fail(Code::outcome_unknown, "journal append: memory ran out");  // made while there is memory
};

}  // namespace

struct Journal::State {
  State(os::World& world, std::string directory, const Options& options)
      : world_(world), directory_(std::move(directory)), options_(options) {}

  Status start(Chain chain);
  Status start_new();
  Status recover_tail(const Chain& chain);
  Status make_seal_durable();
  Status commit(BatchKind kind, uint32_t entries, std::string_view payload);
  Status commit_in_new_segment(BatchKind kind, uint32_t entries, std::string_view payload);
  void advance(uint32_t through, uint32_t entries, BatchKind kind);
  Status open_last();
  void lead(std::unique_lock<std::mutex>& lock);
  Status usable() const;
  Error unknown(const Error& cause) const;

  os::World& world_;
  const std::string directory_;
  const Options options_;
  bool was_clean_ = true;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;
  bool leading_ = false;  // somebody is writing; only that thread touches file_, and segments_ changes under the mutex
  bool failed_ = false;
  bool closed_ = false;
  bool sealed_ = false;
  std::vector<Segment> segments_;
  std::unique_ptr<os::File> file_;  // of the last segment
};

Status Journal::State::open_last() {
  ROLLPROOF_ASSIGN(file_, world_.files.open_write(segments_.back().path));
  return {};
}

Status Journal::State::start_new() {
  ROLLPROOF_TRY(os::make_directories(world_.files, directory_));
  // Somebody may have died between making the folder and making it durable.
  ROLLPROOF_TRY(world_.files.sync_directory(os::parent_of(directory_)));
  const SegmentHeader header = next_header(world_, nullptr, options_.segment_bytes, 1);
  ROLLPROOF_TRY(create_segment(world_.files, directory_, header, {}));
  segments_.push_back(Segment{.path = os::join(directory_, segment_name(header.number)), .header = header});
  return open_last();
}

// A seal that was read may still be in memory only: the writer may have died before its sync, or the sync may have failed. The
// same bytes are written again, because from now on batches say that it is durable.
Status Journal::State::make_seal_durable() {
  const Segment& segment = segments_.back();
  ROLLPROOF_TRY(file_->write_at(segment.through * uint64_t{kSectorBytes},
                                encode_batch(segment.header.salt, segment.through, BatchKind::seal, 0, {})));
  return file_->sync();
}

// Whatever is behind the durable part goes, whole or torn, to where it is durable or nowhere: a new segment, made before anybody
// is told about it, that declares the old sectors void.
Status Journal::State::recover_tail(const Chain& chain) {
  Segment& old = segments_.back();
  Segment survivors = old;
  old.through = chain.durable;
  // The position at the durable end is not known yet; the survivors' payload is one batch, so their entries are counted from it.
  std::string batch;
  uint32_t entries = 0;
  if (survivors.through > chain.durable) {
    ROLLPROOF_ASSIGN(const std::string bytes, read_same_twice(world_.files, survivors, chain.durable + 1, survivors.through));
    std::string payload;
    for (uint32_t slot = chain.durable + 1; slot <= survivors.through; ++slot) {
      const auto at = std::string_view(bytes).substr((slot - chain.durable - 1) * kSectorBytes, kSectorBytes);
      const Sector sector = decode_sector(old.header, slot, at);
      if (sector.state != SectorState::valid) return fail(Code::io, fmt::format("journal sector {} reads differently the second time", slot), old.path);
      payload += sector.payload;
      entries = sector.header.entries;
    }
    batch = std::move(payload);
  }
  old.last -= entries;
  SegmentHeader header = next_header(world_, &old, options_.segment_bytes, sectors_for(batch.size()));
  std::string sectors;
  if (entries > 0) {
    sectors = encode_batch(header.salt, 1, BatchKind::entries, entries, batch);
    header.durable = static_cast<uint32_t>(sectors.size() / kSectorBytes);
  }
  ROLLPROOF_TRY(create_segment(world_.files, directory_, header, sectors));
  const Position last = old.last + entries;
  segments_.push_back(
      Segment{.path = os::join(directory_, segment_name(header.number)), .header = header, .through = header.durable, .last = last});
  return {};
}

Status Journal::State::start(Chain chain) {
  for (const std::string& leftover : chain.leftovers) ROLLPROOF_TRY(world_.files.remove(leftover));
  if (!chain.leftovers.empty()) ROLLPROOF_TRY(world_.files.sync_directory(directory_));
  if (chain.segments.empty()) return start_new();
  // The last segment's name may not be durable yet; entries are about to depend on it.
  ROLLPROOF_TRY(world_.files.sync_directory(directory_));
  was_clean_ = chain.sealed;
  sealed_ = chain.sealed;
  segments_ = chain.segments;
  if (!chain.sealed && chain.tail_written) ROLLPROOF_TRY(recover_tail(chain));
  for (size_t index = 0; index + 1 < segments_.size(); ++index) {
    if (!segments_[index].ended) ROLLPROOF_TRY(write_end_mark(world_.files, segments_[index]));
  }
  ROLLPROOF_TRY(open_last());
  return sealed_ ? make_seal_durable() : Status{};
}

// Under the mutex from here on a reader sees the batch.
void Journal::State::advance(uint32_t through, uint32_t entries, BatchKind kind) {
  segments_.back().through = through;
  segments_.back().last += entries;
  sealed_ = kind == BatchKind::seal;
}

// Makes a batch durable: one write, one sync. REQUIRES: this thread leads, without the mutex.
Status Journal::State::commit(BatchKind kind, uint32_t entries, std::string_view payload) {
  const Segment& segment = segments_.back();
  const uint64_t first = segment.through + 1;
  const uint64_t count = sectors_for(payload.size());
  // Room for a seal stays behind every batch, so that closing never needs space.
  const uint64_t end_slot = segment.header.sectors - 1;
  if (first + count + (kind == BatchKind::seal ? 0 : 1) > end_slot) return commit_in_new_segment(kind, entries, payload);
  const std::string batch = encode_batch(segment.header.salt, static_cast<uint32_t>(first), kind, entries, payload);
  ROLLPROOF_TRY(file_->write_at(first * kSectorBytes, batch));
  ROLLPROOF_TRY(file_->sync());
  const std::lock_guard lock(mutex_);
  advance(static_cast<uint32_t>(first + count - 1), entries, kind);
  return {};
}

Status Journal::State::commit_in_new_segment(BatchKind kind, uint32_t entries, std::string_view payload) {
  Segment ending = segments_.back();
  SegmentHeader header = next_header(world_, &ending, options_.segment_bytes, sectors_for(payload.size()));
  const std::string batch = encode_batch(header.salt, 1, kind, entries, payload);
  header.durable = static_cast<uint32_t>(batch.size() / kSectorBytes);
  ROLLPROOF_TRY(create_segment(world_.files, directory_, header, batch));
  ROLLPROOF_TRY(write_end_mark(world_.files, ending));
  ROLLPROOF_TRY(file_->close());
  const std::lock_guard lock(mutex_);
  segments_.back().ended = true;
  segments_.push_back(
      Segment{.path = os::join(directory_, segment_name(header.number)), .header = header, .last = header.first_position - 1});
  ROLLPROOF_TRY(open_last());
  advance(header.durable, entries, kind);
  return {};
}

Status Journal::State::usable() const {
  if (failed_) return fail(Code::refused, "an earlier append to the journal failed", directory_, "Run `rollproof recover`: it decides from the disk.");
  if (closed_) return fail(Code::refused, "the journal is closed", directory_);
  return {};
}

Error Journal::State::unknown(const Error& cause) const {
  return Error{Code::outcome_unknown, "journal append: " + cause.message, cause.path.empty() ? directory_ : cause.path,
               cause.code == Code::no_space ? "Make room, then run `rollproof recover`: it decides from the disk." : "Run `rollproof recover`: it decides from the disk."};
}

// Writes everything that is waiting as one batch. REQUIRES: the mutex is held and nobody leads.
void Journal::State::lead(std::unique_lock<std::mutex>& lock) {
  // Also when memory runs out in here, nobody is left waiting for a leader that is gone.
  struct Leadership {
    State& state;
    std::vector<Waiting*> group;
    Status outcome = fail(Code::internal, "no memory");
    bool no_memory = true;
    ~Leadership() {
      if (!outcome) state.failed_ = true;
      Position position = state.segments_.back().last;
      for (Waiting* waiting : group) position -= waiting->entries;
      for (Waiting* waiting : group) {
        position += waiting->entries;
        if (outcome) waiting->outcome = position;
        if (!outcome && !no_memory) waiting->outcome = fail(state.unknown(outcome.error()));
        waiting->done = true;
      }
      state.leading_ = false;
      state.changed_.notify_all();
    }
  };
  Leadership leadership{*this, {}};
  leading_ = true;
  leadership.group.reserve(queue_.size());
  uint64_t bytes = 0;
  uint32_t entries = 0;
  while (!queue_.empty() && (leadership.group.empty() || bytes + queue_.front()->payload.size() <= kMaxGroupBytes)) {
    bytes += queue_.front()->payload.size();
    entries += queue_.front()->entries;
    leadership.group.push_back(queue_.front());
    queue_.pop_front();
  }
  lock.unlock();
  try {
    if (leadership.group.size() == 1) {
      leadership.outcome = commit(BatchKind::entries, entries, leadership.group.front()->payload);
    } else {
      std::string payload;
      payload.reserve(bytes);
      for (const Waiting* waiting : leadership.group) payload += waiting->payload;
      leadership.outcome = commit(BatchKind::entries, entries, payload);
    }
    leadership.no_memory = false;
  } catch (...) {
    lock.lock();
    throw;
  }
  lock.lock();
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(os::World& world, const std::string& directory, const Options& options, const Visitor& visit) {
  ROLLPROOF_TRY(check_options(options));
  ROLLPROOF_ASSIGN(Chain chain, scan(world.files, directory));
  auto state = std::make_unique<State>(world, directory, options);
  ROLLPROOF_TRY(state->start(std::move(chain)));
  for (const Segment& segment : state->segments_) ROLLPROOF_TRY(visit_segment(world.files, segment, 0, visit));
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Result<Position> Journal::append(std::vector<NewEntry> entries) {
  Waiting mine;
  ROLLPROOF_ASSIGN(mine.payload, frames_of(entries));
  mine.entries = static_cast<uint32_t>(entries.size());
  std::unique_lock lock(state_->mutex_);
  ROLLPROOF_TRY(state_->usable());
  if (entries.empty()) return state_->segments_.back().last;
  // However this call ends, the queue does not keep its address.
  struct Queued {
    std::deque<Waiting*>& queue;
    Waiting* waiting;
    ~Queued() { std::erase(queue, waiting); }
  };
  state_->queue_.push_back(&mine);
  const Queued queued{state_->queue_, &mine};
  while (!mine.done) {
    if (state_->leading_) {
      state_->changed_.wait(lock);
    } else if (auto usable = state_->usable(); !usable) {
      // The group before this one failed: this one was never written.
      return fail(std::move(usable).error());
    } else {
      state_->lead(lock);
    }
  }
  return mine.outcome;
}

Status Journal::check_usable() const {
  const std::lock_guard lock(state_->mutex_);
  return state_->usable();
}

Status Journal::read(Position after, const Visitor& visit) const {
  std::vector<Segment> segments;
  {
    const std::lock_guard lock(state_->mutex_);
    ROLLPROOF_TRY(state_->usable());
    for (const Segment& segment : state_->segments_) {
      if (segment.last > after) segments.push_back(segment);
    }
  }
  for (const Segment& segment : segments) ROLLPROOF_TRY(visit_segment(state_->world_.files, segment, after, visit));
  return {};
}

Position Journal::last() const {
  const std::lock_guard lock(state_->mutex_);
  return state_->segments_.back().last;
}

bool Journal::was_clean() const { return state_->was_clean_; }

Status Journal::close() {
  std::unique_lock lock(state_->mutex_);
  state_->changed_.wait(lock, [&] { return !state_->leading_ && state_->queue_.empty(); });
  ROLLPROOF_TRY(state_->usable());
  state_->closed_ = true;
  const bool sealed = state_->sealed_;
  lock.unlock();
  if (!sealed) {
    if (auto done = state_->commit(BatchKind::seal, 0, {}); !done) return fail(state_->unknown(done.error()));
  }
  return state_->file_->close();
}

}  // namespace rollproof::journal
