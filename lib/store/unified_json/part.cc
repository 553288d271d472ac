#include "lib/store/unified_json/part.h"

#include <fmt/format.h>

#include "lib/os/paths.h"
#include "lib/store/unified_json/writer.h"

namespace rollproof::store::unified_json {

namespace {

constexpr uint64_t kBytesPerChange = 128;  // of the map and its strings, beside key and value

Entry entry_of(const Part::Overlay::value_type& change) {
  if (change.second == nullptr) return Entry{change.first, true, {}, Form::raw};
  return Entry{change.first, false, *change.second, form_of(*change.second)};
}

class OverlayWalker final : public Walker {
 public:
  explicit OverlayWalker(Part::Overlay overlay) : overlay_(std::move(overlay)), at_(overlay_.begin()) {}
  Result<bool> next(Entry& out) override {
    if (at_ == overlay_.end()) return false;
    out = entry_of(*at_);
    ++at_;
    return true;
  }

 private:
  const Part::Overlay overlay_;
  Part::Overlay::const_iterator at_;
};

// The newest entry of each place. Removals hide what is older; unless they are asked for they are not given themselves.
class MergeWalker final : public Walker {
 public:
  MergeWalker(std::vector<std::unique_ptr<Walker>> newest_first, bool with_removals) : with_removals_(with_removals) {
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
      if (with_removals_ || !out.removed) return true;
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
  const bool with_removals_;
  bool started_ = false;
};

}  // namespace

std::string Part::path() const { return os::join(directory_, file_name()); }

std::string Part::beside() const { return os::join(directory_, naming_.name + naming_.temporary); }

void Part::change(Place place, std::shared_ptr<const std::string> value, uint64_t& overlay_bytes) {
  const auto size = [](const Place& place, const auto& value) { return place.key.size() + (value == nullptr ? 0 : value->size()) + kBytesPerChange; };
  overlay_bytes += size(place, value);
  const auto [at, added] = overlay_.try_emplace(std::move(place));
  if (!added) overlay_bytes -= size(at->first, at->second);
  at->second = std::move(value);
}

Result<std::optional<Entry>> Part::change_of(const Place& place) const {
  if (const auto found = overlay_.find(place); found != overlay_.end()) return entry_of(*found);
  for (size_t i = runs_.size(); i-- > 0;) {
    ROLLPROOF_ASSIGN(auto entry, runs_[i]->get(place));
    if (entry) return entry;
  }
  return std::optional<Entry>();
}

Result<bool> Part::knows(const Place& place) const {
  ROLLPROOF_ASSIGN(const auto changed, change_of(place));
  if (changed) return true;
  if (stored_ == nullptr) return false;
  ROLLPROOF_ASSIGN(const auto entry, stored_->get(place));
  return entry.has_value();
}

Result<std::optional<std::string>> Part::get(const Place& place) const {
  ROLLPROOF_ASSIGN(auto entry, change_of(place));
  if (!entry && stored_ != nullptr) {
    ROLLPROOF_ASSIGN(entry, stored_->get(place));
  }
  if (!entry || entry->removed) return std::nullopt;
  return std::move(entry->value);
}

std::vector<std::unique_ptr<Walker>> Part::change_walkers() const {
  std::vector<std::unique_ptr<Walker>> newest_first;
  newest_first.push_back(std::make_unique<OverlayWalker>(overlay_));
  for (size_t i = runs_.size(); i-- > 0;) newest_first.push_back(runs_[i]->walk());
  return newest_first;
}

std::unique_ptr<Walker> Part::walk_changes() const { return std::make_unique<MergeWalker>(change_walkers(), true); }

std::unique_ptr<Walker> Part::walk() const {
  auto newest_first = change_walkers();
  if (stored_ != nullptr) newest_first.push_back(stored_->walk());
  return std::make_unique<MergeWalker>(std::move(newest_first), false);
}

Status Part::write_run() {
  if (overlay_.empty()) return {};
  const std::string path = os::join(directory_, fmt::format("{}.run-{}{}", naming_.name, ++runs_made_, naming_.temporary));
  ROLLPROOF_ASSIGN(auto writer, FileWriter::create(files_, path, like(), space_, true));
  for (const auto& change : overlay_) {
    ROLLPROOF_TRY(writer.add(entry_of(change)));
  }
  ROLLPROOF_ASSIGN(auto facts, writer.finish());
  ROLLPROOF_ASSIGN(auto run, Sealed::take(files_, path, std::move(facts)));
  runs_.push_back(std::move(run));
  overlay_.clear();
  return {};
}

Status Part::take_folded(std::shared_ptr<const Stored> stored) {
  outdated_ = stored == nullptr && is_on_disk();
  stored_ = std::move(stored);
  for (const auto& run : runs_) ROLLPROOF_TRY(files_.remove(run->path()));
  runs_.clear();
  overlay_.clear();
  return {};
}

Status Part::remove_file() {
  stored_.reset();
  outdated_ = false;
  return files_.remove(path());
}

}  // namespace rollproof::store::unified_json
