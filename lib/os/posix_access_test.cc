// Mode, owner and group of what takes the place of a file of somebody's, and links.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::os {
namespace {

constexpr uid_t kSomebody = 4711;
constexpr gid_t kTheirGroup = 4712;

class PosixAccess : public ::testing::Test {
 protected:
  void write(const std::string& path, mode_t mode) {
    auto file = files_.create(path);
    ASSERT_TRUE(file && (*file)->write_at(0, "old"));
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  static struct stat of(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info;
  }
  static mode_t mode_of(const std::string& path) { return of(path).st_mode & 07777; }

  ScratchDirectory scratch_;
  PosixFileSystem files_;
  const std::string old_ = scratch_ / "old";
  const std::string made_ = scratch_ / "made";
};

TEST_F(PosixAccess, GivesTheMode_WiderOrNarrowerThanTheUmask) {
  for (const mode_t mode : {0600, 0640, 0666, 0444, 0755}) {
    write(old_, mode);
    write(made_, 0644);
    ASSERT_TRUE(files_.take_access(made_, old_));
    EXPECT_EQ(mode_of(made_), mode);
    ASSERT_TRUE(files_.remove(old_) && files_.remove(made_));
  }
}

TEST_F(PosixAccess, DoesNothing_WhenThereIsNoneToTakeItFrom) {
  write(made_, 0640);
  EXPECT_TRUE(files_.take_access(made_, scratch_ / "absent"));
  EXPECT_EQ(mode_of(made_), 0640u);
  const auto lost = files_.take_access(scratch_ / "absent", made_);
  ASSERT_FALSE(lost) << "what the caller has made has to be there";
  EXPECT_EQ(lost.error().code, Code::not_found);
}

TEST_F(PosixAccess, GivesOwnerAndGroup_WhereTheSystemAllowsIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "only the superuser gives files away";
  write(old_, 0640);
  write(made_, 0644);
  ASSERT_EQ(::chown(old_.c_str(), kSomebody, kTheirGroup), 0);
  ASSERT_TRUE(files_.take_access(made_, old_));
  EXPECT_EQ(of(made_).st_uid, kSomebody);
  EXPECT_EQ(of(made_).st_gid, kTheirGroup);
  EXPECT_EQ(mode_of(made_), 0640u);
}

TEST_F(PosixAccess, OpensNothingToAnotherGroup_WhereItMayNotGiveTheFileAway) {
  if (::geteuid() != 0) GTEST_SKIP() << "the old file has to be somebody else's";
  write(old_, 0664);
  ASSERT_EQ(::chown(old_.c_str(), 0, kTheirGroup), 0);
  ASSERT_EQ(::chmod(scratch_.path().c_str(), 0777), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    bool good = ::setgid(kSomebody) == 0 && ::setuid(kSomebody) == 0;
    good = good && files_.create(made_).has_value() && files_.take_access(made_, old_).has_value();
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(of(made_).st_gid, kSomebody);
  EXPECT_EQ(mode_of(made_), 0644u) << "what the old group might write is not for another one";
}

TEST_F(PosixAccess, TakesTheAccessControlListAlong) {
  write(old_, 0600);
  write(made_, 0644);
  // The second version of the format: owner rw, user 4711 r, group none, mask r, others none.
  const std::array<uint8_t, 44> list = {2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 0x67, 0x12, 0, 0, 4, 0,
                                        0, 0, 255, 255, 255, 255, 16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255};
  if (::setxattr(old_.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) != 0) GTEST_SKIP() << "no lists on this file system";
  ASSERT_EQ(mode_of(old_), 0640u) << "the mask shows as the group";
  ASSERT_TRUE(files_.take_access(made_, old_));
  std::array<uint8_t, 64> found;
  ASSERT_EQ(::getxattr(made_.c_str(), "system.posix_acl_access", found.data(), found.size()), static_cast<ssize_t>(list.size()));
  EXPECT_TRUE(std::equal(list.begin(), list.end(), found.begin()));
}

TEST_F(PosixAccess, FollowsLinksToTheirEnd_WhateverIsThere) {
  std::filesystem::create_directories(scratch_ / "etc/deep");
  std::filesystem::create_symlink("etc/second", scratch_ / "first");
  std::filesystem::create_symlink("deep/file", scratch_ / "etc/second");
  EXPECT_EQ(*files_.behind_links(scratch_ / "first"), scratch_ / "etc/deep/file") << "nothing is there yet";
  write(scratch_ / "etc/deep/file", 0600);
  EXPECT_EQ(*files_.behind_links(scratch_ / "first"), scratch_ / "etc/deep/file");
  EXPECT_EQ(*files_.behind_links(scratch_ / "etc/deep/file"), scratch_ / "etc/deep/file");
  std::filesystem::create_symlink(scratch_ / "etc/second", scratch_ / "absolute");
  EXPECT_EQ(*files_.behind_links(scratch_ / "absolute"), scratch_ / "etc/deep/file");
  std::filesystem::create_symlink("round", scratch_ / "round");
  const auto round = files_.behind_links(scratch_ / "round");
  ASSERT_FALSE(round);
  EXPECT_EQ(round.error().code, Code::io);
}

TEST_F(PosixAccess, ReplacingAFileKeepsItsModeAndItsOwner) {
  write(old_, 0600);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(old_.c_str(), kSomebody, kTheirGroup), 0);
  }
  const struct stat before = of(old_);
  ASSERT_TRUE(replace_file(files_, old_, "new"));
  EXPECT_EQ(*read_file(files_, old_), "new");
  const struct stat after = of(old_);
  EXPECT_NE(after.st_ino, before.st_ino) << "replaced, not written into";
  EXPECT_EQ(after.st_mode, before.st_mode);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
}

TEST_F(PosixAccess, ReplacingALinkReplacesWhatItLeadsTo) {
  std::filesystem::create_directory(scratch_ / "etc");
  write(scratch_ / "etc/real", 0640);
  std::filesystem::create_symlink("etc/real", scratch_ / "link");
  EXPECT_EQ(*temporary_of(files_, scratch_ / "link"), scratch_ / "etc/real.tmp");
  ASSERT_TRUE(replace_file(files_, scratch_ / "link", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(scratch_ / "link"));
  EXPECT_EQ(*read_file(files_, scratch_ / "etc/real"), "new");
  EXPECT_EQ(mode_of(scratch_ / "etc/real"), 0640u);
  EXPECT_EQ(*files_.list(scratch_.path()), (std::vector<std::string>{"etc", "link"})) << "nothing is left beside the link";
}

}  // namespace
}  // namespace rollproof::os
