// Who may do what with a file that takes the place of another, and where a link leads: the part of PosixFileSystem that is about files of others.
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::os {
namespace {

constexpr int kLinksMax = 40;  // as Linux
constexpr const char* kAccessList = "system.posix_acl_access";
constexpr size_t kAccessListBytesMax = 64 << 10;

tl::unexpected<Error> failed(const std::string& what, const std::string& path) { return fail(error_of_errno(errno, what, path)); }

// Only the superuser gives files away, some file systems have no owners, and some users have no number in this namespace.
bool is_not_for_us() { return errno == EPERM || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS; }

// True: done. False: it is not for this process to do.
Result<bool> give(const std::string& path, uid_t owner, gid_t group) {
  if (::chown(path.c_str(), owner, group) == 0) return true;
  if (is_not_for_us()) return false;
  return failed("change of the owner", path);
}

// As everybody: what a group of the old file might do is nothing for a group of another number.
mode_t without_group(mode_t mode) { return (mode & ~static_cast<mode_t>(S_IRWXG | S_ISGID | S_ISUID)) | ((mode & S_IRWXO) << 3); }

Status set_mode(const std::string& path, mode_t mode) {
  if (::chmod(path.c_str(), mode) == 0 || is_not_for_us()) return {};
  return failed("change of the mode", path);
}

// True: `path` has the list of `like` now, or there is none.
Result<bool> copy_access_list(const std::string& path, const std::string& like) {
  std::string list(kAccessListBytesMax, '\0');
  const ssize_t length = ::getxattr(like.c_str(), kAccessList, list.data(), list.size());
  if (length == -1 && (errno == ENODATA || errno == EOPNOTSUPP)) return true;
  if (length == -1) return failed("reading the access control list", like);
  if (::setxattr(path.c_str(), kAccessList, list.data(), static_cast<size_t>(length), 0) == 0) return true;
  if (is_not_for_us()) return false;
  return failed("change of the access control list", path);
}

}  // namespace

Status PosixFileSystem::take_access(const std::string& path, const std::string& like) {
  struct stat wanted;
  struct stat made;
  if (::stat(like.c_str(), &wanted) == -1) {
    if (errno == ENOENT) return {};
    return failed("stat", like);
  }
  if (::stat(path.c_str(), &made) == -1) return failed("stat", path);
  mode_t mode = wanted.st_mode & 07777;
  bool same_group = made.st_gid == wanted.st_gid;
  if (made.st_uid != wanted.st_uid || !same_group) {
    ROLLPROOF_ASSIGN(const bool all, give(path, wanted.st_uid, wanted.st_gid));
    if (!all) mode &= ~static_cast<mode_t>(S_ISUID);
    if (!all && !same_group) {
      ROLLPROOF_ASSIGN(same_group, give(path, static_cast<uid_t>(-1), wanted.st_gid));
    }
    same_group = same_group || all;
  }
  if (!same_group) return set_mode(path, without_group(mode));
  // Behind the owner: giving a file away takes some bits from it.
  ROLLPROOF_TRY(set_mode(path, mode));
  ROLLPROOF_ASSIGN(const bool listed, copy_access_list(path, like));
  // Where there is a list, the mode shows for the group what anybody on it may do.
  return listed ? Status() : set_mode(path, without_group(mode));
}

Result<std::string> PosixFileSystem::behind_links(const std::string& path) {
  std::string at = path;
  for (int links = 0; links <= kLinksMax; ++links) {
    struct stat found;
    if (::lstat(at.c_str(), &found) == -1) {
      if (errno == ENOENT) return at;
      return failed("stat", at);
    }
    if (!S_ISLNK(found.st_mode)) return at;
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlink(at.c_str(), target.data(), target.size());
    if (length == -1) return failed("reading the link", at);
    target.resize(static_cast<size_t>(length));
    const bool beside_nothing = target.starts_with('/') || at.find('/') == std::string::npos;
    at = beside_nothing ? target : join(parent_of(at), target);
  }
  return fail(error_of_errno(ELOOP, "reading the link", path));
}

}  // namespace rollproof::os
