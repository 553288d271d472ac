// What the stores of JSON files have in common: changes collect in the parts, a checkpoint folds them into the files.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/store/store.h"
#include "lib/store/unified_json/part.h"

namespace rollproof::store::unified_json {

struct Tuning {
  uint64_t overlay_bytes_max = 64 << 20;  // changes held in memory before they become runs. Smaller: more runs
  size_t runs_max = 32;                   // of one part before it is folded. Larger: more open files
};

// One thread at a time; a cursor is its own snapshot and may outlive changes and close().
// After a failed change, checkpoint or close every call is refused: what is in memory may no longer be what is on disk.
class JsonStore : public Store {
 public:
  JsonStore(os::FileSystem& files, std::string directory, bool read_only, const Tuning& tuning)
      : files_(files), directory_(std::move(directory)), read_only_(read_only), tuning_(tuning) {}

  Result<std::optional<std::string>> get(std::string_view key) final;
  Result<std::unique_ptr<record::Cursor>> scan() final;
  Status apply(const record::Batch& batch) final;
  Result<Mark> checkpoint() final;
  Result<Mark> close() final;
  Status marked() final;
  bool keeps_for_old_mark() const final { return keeps_; }
  std::string why_not_representable(const record::Record&) const final { return {}; }

  Mark mark();  // as of the last fold
  // The durable mark that the caller has; without one no file is kept for a mark.
  Status take_mark(const Mark& mark);

 protected:
  // Every part. The names of one stage's files are durable before the next stage is folded.
  virtual std::vector<std::vector<Part*>> stages() = 0;
  // The part whose file, without entries, says that the store is there when it holds no record.
  virtual Part& marker() = 0;
  virtual Result<std::optional<std::string>> find(const Place& place) = 0;
  virtual Status change(const record::Change& change) = 0;
  virtual Status before_fold() { return {}; }

  os::FileSystem& files_;
  const std::string directory_;
  uint64_t overlay_bytes_ = 0;

 private:
  Status usable() const;
  Status remember(Status outcome);
  void show_neighbour();
  Status write_runs();
  Status fold_all();
  Status remove_files_not_needed(bool nothing);
  bool all_empty();
  bool is_kept(const Part& part) const { return marked_.contains(part.file_name()); }

  const bool read_only_;
  const Tuning tuning_;
  std::optional<Error> broken_;
  std::set<std::string> marked_;  // files that the durable mark names
  bool keeps_ = false;            // some of them hold no record any more
};

}  // namespace rollproof::store::unified_json
