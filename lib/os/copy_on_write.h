// The door for commands that only read: the file system below can not be changed through it, whatever its users do.
//
// Reads go through; every write, creation, rename, removal, directory change and sync stays in memory and is seen by later
// calls on this object only. The file system below sees open_read, stat, list and free_bytes, nothing else; but one file for changed
// blocks that memory may not hold, where the caller names a place for it.
// Nothing of a file is copied but the 4 KiB blocks that are changed; a rename of a file or a whole tree is an alias.
// Errors have the codes that the real disk would give, but for permissions to write, which are not asked for.
//
// Files that nobody opened for writing keep following the file system below, renamed ones under their old name; the
// others keep what they showed when they were first opened for writing.
// A path is what its text says: one directory under two names (absolute and relative, or through a link) is two here.
// preallocate and truncate take no memory; a later write into them may still be no_space.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/os/file_system.h"
#include "lib/os/overlay_file.h"

namespace rollproof::os {

class CopyOnWriteFileSystem final : public FileSystem {
 public:
  // `below` must outlive this object and every file opened through it. Changed blocks beyond `memory_bytes_max` go to a file that is made
  // at `spill_path`, in a folder that exists, and unlinked at once; without a path they are refused with no_space.
  explicit CopyOnWriteFileSystem(FileSystem& below, uint64_t memory_bytes_max = uint64_t{1} << 30, std::string spill_path = "");
  ~CopyOnWriteFileSystem() override;

  Result<std::unique_ptr<File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<File>> open_write(const std::string& path) override;
  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> create_new(const std::string& path) override;

  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;

  Result<Info> stat(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<uint64_t> free_bytes(const std::string& path) override;

  // Excludes other locks taken through this object, and nobody else: a holder on the disk neither notices nor hinders.
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::string& holder) override;
  // Of a lock taken through this object, otherwise of the one on the disk.
  Result<std::optional<std::string>> lock_holder(const std::string& path) override;

  // Memory, and space on the disk below, taken by changed blocks.
  uint64_t memory_bytes() const { return blocks_->memory_bytes(); }
  uint64_t spilled_bytes() const { return blocks_->spilled_bytes(); }

 private:
  struct Directory;
  struct Entry;
  struct Place;
  struct HeldLocks;

  Result<Entry> find(Directory& directory, const std::string& name);
  Result<Entry> entry_at(const std::string& path, const char* what);
  Result<std::shared_ptr<Directory>> directory_at(const std::vector<std::string>& parts, bool absolute, const char* what,
                                                  const std::string& path);
  Result<Place> place_of(const std::string& path, const char* what);
  Result<std::vector<std::string>> names_in(Directory& directory);
  Result<std::unique_ptr<File>> open_entry(Place& place, const Entry& entry, bool writable, const std::string& path);
  Result<std::unique_ptr<File>> create_in(Place& place, const std::string& path);
  std::shared_ptr<OverlayFile> file_of(Directory& directory, const std::string& name, const Entry& entry);
  void put(Directory& directory, const std::string& name, Entry entry);

  FileSystem& below_;
  const std::shared_ptr<BlockStore> blocks_;
  const std::shared_ptr<HeldLocks> locks_;
  std::mutex mutex_;  // over the tree of names
  std::shared_ptr<Directory> absolute_root_;
  std::shared_ptr<Directory> relative_root_;
  uint64_t identities_given_ = 0;
};

}  // namespace rollproof::os
