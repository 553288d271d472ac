#include "lib/store/unified_json/json_store.h"

#include <algorithm>

#include "lib/store/unified_json/mark_text.h"

namespace rollproof::store::unified_json {

namespace {

class WalkCursor final : public record::Cursor {
 public:
  explicit WalkCursor(std::vector<std::unique_ptr<Walker>> walkers) : walkers_(std::move(walkers)) {}
  Result<bool> next(record::Record& out) override {
    for (; at_ < walkers_.size(); ++at_) {
      Entry entry;
      ROLLPROOF_ASSIGN(const bool more, walkers_[at_]->next(entry));
      if (!more) continue;
      out.key = std::move(entry.place.key);
      out.value = std::move(entry.value);
      return true;
    }
    return false;
  }

 private:
  std::vector<std::unique_ptr<Walker>> walkers_;
  size_t at_ = 0;
};

}  // namespace

Status JsonStore::usable() const {
  if (!broken_) return {};
  return fail(Code::refused, "the store is not usable any more: " + broken_->message, directory_);
}

Status JsonStore::remember(Status outcome) {
  if (!outcome) broken_ = outcome.error();
  return outcome;
}

Result<std::optional<std::string>> JsonStore::get(std::string_view key) {
  ROLLPROOF_TRY(usable());
  return find(place_of(key));
}

Result<std::unique_ptr<record::Cursor>> JsonStore::scan() {
  ROLLPROOF_TRY(usable());
  std::vector<std::unique_ptr<Walker>> walkers;
  for (const auto& stage : stages()) {
    for (const Part* part : stage) walkers.push_back(part->walk());
  }
  return std::make_unique<WalkCursor>(std::move(walkers));
}

Status JsonStore::apply(const record::Batch& batch) {
  if (read_only_) return fail(Code::refused, "the store was opened for reading", directory_);
  ROLLPROOF_TRY(usable());
  for (const record::Change& one : batch) ROLLPROOF_TRY(remember(change(one)));
  if (overlay_bytes_ <= tuning_.overlay_bytes_max) return {};
  return remember(write_runs());
}

Result<Mark> JsonStore::checkpoint() {
  ROLLPROOF_TRY(usable());
  if (!read_only_) ROLLPROOF_TRY(remember(fold_all()));
  return mark();
}

Result<Mark> JsonStore::close() {
  auto mark = checkpoint();
  if (mark) broken_ = Error{Code::refused, "the store is closed", directory_};
  return mark;
}

// The first file of the store, in the order of its parts, which is that of their names within a stage.
void JsonStore::show_neighbour() {
  std::vector<Part*> parts;
  for (const auto& stage : stages()) parts.insert(parts.end(), stage.begin(), stage.end());
  const auto there = std::find_if(parts.begin(), parts.end(), [](const Part* part) { return part->is_on_disk(); });
  if (there == parts.end()) return;
  for (Part* part : parts) part->set_neighbour((*there)->path());
}

Status JsonStore::write_runs() {
  show_neighbour();
  bool full = false;
  for (const auto& stage : stages()) {
    for (Part* part : stage) {
      ROLLPROOF_TRY(part->write_run());
      full = full || part->runs() >= tuning_.runs_max;
    }
  }
  overlay_bytes_ = 0;
  return full ? fold_all() : Status{};
}

Status JsonStore::fold_all() {
  show_neighbour();
  ROLLPROOF_TRY(before_fold());
  bool renamed = false;
  for (const auto& stage : stages()) {
    if (renamed) ROLLPROOF_TRY(files_.sync_directory(directory_));
    renamed = false;
    for (Part* part : stage) {
      if (part->changed()) {
        ROLLPROOF_ASSIGN(const bool one, part->fold(is_kept(*part)));
        renamed = renamed || one;
      }
    }
  }
  overlay_bytes_ = 0;
  const bool nothing = all_empty();
  if (nothing && !marker().has_file()) {
    ROLLPROOF_ASSIGN(const bool one, marker().fold(true));
    renamed = renamed || one;
  }
  if (renamed) ROLLPROOF_TRY(files_.sync_directory(directory_));
  // Only now: until the new names are durable these are the last files that say what the store is.
  return remove_files_not_needed(nothing);
}

Status JsonStore::remove_files_not_needed(bool nothing) {
  bool removed = false;
  keeps_ = false;
  for (const auto& stage : stages()) {
    for (Part* part : stage) {
      if (!part->is_empty() || !part->is_on_disk() || (nothing && part == &marker())) continue;
      if (is_kept(*part)) {
        keeps_ = true;
        continue;
      }
      ROLLPROOF_TRY(part->remove_file());
      removed = true;
    }
  }
  return removed ? files_.sync_directory(directory_) : Status{};
}

bool JsonStore::all_empty() {
  for (const auto& stage : stages()) {
    for (const Part* part : stage) {
      if (!part->is_empty()) return false;
    }
  }
  return true;
}

Status JsonStore::take_mark(const Mark& mark) {
  ROLLPROOF_ASSIGN(const auto files, files_of_mark(mark));
  marked_ = {files.begin(), files.end()};
  return {};
}

Status JsonStore::marked() {
  if (read_only_) return {};
  ROLLPROOF_TRY(take_mark(mark()));
  return keeps_ ? remember(remove_files_not_needed(all_empty())) : Status{};
}

Mark JsonStore::mark() {
  Mark text;
  const bool nothing = all_empty();
  for (const auto& stage : stages()) {
    for (const Part* part : stage) {
      // A file that only waits to be removed is none that has to be there.
      if (part->has_file() && (!part->is_empty() || (nothing && part == &marker()))) text += part->mark_line();
    }
  }
  return text;
}

}  // namespace rollproof::store::unified_json
