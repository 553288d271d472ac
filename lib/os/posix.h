// The real disk: FileSystem over POSIX calls. No state of its own, so any number of objects may be used at once.
//
// Codes: ENOENT not_found, EEXIST already_exists, ENOSPC and EDQUOT no_space, EACCES, EPERM and EROFS no_permission,
// everything else io. Messages read "write of 512 bytes at 1024: No space left on device"; Error::path names the file.
// Calls that a signal interrupts are repeated, short reads and writes are continued, descriptors do not survive exec.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/os/file_system.h"

namespace rollproof::os {

class PosixFileSystem final : public FileSystem {
 public:
  // A directory is refused with io by all four.
  Result<std::unique_ptr<File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<File>> open_write(const std::string& path) override;
  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> create_new(const std::string& path) override;

  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;

  // Follows symbolic links. One that leads nowhere is there, as Kind::other: it can be removed, and create_new finds it.
  Result<Info> stat(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<uint64_t> free_bytes(const std::string& path) override;

  // Mode, owner, group and the access control list, if there is one; no other extended attributes. Without the right to give a group away the
  // group may do what everybody may, at most.
  Status take_access(const std::string& path, const std::string& like) override;
  // Code::io after 40 links.
  Result<std::string> behind_links(const std::string& path) override;

  // An OFD lock: it excludes other processes and other calls of this process, and ends with its owner however that dies.
  // A child forked while the lock is held shares it until the child has ended or called exec.
  // A holder may remove the file as its last act: whoever was waiting on the removed file notices and starts again.
  // Removing the file of somebody else's lock gives up exclusion; nothing here does that.
  // Local file systems only.
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::string& holder) override;
  Result<std::optional<std::string>> lock_holder(const std::string& path) override;
};

// The error for a failed call: code by `error_number` as above, message "what: reason".
Error error_of_errno(int error_number, const std::string& what, const std::string& path);

}  // namespace rollproof::os
