#include "lib/migrate/user_check.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

Result<std::vector<UserCheck>> read(const char* text) { return read_user_checks(nlohmann::json::parse(text), "rollproof.json"); }

TEST(ReadUserChecks, TakesTextsAndObjects) {
  const auto checks = read(R"(["true", {"name": "smoke", "command": "make smoke", "timeout_s": 5, "when": ["prove", "rollback"]}])");
  ASSERT_TRUE(checks) << checks.error().to_string();
  ASSERT_EQ(checks->size(), 2u);
  EXPECT_EQ((*checks)[0].name, "true");
  EXPECT_EQ((*checks)[1].timeout_ms, 5000);
  EXPECT_EQ((*checks)[1].when.size(), 2u);
}

TEST(ReadUserChecks, RefusesWhatIsNoCheck_AndSaysWhichAndHow) {
  for (const char* text : {"{}", "[1]", R"([""])", R"([{}])", R"([{"command": 1}])", R"(["true", {"command": "a", "wen": []}])", R"([{"command": "a", "timeout_s": 0}])",
                           R"([{"command": "a", "timeout_s": -1}])", R"([{"command": "a", "when": []}])", R"([{"command": "a", "when": ["copy"]}])", R"([{"command": "a", "name": 3}])"}) {
    const auto checks = read(text);
    ASSERT_FALSE(checks) << text;
    EXPECT_EQ(checks.error().code, Code::invalid) << text;
    EXPECT_FALSE(checks.error().hint.empty()) << text;
  }
}

// A small migration with checks, on a real disk.
class UserChecks : public ::testing::Test {
 protected:
  Status migrate_with(const std::string& checks) {
    {
      auto store = store::open(posix_.world(), {"leveldb", scratch_ / "db"}, {.create = true});
      EXPECT_TRUE(store);
      EXPECT_TRUE((*store)->apply({{record::Change::Kind::put, "56-LookCoin", "{\"a\":1}"}}));
      EXPECT_TRUE((*store)->close());
    }
    EXPECT_TRUE(os::replace_file(posix_.world().files, config_, R"({"source": "leveldb:db", "target": "unified-json:out", "checks": )" + checks + "}"));
    return again();
  }
  Status again() {
    ROLLPROOF_ASSIGN(auto session, Session::open(posix_.world(), config_, {}));
    auto outcome = migrate(*session, {Phase::cutover, "test"});
    facts = session->state().facts;
    auto closed = session->close();
    return outcome ? closed : outcome;
  }

  os::PosixWorld posix_{true};
  os::ScratchDirectory scratch_;
  const std::string config_ = scratch_ / "rollproof.json";
  std::map<std::string, Json> facts;
};

TEST_F(UserChecks, RunOnACopyOfTheTarget_AndMayDoWhatTheyLikeWithIt) {
  const auto outcome = migrate_with(R"(["ls $ROLLPROOF_STORE_PATH && rm -r $ROLLPROOF_STORE_PATH && echo $ROLLPROOF_STORE_KIND $ROLLPROOF_PHASE"])");
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  const Json& check = facts.at("prove/checks").at("checks").at(0);
  EXPECT_NE(check.at("output_end").get<std::string>().find("unified-json prove"), std::string::npos) << check.dump();
  EXPECT_EQ(check.at("exit_code"), 0);
  EXPECT_TRUE(*os::exists(posix_.world().files, scratch_ / "out"));
  EXPECT_FALSE(*os::exists(posix_.world().files, scratch_ / ".rollproof/check-copy"));
}

TEST_F(UserChecks, StopTheMigrationBeforeTheCutover_WhenOneFails_AndItGoesOnWhenMended) {
  const auto outcome = migrate_with(R"(["echo three records are missing; test -e mended", "true"])");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::refused);
  EXPECT_NE(outcome.error().message.find("three records are missing"), std::string::npos) << outcome.error().message;
  EXPECT_FALSE(*os::exists(posix_.world().files, scratch_ / ".rollproof/check-copy"));
  ASSERT_TRUE(os::replace_file(posix_.world().files, scratch_ / "mended", ""));
  const auto later = again();
  EXPECT_TRUE(later) << later.error().to_string();
}

TEST_F(UserChecks, AreEnded_WhenTheyHang) {
  const auto outcome = migrate_with(R"([{"command": "sleep 1000", "timeout_s": 1}])");
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("did not end within 1 s"), std::string::npos) << outcome.error().message;
}

TEST_F(UserChecks, MayPrintAMegabyte_OfAnyBytes) {
  const auto outcome = migrate_with(R"(["head -c 1000000 /dev/urandom"])");
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(facts.at("prove/checks").at("checks").at(0).at("output_bytes"), 1000000);
}

}  // namespace
}  // namespace rollproof::migrate
