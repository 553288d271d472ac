#include "lib/rollback/exchange_in_place.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::rollback {
namespace {

using Files = std::map<std::string, std::string>;

class ExchangeInPlaceTest : public ::testing::Test {
 protected:
  void put(const std::string& folder, const Files& files) {
    for (const auto& [name, text] : files) {
      const std::string path = os::join(scratch_ / folder, name);
      std::filesystem::create_directories(os::parent_of(path));
      std::ofstream(path) << text;
    }
  }
  Files in(const std::string& folder) {
    Files found;
    const auto names = os::files_below(posix_.world().files, scratch_ / folder);
    for (const std::string& name : *names) found[name] = *os::read_file(posix_.world().files, os::join(scratch_ / folder, name), 1 << 20);
    return found;
  }
  Result<std::string> exchange() { return exchange_in_place(posix_.world(), scratch_ / "db", scratch_ / "db.ready", scratch_ / "db.aside"); }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  const Files before_{{"000005.ldb", "damaged"}, {"CURRENT", "one"}, {"rollproof-obsolete/000003.log", "old"}};
  const Files good_{{"000007.ldb", "good"}, {"CURRENT", "two"}};
};

TEST_F(ExchangeInPlaceTest, KeepsWhatWasThere_AndPutsTheGoodOneIntoTheSameFolder) {
  put("db", before_);
  put("db.ready", good_);
  std::filesystem::create_directories(scratch_ / "db/lost+found");
  const auto identity = posix_.world().files.stat(scratch_ / "db")->identity;
  ASSERT_TRUE(exchange());
  EXPECT_EQ(in("db"), good_);
  EXPECT_EQ(in("db.aside"), before_);
  EXPECT_EQ(in("db.ready"), good_) << "it goes when the exchange is journaled";
  EXPECT_EQ(posix_.world().files.stat(scratch_ / "db")->identity, identity);
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "db/lost+found")) << "the folder's owner's";
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "db/rollproof-obsolete"));
  ASSERT_TRUE(exchange()) << "once more";
  EXPECT_EQ(in("db"), good_);
  EXPECT_EQ(in("db.aside"), before_);
}

TEST_F(ExchangeInPlaceTest, ChangesNothing_WhereNothingIsReady) {
  put("db", before_);
  const auto refused = exchange();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_found);
  EXPECT_EQ(in("db"), before_);
}

TEST_F(ExchangeInPlaceTest, GoesOnBehindAnAttemptThatWasCutShort) {
  put("db", {{"000005.ldb", "damaged"}, {"CURRENT", "two"}, {"000007.ldb.rollproof-coming", "go"}});
  put("db.ready", good_);
  put("db.aside", before_);
  put("db.aside.partial", {{"CURRENT", "o"}});
  ASSERT_TRUE(exchange());
  EXPECT_EQ(in("db"), good_);
  EXPECT_EQ(in("db.aside"), before_);
}

TEST_F(ExchangeInPlaceTest, KeepsWhatAnotherProgramWroteMeanwhile_OrWhatIsNotInAFolderThatHasTakenTheName) {
  const Files theirs{{"000005.ldb", "another"}, {"CURRENT", "one"}, {"rollproof-obsolete/000003.log", "old"}};
  put("db", before_);
  put("db.ready", good_);
  put("db.aside", theirs);
  const auto kept_too = exchange();
  ASSERT_TRUE(kept_too) << kept_too.error().to_string();
  EXPECT_EQ(*kept_too, scratch_ / "db.aside-2");
  EXPECT_EQ(in("db"), good_);
  EXPECT_EQ(in("db.aside"), theirs);
  EXPECT_EQ(in("db.aside-2"), (Files{{"000005.ldb", "damaged"}}));
  // And once more behind that: the name alone does not say that it is kept.
  put("db", {{"000007.ldb", "written over"}, {"theirs.json", "{}"}});
  const auto again = exchange();
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(*again, scratch_ / "db.aside-3");
  EXPECT_EQ(in("db"), good_);
  EXPECT_EQ(in("db.aside-3"), (Files{{"000007.ldb", "written over"}, {"CURRENT", "two"}, {"theirs.json", "{}"}})) << "whole, where no other copy has anything of it";
  const auto settled = exchange();
  ASSERT_TRUE(settled);
  EXPECT_EQ(*settled, scratch_ / "db.aside-3") << "an attempt before has made it, and may have died before it could say so";
  std::filesystem::remove_all(scratch_ / "db.aside-3");
  put("", {{"db.aside-3", "a file"}});
  put("db", {{"more.json", "{}"}});
  const auto behind_a_file = exchange();
  ASSERT_TRUE(behind_a_file) << behind_a_file.error().to_string();
  EXPECT_EQ(*behind_a_file, scratch_ / "db.aside-4");
}

}  // namespace
}  // namespace rollproof::rollback
