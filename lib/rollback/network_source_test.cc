// The way back to a folder of network files, which hold more than records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "lib/migrate/config.h"
#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"
#include "lib/rollback/rollback.h"

namespace rollproof::rollback {
namespace {

using migrate::Session;

class NetworkSource : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(os::make_directories(files_, source_));
    write("bscmainnet.json", "{\"deployer\":\"0xAb\",\"contracts\":{\"LookCoin\" : {\"n\":0.10}},\"chainId\":56}\r\n");
    write("basesepolia.json", "{\n  \"chainId\": 84532,\n  \"contracts\": {\n    \"LookCoin\": 1\n  }\n}");
    write("config-bscmainnet.json", "{\"chainId\": 56}");
    ASSERT_TRUE(os::replace_file(files_, config_, migrate::render_config({"network-json", "deployments"}, {"unified-json", "out"})));
    before_ = files();
  }

  void write(const std::string& name, const std::string& bytes) { ASSERT_TRUE(os::replace_file(files_, os::join(source_, name), bytes)); }

  std::map<std::string, std::string> files() {
    std::map<std::string, std::string> all;
    for (const std::string& name : files_.list(source_).value_or(std::vector<std::string>{})) all[name] = *os::read_file(files_, os::join(source_, name));
    return all;
  }

  Status in_session(const std::function<Status(Session&)>& work) {
    ROLLPROOF_ASSIGN(auto session, Session::open(posix_.world(), config_, {}));
    auto outcome = work(*session);
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status cut_over() {
    return in_session([](Session& session) { return migrate::migrate(session, {migrate::Phase::cutover, "test"}); });
  }
  Status roll_back() {
    return in_session([](Session& session) { return rollback(session, {std::nullopt, "test"}); });
  }
  Status put(const std::string& key) {
    return in_session([&](Session& session) -> Status {
      ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router());
      return router->write({{record::Change::Kind::put, key, "{}"}});
    });
  }
  // The one file of that name in the backups.
  std::string in_backup(const std::string& name) {
    const std::string backups = scratch_ / "backups";
    for (const std::string& file : os::files_below(files_, backups).value_or(std::vector<std::string>{})) {
      if (os::name_of_path(file) == name) return os::join(backups, file);
    }
    return "";
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  os::FileSystem& files_ = posix_.world().files;
  const std::string source_ = scratch_ / "deployments", config_ = scratch_ / "rollproof.json";
  std::map<std::string, std::string> before_;
};

TEST_F(NetworkSource, HasItsOldBytes_WhereNothingWasWritten) {
  ASSERT_TRUE(cut_over());
  ASSERT_TRUE(put("56-New"));
  auto outcome = roll_back();
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  before_["bscmainnet.json"] = "{\"deployer\":\"0xAb\",\"contracts\":{\"LookCoin\" : {\"n\":0.10},\"New\" : {}},\"chainId\":56}\r\n";
  EXPECT_EQ(files(), before_);
}

TEST_F(NetworkSource, IsReplacedFromTheBackupWithWhatIsNoRecord_WhenItIsDamaged) {
  ASSERT_TRUE(cut_over());
  EXPECT_NE(in_backup("config-bscmainnet.json"), "");
  write("basesepolia.json", "{");
  auto outcome = roll_back();
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(files(), before_);
}

TEST_F(NetworkSource, IsNotReplacedFromTheTargetWhichHoldsRecordsOnly) {
  ASSERT_TRUE(cut_over());
  write("basesepolia.json", "{");
  const std::string copy = in_backup("bscmainnet.json");
  const std::string sound = *os::read_file(files_, copy);
  ASSERT_TRUE(os::replace_file(files_, copy, "{"));
  const auto damaged = files();
  const auto outcome = roll_back();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::needs_person) << outcome.error().to_string();
  EXPECT_THAT(outcome.error().message, ::testing::HasSubstr("records"));
  EXPECT_EQ(files(), damaged);
  ASSERT_TRUE(os::replace_file(files_, copy, sound));
  const auto again = roll_back();
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(files(), before_);
}

}  // namespace
}  // namespace rollproof::rollback
