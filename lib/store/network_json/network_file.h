// One network file while its store is open: an index over the file on disk, and a part that folds changes into its text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/os/file_system.h"
#include "lib/store/network_json/network_text.h"
#include "lib/store/unified_json/part.h"

namespace rollproof::store::network_json {

using unified_json::Entry;
using unified_json::Place;

inline constexpr std::string_view kTemporarySuffix = ".rollproof.json.tmp";
inline constexpr uint64_t kFileBytesMax = 1ull << 30;  // of one network file: it is read as a whole

// The contracts of a file, by key. The file itself stays on disk: about 150 bytes of memory for each contract. The checksums are of
// what was there when the file was read, so that what rots afterwards is seen.
class Indexed final : public unified_json::Stored, public std::enable_shared_from_this<Indexed> {
 public:
  struct Slot {
    Place place;
    uint64_t offset = 0;
    uint64_t length = 0;
    uint32_t crc = 0;
  };
  struct Facts {
    uint64_t chain = 0;
    std::vector<Slot> slots;
    uint64_t size = 0;
    std::string sha256;
    bool ours = false;  // nothing in it but contracts and what we write around them
  };

  // Null: the file belongs to somebody else. Code::corruption as read_network_text(), with the path.
  static Result<std::shared_ptr<const Indexed>> read(os::FileSystem& files, const std::string& path);
  // Takes a file that has just been written.
  static Result<std::shared_ptr<const Indexed>> take(os::FileSystem& files, const std::string& path, Facts facts);

  Result<std::optional<Entry>> get(const Place& place) const override;
  std::unique_ptr<unified_json::Walker> walk() const override;

  const Slot* find(const Place& place) const;  // null if there is none
  const Facts& facts() const { return facts_; }

  Indexed(std::string path, std::unique_ptr<os::File> file, Facts facts) : path_(std::move(path)), file_(std::move(file)), facts_(std::move(facts)) {}

 private:
  friend class IndexedWalker;
  Result<Entry> load(const Slot& slot) const;

  const std::string path_;
  const std::unique_ptr<os::File> file_;
  const Facts facts_;
};

class NetworkFile final : public unified_json::Part {
 public:
  NetworkFile(os::FileSystem& files, std::string directory, uint64_t chain, std::string name);

  void take(std::shared_ptr<const Indexed> indexed);
  // As take(), of a file that an interruption has left: if nothing is in it but what we write around contracts, it is not needed.
  void take_left(std::shared_ptr<const Indexed> indexed);
  // A file that holds anything but contracts of ours is kept, however few of them are left.
  Result<bool> fold(bool keep_empty) override;
  // Writes what was put and leaves out nothing; all changes are still to be folded. True if a name has changed.
  Result<bool> fold_puts();
  Status remove_file() override;
  std::string mark_line() const override;
  const Indexed* indexed() const { return indexed_.get(); }

 private:
  // Null: no contract is left, the file would be as we begin one, and it is not to be kept.
  Result<std::shared_ptr<const Indexed>> write(bool removals, bool keep_empty);
  bool holds_nothing() const { return indexed_ == nullptr || (indexed_->facts().slots.empty() && indexed_->facts().ours); }
  Result<std::string> text_again() const;
  Result<bool> any_left(const NetworkText& network, bool removals) const;
  Result<std::optional<Entry>> change_of(const std::string& contract) const;

  const uint64_t chain_;
  std::shared_ptr<const Indexed> indexed_;  // what stored_ is
};

}  // namespace rollproof::store::network_json
