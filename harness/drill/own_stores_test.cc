// A drill on the user's own stores: what is copied, what is refused, and that the originals stay as they are.
#include "harness/drill/own_stores.h"

#include <gmock/gmock.h>

#include "harness/drill/completeness.h"
#include "harness/drill/drill.h"
#include "harness/drill/own_folder_test.h"
#include "harness/drill/run_record.h"
#include "lib/migrate/migrate.h"
#include "lib/store/store.h"

namespace rollproof::drill {
namespace {

using testing::HasSubstr;

constexpr const char* kStandard = ROLLPROOF_SOURCE_DIR "/scenarios/standard";

DrillOptions sparse(Result<OwnStores>& own) {
  Profile profile = *Profile::named("catch");
  profile.whole_every = profile.none_every = profile.torn_every = profile.single_every = profile.single_back_every = 4096;
  profile.part_every = profile.sector_every = profile.suffix_every = profile.random_every = 1 << 20;
  profile.death_every = profile.death_back_every = profile.io_every = profile.io_from_every = profile.look_every = profile.look_from_every = 4096;
  profile.intruder_every = profile.damage_every = profile.damage_dead_every = 1 << 20;
  profile.second_firsts = 0;
  return {.profile = profile, .own = std::make_shared<const OwnStores>(std::move(*own))};
}

// A disk on which another program writes into a file whenever it is opened.
class Meddled final : public os::FileSystem {
 public:
  explicit Meddled(std::string file) : file_(std::move(file)) {}
  Result<std::unique_ptr<os::File>> open_read(const std::string& path) override {
    auto opened = below_.open_read(path);
    if (path == file_) std::ofstream(path, std::ios::app) << "\n";
    return opened;
  }
  Result<os::Info> stat(const std::string& path) override { return below_.stat(path); }
  Result<std::vector<std::string>> list(const std::string& path) override { return below_.list(path); }
  Result<std::optional<std::string>> lock_holder(const std::string& path) override { return below_.lock_holder(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return below_.free_bytes(path); }
  Result<std::unique_ptr<os::File>> open_write(const std::string& path) override { return changed(path); }
  Result<std::unique_ptr<os::File>> create(const std::string& path) override { return changed(path); }
  Result<std::unique_ptr<os::File>> create_new(const std::string& path) override { return changed(path); }
  Status rename(const std::string& from, const std::string&) override { return changed(from); }
  Status remove(const std::string& path) override { return changed(path); }
  Status make_directory(const std::string& path) override { return changed(path); }
  Status remove_directory(const std::string& path) override { return changed(path); }
  Status sync_directory(const std::string& path) override { return changed(path); }
  Result<std::unique_ptr<os::FileLock>> lock(const std::string& path, const std::string&) override { return changed(path); }

 private:
  static tl::unexpected<Error> changed(const std::string& path) { return fail(Code::internal, "a drill changes no file", path); }
  os::PosixFileSystem below_;
  std::string file_;
};

TEST(OwnStores, StandardStoriesPassOnACopy_AndTheOriginalsAreAsTheyWere) {
  Folder folder;
  const std::string before = folder.state();
  auto own = folder.read();
  ASSERT_TRUE(own) << own.error().to_string();
  EXPECT_TRUE(own->whole);
  EXPECT_EQ(own->records, 28u);
  EXPECT_EQ(own->spaces.at("test"), 2u);
  const auto stories = stories_on(*own, kStandard);
  ASSERT_TRUE(stories) << stories.error().to_string();
  const std::string sha256 = own->sha256;
  const DrillOptions options = sparse(own);
  const auto outcome = run_drill(*stories, options, {});
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(outcome->exit_code(), 0);
  EXPECT_EQ(outcome->controls.size(), stories->size());
  const Completeness steps = completeness_of(*outcome);
  EXPECT_EQ(steps.complete, steps.steps) << to_text(steps);
  EXPECT_GT(steps.steps, 80u);
  EXPECT_EQ(*digest_of_originals(folder.world(), options.own->config), sha256);
  EXPECT_EQ(folder.state(), before);
}

TEST(OwnStores, WritesOfTheStoriesGoIntoTheSpacesOfTheData) {
  Folder folder;
  const auto own = folder.read();
  ASSERT_TRUE(own);
  const auto& keys = own->ground.options.keys;
  EXPECT_THAT(own->ground.start.read("source/000018.log").value_or("") + own->ground.start.read("source/000017.ldb").value_or(""), testing::Not(HasSubstr("RollproofDrill")));
  EXPECT_THAT(own->new_key, testing::MatchesRegex("[0-9]+-RollproofDrillNew"));
  EXPECT_NE(own->new_key.substr(0, own->new_key.find('-')), own->second_key.substr(0, own->second_key.find('-')));
  const auto stories = stories_on(*own, kStandard);
  ASSERT_TRUE(stories);
  for (const Story& story : *stories) {
    for (const auto& command : story.before) EXPECT_EQ(command.argument.find('{'), std::string::npos) << story.name;
    for (const auto& command : story.drilled) EXPECT_EQ(command.argument.find('{'), std::string::npos) << story.name;
  }
  EXPECT_FALSE(keys.existing.empty());
}

TEST(OwnStores, ASourceThatIsTooLargeIsSampled_OneRecordOfEachSpaceAtLeast_AndItIsSaid) {
  Folder folder;
  const std::string before = folder.state();
  auto own = folder.read(2048);
  ASSERT_TRUE(own) << own.error().to_string();
  EXPECT_FALSE(own->whole);
  EXPECT_EQ(own->records, 28u);
  EXPECT_LT(own->drilled_records, 20u);
  EXPECT_GE(own->drilled_records, own->spaces.size());
  const auto stories = stories_on(*own, kStandard);
  DrillOptions options = sparse(own);
  options.control_only = true;
  auto outcome = run_drill(*stories, options, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code(), 0);
  outcome->originals_after = options.own->sha256;
  const auto record = record_of(*outcome, options, {});
  EXPECT_EQ(record.at("subject").at("drilled").at("whole"), false);
  EXPECT_EQ(record.at("subject").at("found").at("records"), 28);
  EXPECT_EQ(folder.state(), before);
}

TEST(OwnStores, NetworkFilesAreDrilledWhole_OrRefused) {
  Folder folder("network-json:./db", "unified-json:./out", "network-files");
  auto own = folder.read();
  ASSERT_TRUE(own) << own.error().to_string();
  const auto stories = stories_on(*own, kStandard);
  DrillOptions options = sparse(own);
  options.control_only = true;
  const auto outcome = run_drill(*stories, options, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code(), 0);
  const auto refused = folder.read(100);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
}

TEST(OwnStores, AreRefused_WhenAnotherProcessHasTheDatabaseOpen) {
  Folder folder;
  os::PosixWorld other;
  const auto open = store::open(other.world(), {"leveldb", folder.path("db")}, {});
  ASSERT_TRUE(open);
  const auto own = folder.read();
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().code, Code::locked);
  EXPECT_THAT(own.error().message, HasSubstr("another process has the database open"));
}

TEST(OwnStores, AreRefused_WhenAMigrationIsUnderWay) {
  Folder folder;
  auto session = migrate::Session::open(folder.world(), folder.config(), {});
  ASSERT_TRUE(session);
  EXPECT_EQ(folder.read().error().code, Code::locked);
  ASSERT_TRUE(migrate::migrate(**session, {migrate::Phase::validate, "test"}));
  ASSERT_TRUE((*session)->close());
  session->reset();
  const auto own = folder.read();
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().code, Code::refused);
  EXPECT_THAT(own.error().hint, HasSubstr("can-rollback"));
}

TEST(OwnStores, AreRefused_WhenTheyChangeWhileTheyAreCopied) {
  Folder folder("network-json:./db", "unified-json:./out", "network-files");
  Meddled files(folder.path("./db/config-bsctestnet.json"));
  os::PosixWorld posix;
  os::World world = posix.with_files(files);
  const auto own = read_own_stores(world, folder.config(), {});
  ASSERT_FALSE(own);
  // This file is another one at each read, which two reads in a row show before the digests do.
  EXPECT_THAT(own.error().hint, HasSubstr("Stop the program that writes to"));
}

TEST(OwnStores, AreRefused_WhenNothingCouldBegin) {
  Folder folder;
  std::filesystem::create_directory(folder.path("full"));
  std::filesystem::copy(folder.path("db"), folder.path("full"), std::filesystem::copy_options::recursive);
  folder.write(R"({"source": "leveldb:./db", "target": "leveldb:./full"})");
  EXPECT_EQ(folder.read().error().code, Code::refused);
  folder.write(R"({"source": "leveldb:./nothing", "target": "unified-json:./out"})");
  EXPECT_EQ(folder.read().error().code, Code::invalid);
  folder.write(R"({"source": "leveldb:./db", "target": "unified-json:./out"})");
  std::fstream(folder.path("db/000013.ldb"), std::ios::in | std::ios::out | std::ios::binary).seekp(700).put('\xff');
  const auto damaged = folder.read();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::refused);
  EXPECT_THAT(damaged.error().message, HasSubstr("damaged"));
}

}  // namespace
}  // namespace rollproof::drill
