#include "lib/store/unified_json/space_files.h"

#include <fmt/format.h>

#include "lib/os/paths.h"
#include "lib/store/unified_json/writer.h"

namespace rollproof::store::unified_json {

namespace {

constexpr uint64_t kBytesPerChange = 128;  // of the map and its strings, beside key and value

Entry entry_of(const SpaceFiles::Overlay::value_type& change) {
  if (change.second == nullptr) return Entry{change.first, true, {}, Form::raw};
  return Entry{change.first, false, *change.second, form_of(*change.second)};
}

class OverlayWalker final : public Walker {
 public:
  explicit OverlayWalker(SpaceFiles::Overlay overlay) : overlay_(std::move(overlay)), at_(overlay_.begin()) {}
  Result<bool> next(Entry& out) override {
    if (at_ == overlay_.end()) return false;
    out = entry_of(*at_);
    ++at_;
    return true;
  }

 private:
  const SpaceFiles::Overlay overlay_;
  SpaceFiles::Overlay::const_iterator at_;
};

// The newest entry of each place; removals hide what is older and are not given.
class MergeWalker final : public Walker {
 public:
  explicit MergeWalker(std::vector<std::unique_ptr<Walker>> newest_first) {
    for (auto& walker : newest_first) heads_.push_back({std::move(walker), {}, false});
  }

  Result<bool> next(Entry& out) override {
    if (!started_) {
      for (Head& head : heads_) ROLLPROOF_TRY(advance(head));
      started_ = true;
    }
    for (;;) {
      Head* least = nullptr;
      for (Head& head : heads_) {
        if (head.there && (least == nullptr || head.entry.place < least->entry.place)) least = &head;
      }
      if (least == nullptr) return false;
      out = std::move(least->entry);
      ROLLPROOF_TRY(advance(*least));
      for (Head& head : heads_) {
        if (head.there && head.entry.place == out.place) ROLLPROOF_TRY(advance(head));
      }
      if (!out.removed) return true;
    }
  }

 private:
  struct Head {
    std::unique_ptr<Walker> walker;
    Entry entry;
    bool there;
  };
  static Status advance(Head& head) {
    ROLLPROOF_ASSIGN(head.there, head.walker->next(head.entry));
    return {};
  }
  std::vector<Head> heads_;
  bool started_ = false;
};

}  // namespace

std::string SpaceFiles::path() const { return os::join(directory_, space_ + std::string(kSuffix)); }

Status SpaceFiles::read_file() {
  ROLLPROOF_ASSIGN(file_, Sealed::read(files_, path(), space_));
  empty_ = file_->records() == 0;
  return {};
}

void SpaceFiles::change(Place place, std::shared_ptr<const std::string> value, uint64_t& overlay_bytes) {
  const auto size = [](const Place& place, const auto& value) { return place.key.size() + (value == nullptr ? 0 : value->size()) + kBytesPerChange; };
  overlay_bytes += size(place, value);
  const auto [at, added] = overlay_.try_emplace(std::move(place));
  if (!added) overlay_bytes -= size(at->first, at->second);
  at->second = std::move(value);
}

Result<std::optional<std::string>> SpaceFiles::get(const Place& place) const {
  if (const auto found = overlay_.find(place); found != overlay_.end()) {
    if (found->second == nullptr) return std::nullopt;
    return *found->second;
  }
  for (size_t i = runs_.size() + 1; i-- > 0;) {
    const Sealed* file = i > 0 ? runs_[i - 1].get() : file_.get();
    if (file == nullptr) continue;
    ROLLPROOF_ASSIGN(auto entry, file->get(place));
    if (!entry) continue;
    if (entry->removed) return std::nullopt;
    return std::move(entry->value);
  }
  return std::nullopt;
}

std::unique_ptr<Walker> SpaceFiles::walk() const {
  std::vector<std::unique_ptr<Walker>> newest_first;
  newest_first.push_back(std::make_unique<OverlayWalker>(overlay_));
  for (size_t i = runs_.size(); i-- > 0;) newest_first.push_back(runs_[i]->walk());
  if (file_ != nullptr) newest_first.push_back(file_->walk());
  return std::make_unique<MergeWalker>(std::move(newest_first));
}

Status SpaceFiles::write_run() {
  if (overlay_.empty()) return {};
  const std::string name = fmt::format("{}.run-{}{}", space_, ++runs_made_, kTemporarySuffix);
  const std::string path = os::join(directory_, name);
  ROLLPROOF_ASSIGN(auto writer, FileWriter::create(files_, path, space_, true));
  for (const auto& change : overlay_) {
    ROLLPROOF_TRY(writer.add(entry_of(change)));
  }
  ROLLPROOF_ASSIGN(auto facts, writer.finish());
  ROLLPROOF_ASSIGN(auto run, Sealed::take(files_, path, std::move(facts)));
  runs_.push_back(std::move(run));
  overlay_.clear();
  return {};
}

Result<bool> SpaceFiles::fold(bool keep_empty) {
  const auto walker = walk();
  Entry entry;
  ROLLPROOF_ASSIGN(bool more, walker->next(entry));
  empty_ = !more;
  const bool writes = more || keep_empty;
  if (writes) {
    const std::string beside = os::join(directory_, space_ + std::string(kTemporarySuffix));
    ROLLPROOF_ASSIGN(auto writer, FileWriter::create(files_, beside, space_, false));
    while (more) {
      ROLLPROOF_TRY(writer.add(entry));
      ROLLPROOF_ASSIGN(more, walker->next(entry));
    }
    ROLLPROOF_ASSIGN(auto facts, writer.finish());
    ROLLPROOF_TRY(files_.rename(beside, path()));
    ROLLPROOF_ASSIGN(file_, Sealed::take(files_, path(), std::move(facts)));
    outdated_ = false;
  } else {
    outdated_ = is_on_disk();
    file_.reset();
  }
  for (const auto& run : runs_) ROLLPROOF_TRY(files_.remove(run->path()));
  runs_.clear();
  overlay_.clear();
  return writes;
}

Status SpaceFiles::remove_file() {
  file_.reset();
  outdated_ = false;
  return files_.remove(path());
}

}  // namespace rollproof::store::unified_json
