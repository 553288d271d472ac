// The state folder, or its journal, is put back from an older copy while the stores stay: what it does not know must not count as another program's.
#include <filesystem>

#include <gmock/gmock.h>

#include "lib/incident/audit.h"
#include "lib/migrate/target_claim.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class OlderJournal : public ::testing::Test {
 protected:
  std::string state() const { return fs::path(given.config()).parent_path() / ".rollproof"; }
  std::string kept(const std::string& name) const { return fs::path(given.config()).parent_path() / name; }
  void keep(const std::string& name) { fs::copy(state(), kept(name), fs::copy_options::recursive); }
  void put_back(const std::string& name, const char* part = "") {
    fs::remove_all(fs::path(state()) / part);
    fs::copy(fs::path(kept(name)) / part, fs::path(state()) / part, fs::copy_options::recursive);
  }
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(given.config()).parent_path())) {
      if (entry.is_regular_file() && entry.path().filename() != "lock") found[entry.path()] = *os::read_file(given.world().files, entry.path());
    }
    return found;
  }
  // Whatever is typed says so, and changes nothing.
  void expect_safe_stop(const std::string& text) {
    const auto before = files();
    const auto config = migrate::read_config(given.world().files, given.config());
    ASSERT_TRUE(config);
    const auto looked = migrate::view_ledger(given.world(), *config);
    ASSERT_FALSE(looked);
    EXPECT_EQ(looked.error().code, Code::needs_person) << looked.error().to_string();
    EXPECT_THAT(looked.error().message, HasSubstr(text));
    for (const Status& answer : {given.put("56-Too", "{}"), given.rollback_to(std::nullopt), given.migrate_through(Phase::cutover)}) {
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().code, Code::needs_person) << answer.error().to_string();
      EXPECT_THAT(answer.error().message, HasSubstr(text));
      EXPECT_THAT(answer.error().hint, HasSubstr("ut the newer journal in the place of this one"));
    }
    EXPECT_EQ(files(), before);
  }

  mutable Workspace given;
};

TEST_F(OlderJournal, IsASafeStop_FromWhateverMomentBeforeAWriteBehindTheCutover) {
  const Phase all[] = {Phase::validate, Phase::dual_write, Phase::copy, Phase::prove, Phase::cutover};
  for (const Phase phase : all) {
    ASSERT_TRUE(given.migrate_through(phase));
    keep(std::string(name_of(phase)));
  }
  ASSERT_TRUE(given.put("56-New", "{}"));
  keep("newest");
  for (const Phase phase : all) {
    put_back(std::string(name_of(phase)));
    expect_safe_stop("the target tells of entry");
  }
  put_back("newest");
  ASSERT_TRUE(given.put("56-Newer", "{}"));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  Records expected = given.original;
  expected["56-New"] = expected["56-Newer"] = "{}";
  expect_as_before(given, expected);
}

TEST_F(OlderJournal, IsASafeStop_FromBeforeTheCutover) {
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  keep("prove");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  put_back("prove");
  expect_safe_stop("the target tells of entry");
}

TEST_F(OlderJournal, IsASafeStop_WhereTheTrailHasStayed) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  keep("before");
  ASSERT_TRUE(given.put("56-New", "{}"));
  put_back("before", "journal");
  expect_safe_stop("the audit trail tells of entry");
}

TEST_F(OlderJournal, IsASafeStop_FromBeforeTheEndOfItsMigration) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  const std::string id = given.look().migration;
  keep("cutover");
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  ASSERT_TRUE(given.put("56-New", "{}"));
  keep("ended");
  put_back("cutover");
  expect_safe_stop("neither the configuration nor the target carries it");
  put_back("ended");
  Records expected = given.original;
  expected["56-New"] = "{}";
  expect_as_before(given, expected);
  // A person may know better: then the hint leads on.
  put_back("cutover");
  ASSERT_TRUE(os::replace_file(given.world().files, given.config(), "{\"migration_id\": \"" + id + "\"," + given.config_text.substr(given.config_text.find('{') + 1)));
  EXPECT_TRUE(given.look().active);
}

TEST_F(OlderJournal, IsASafeStop_AlsoWhereTheSourceAnswersAgain) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  keep("cutover");
  ASSERT_TRUE(given.rollback_to(Phase::prove));
  ASSERT_TRUE(given.put("56-New", "{}"));
  put_back("cutover");
  expect_safe_stop("the target tells of entry");
}

TEST_F(OlderJournal, IsASafeStop_WhereACommandWasAtWorkWhenItWasCopied) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    ASSERT_TRUE(migrate::begin_operation(**session, {{"type", "operation_begin"}, {"operation", "migrate"}, {"operation_id", "op"}, {"through", "prove"}, {"reason", "test"}}));
    auto router = (*session)->need_router();
    ASSERT_TRUE(router);
    ASSERT_TRUE((*router)->write({{record::Change::Kind::put, "56-New", "1"}}));
  }
  keep("killed");
  ASSERT_TRUE(recover(given.world(), given.config(), {}));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  ASSERT_TRUE(given.put("56-New", "2"));
  put_back("killed");
  const auto answer = given.put("56-Too", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::needs_person) << answer.error().to_string();
  EXPECT_EQ(given.read("leveldb", given.source()).at("56-New"), "2");
}

// Each alone is nothing, and both together are none as long as the source shows that nobody has written.
TEST_F(OlderJournal, IsNotSuspected_WhereTheConfigurationLostTheIdAndTheTargetIsAway) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(os::replace_file(given.world().files, given.config(), given.config_text));
  fs::rename(given.target(), given.target() + ".away");
  EXPECT_TRUE(given.look().active);
  const auto written = given.put("56-New", "{}");
  EXPECT_TRUE(written) << written.error().to_string();
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-New"));
}

TEST_F(OlderJournal, IsNotSuspected_WhereTheConfigurationNamesOtherStores) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  std::string other = given.config_text;
  other.replace(other.find("out\""), 4, "other\"");
  ASSERT_TRUE(os::replace_file(given.world().files, given.config(), other));
  const auto answer = given.put("56-New", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::refused);
  EXPECT_THAT(answer.error().message, HasSubstr("names other stores"));
}

TEST_F(OlderJournal, IsToldByAMarkerThatWasLost_FromTheNextWriteOn) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.world().files.remove(given.target() + "/" + migrate::kMarkerFile));
  ASSERT_TRUE(given.put("56-New", "{}"));
  keep("before");
  ASSERT_TRUE(given.put("56-Newer", "{}"));
  put_back("before");
  expect_safe_stop("the target tells of entry");
}

TEST_F(OlderJournal, IsTakenForTheNewest_WhenAPersonHasDecidedSo) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  keep("cutover");
  ASSERT_TRUE(given.put("56-New", "{}"));
  put_back("cutover");
  ASSERT_TRUE(given.world().files.remove(given.target() + "/" + migrate::kMarkerFile));
  const auto answer = given.put("56-Too", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::refused) << answer.error().to_string();
}

TEST_F(OlderJournal, IsNotSuspected_WhereTheMarkerIsDamagedOrOlder) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  const std::string marker = given.target() + "/" + migrate::kMarkerFile;
  const std::string early = *os::read_file(given.world().files, marker);
  ASSERT_TRUE(given.put("56-New", "{}"));
  const std::string late = *os::read_file(given.world().files, marker);
  EXPECT_NE(early, late);
  for (size_t at = 0; at < late.size(); ++at) {
    std::string damaged = late;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_TRUE(os::replace_file(given.world().files, marker, damaged));
    EXPECT_TRUE(given.look().active);
  }
  ASSERT_TRUE(os::replace_file(given.world().files, marker, early));
  ASSERT_TRUE(given.put("56-Newer", "{}"));
  EXPECT_NE(*os::read_file(given.world().files, marker), early) << "what it tells of is brought up to date";
  ASSERT_TRUE(given.rollback_to(std::nullopt));
}

TEST(EndOfAudit, IsToldByASoundLastLineOnly) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  auto& files = given.world().files;
  const std::string path = given.state(migrate::kAuditFile), sound = *os::read_file(files, path);
  const auto verdict = incident::verify_audit(files, path);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(*incident::end_of_audit(files, path), verdict->last);
  for (const std::string& damaged : {std::string(), sound.substr(0, sound.size() - 1), sound + "\n", sound + "{}\n", sound + "{\"previous\":1}\n", std::string("\n")}) {
    ASSERT_TRUE(os::replace_file(files, path, damaged));
    EXPECT_EQ(*incident::end_of_audit(files, path), 0u) << damaged.size();
  }
  const size_t last = sound.rfind('\n', sound.size() - 2) + 1;
  for (size_t at = last; at < sound.size(); ++at) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_TRUE(os::replace_file(files, path, damaged));
    EXPECT_EQ(*incident::end_of_audit(files, path), 0u) << at;
  }
  ASSERT_TRUE(os::replace_file(files, path, sound.substr(last)));
  EXPECT_EQ(*incident::end_of_audit(files, path), verdict->last);
  ASSERT_TRUE(files.remove(path));
  EXPECT_EQ(*incident::end_of_audit(files, path), 0u);
}

}  // namespace
}  // namespace rollproof::rollback
