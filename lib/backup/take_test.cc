#include "lib/backup/take.h"

#include <stdlib.h>

#include "lib/backup/ground_test.h"
#include "lib/backup/list.h"
#include "lib/backup/verify.h"

namespace rollproof::backup {
namespace {

using TakeTest = BackupTest;

TEST_F(TakeTest, CopiesEverything_SoThatSha256sumAgrees) {
  const auto before = contents(source());
  const Backup backup = taken();
  EXPECT_EQ(contents(source()), before) << "reading never writes";
  EXPECT_EQ(backup.position, 7u);
  const auto held = contents(backup.path);
  for (const auto& [name, bytes] : before) {
    const bool left_out = name == "LOCK" || name == "LOG";
    ASSERT_EQ(held.contains("leveldb/current/" + name), !left_out) << name;
    if (left_out) continue;
    EXPECT_EQ(held.at("leveldb/current/" + name), bytes) << name;
  }
  EXPECT_EQ(held.at("legacy-json/bsc.json"), "{\"a\": 1}\n");
  EXPECT_EQ(held.at("legacy-json/old/odd \\ name.json"), "{broken");
  EXPECT_EQ(held.at("configuration/rollproof.json"), "// comments are allowed\n{}\n");
  EXPECT_EQ(::system(("cd '" + backup.path + "' && sha256sum --quiet --strict -c checksums/SHA256SUMS").c_str()), 0);
  const auto sums = parse_checksums(held.at(kChecksumsFile));
  ASSERT_TRUE(sums);
  EXPECT_EQ(sums->size(), held.size() - 1) << "every file but itself";
  const auto report = verify(world_.world(), backup.path, Depth::records);
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->records, 28u);
  EXPECT_EQ(report->manifest.source.records, 28u);
}

TEST_F(TakeTest, SharesNoFileWithTheSource) {
  const Backup backup = taken();
  auto& files = world_.world().files;
  EXPECT_NE(files.stat(source() + "/CURRENT")->identity, files.stat(backup.path + "/leveldb/current/CURRENT")->identity);
}

TEST_F(TakeTest, ReturnsTheFinishedOne_WhenCalledAgain) {
  const Backup first = taken();
  const auto before = contents(first.path);
  EXPECT_EQ(taken().path, first.path);
  EXPECT_EQ(contents(first.path), before);
  EXPECT_NE(taken("m-2").path, first.path) << "another migration has a backup of its own";
  EXPECT_EQ(list(world_.world(), request().root)->size(), 2u);
}

TEST_F(TakeTest, TakesAnother_WhenTheFinishedOneIsDamaged_OrTheRecordsChanged) {
  const Backup first = taken();
  write(first.path + "/leveldb/current/CURRENT", "MANIFEST-000099\n");
  const Backup second = taken();
  EXPECT_NE(second.path, first.path);
  EXPECT_EQ(read(first.path + "/leveldb/current/CURRENT"), "MANIFEST-000099\n") << "the damaged one is evidence";
  {
    auto store = store::open(world_.world(), {"leveldb", source()}, {});
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->apply({{record::Change::Kind::put, "56-New", "{}"}}));
    ASSERT_TRUE((*store)->close());
  }
  const Backup third = taken();
  EXPECT_NE(third.path, second.path);
  EXPECT_EQ(verify(world_.world(), third.path, Depth::records)->records, 29u);
}

TEST_F(TakeTest, IsWholeOrNotThere_WhereverTheProcessDies) {
  // A small source: every one of these deaths costs two whole backups.
  ASSERT_TRUE(store::destroy(world_.world(), {"leveldb", source()}));
  {
    auto store = store::open(world_.world(), {"leveldb", source()}, {.create = true});
    ASSERT_TRUE(store) << store.error().to_string();
    ASSERT_TRUE((*store)->apply({{record::Change::Kind::put, "56-Token", "{}"}}));
    ASSERT_TRUE((*store)->close());
  }
  const Backup other = taken("other");
  const auto others_bytes = contents(other.path);
  int died = 0;
  for (int k = 0;; ++k) {
    MortalFileSystem files(world_.world().files);
    files.dies_at = k;
    os::World world = world_.with_files(files);
    const std::string migration = "m-" + std::to_string(k);
    const auto first = take(world, request(migration));
    // No one but the finished ones, and they are sound.
    const auto finished = list(world_.world(), request().root).value();
    for (const Listed& item : finished) ASSERT_EQ(item.problem, "") << "died at " << k;
    const Backup again = taken(migration);
    ASSERT_TRUE(verify(world_.world(), again.path, Depth::records)) << "died at " << k;
    const auto listed = list(world_.world(), request().root).value();
    ASSERT_EQ(listed.size(), 2u) << "died at " << k << ": exactly one of this migration";
    const auto names = world_.world().files.list(request().root).value();
    for (const auto& name : names) ASSERT_FALSE(name.starts_with(".")) << name << ", died at " << k;
    ASSERT_EQ(contents(other.path), others_bytes);
    ASSERT_TRUE(os::remove_tree(world_.world().files, again.path));
    if (first) break;
    ++died;
  }
  EXPECT_GT(died, 20);
}

TEST_F(TakeTest, HasSyncedEverything_BeforeTheFolderGetsItsName) {
  MortalFileSystem files(world_.world().files);
  std::set<std::string> at_rename{"no rename happened"};
  files.before_call = [&](const std::string& call, const std::string&) {
    if (call == "rename") at_rename = files.unsynced;
  };
  os::World world = world_.with_files(files);
  ASSERT_TRUE(take(world, request()));
  at_rename.erase(request().root);  // it holds the folder's name, which is only now made durable
  EXPECT_EQ(at_rename, std::set<std::string>{});
  EXPECT_EQ(files.unsynced, std::set<std::string>{});
}

TEST_F(TakeTest, LeavesARunningAttemptAlone_AndClearsADeadOne) {
  auto& files = world_.world().files;
  ASSERT_TRUE(os::make_directories(files, request().root + "/.rollproof-partial-alive"));
  ASSERT_TRUE(os::make_directories(files, request().root + "/.rollproof-partial-dead/leveldb"));
  const auto lock = files.lock(request().root + "/.rollproof-partial-alive/.taking", "");
  ASSERT_TRUE(lock);
  EXPECT_TRUE(*has_leftovers(world_.world(), request().root));
  taken();
  EXPECT_TRUE(*os::exists(files, request().root + "/.rollproof-partial-alive"));
  EXPECT_FALSE(*os::exists(files, request().root + "/.rollproof-partial-dead"));
  EXPECT_FALSE(*has_leftovers(world_.world(), request().root)) << "somebody is at work on the other";
}

TEST_F(TakeTest, Refuses_WhenTheStoreChangesWhileItIsCopied) {
  MortalFileSystem files(world_.world().files);
  bool changed = false;
  files.before_call = [&](const std::string& call, const std::string& path) {
    if (changed || call != "create" || !path.ends_with("MANIFEST-000016")) return;
    changed = true;
    const std::string log = source() + "/000018.log";
    write(log, read(log) + "x");
  };
  os::World world = world_.with_files(files);
  const auto backup = take(world, request());
  ASSERT_TRUE(changed);
  ASSERT_FALSE(backup);
  EXPECT_EQ(backup.error().code, Code::refused);
  EXPECT_EQ(list(world_.world(), request().root)->size(), 0u);
  EXPECT_TRUE(world_.world().files.list(request().root)->empty()) << "nothing is left over";
}

TEST_F(TakeTest, HoldsTheTargetToo_WhenThereIsOne) {
  Request both = request();
  both.target = store::Where{"leveldb", scratch_ / "target"};
  const auto without = take(world_.world(), both);
  ASSERT_TRUE(without);
  EXPECT_FALSE(list(world_.world(), both.root)->front().manifest->target) << "an absent target is no error";
  std::filesystem::copy(ROLLPROOF_SOURCE_DIR "/fixtures/hostile", scratch_ / "target", std::filesystem::copy_options::recursive);
  both.migration_id = "m-2";
  const auto with = take(world_.world(), both);
  ASSERT_TRUE(with) << with.error().to_string();
  const auto report = verify(world_.world(), with->path, Depth::records);
  ASSERT_TRUE(report) << report.error().to_string();
  ASSERT_TRUE(report->manifest.target);
  EXPECT_GT(report->manifest.target->records, 0u);
}

TEST_F(TakeTest, RefusesWhatItCanNotDo_BeforeAnythingIsCopied) {
  const auto code_of = [&](auto change) {
    Request wrong = request();
    change(wrong);
    const auto backup = take(world_.world(), wrong);
    return backup ? Code::internal : backup.error().code;
  };
  EXPECT_EQ(code_of([](Request& r) { r.migration_id = "../m"; }), Code::invalid);
  EXPECT_EQ(code_of([](Request& r) { r.migration_id = ""; }), Code::invalid);
  EXPECT_EQ(code_of([&](Request& r) { r.root = source() + "/backups"; }), Code::invalid);
  EXPECT_EQ(code_of([&](Request& r) { r.legacy_json = scratch_.path(); }), Code::invalid) << "the backups lie in it";
  EXPECT_EQ(code_of([&](Request& r) { r.legacy_json = scratch_ / "absent"; }), Code::not_found);
  EXPECT_EQ(code_of([&](Request& r) { r.source.path = scratch_ / "absent"; }), Code::not_found);
  EXPECT_EQ(code_of([&](Request& r) { r.more_configuration = {r.configuration}; }), Code::refused) << "two files of one name";
  write(scratch_ / "legacy/line\nbreak.json", "{}");
  EXPECT_EQ(code_of([](Request&) {}), Code::refused);
  EXPECT_TRUE(list(world_.world(), request().root)->empty());
}

}  // namespace
}  // namespace rollproof::backup
