#include "lib/backup/verify.h"

#include "lib/backup/ground_test.h"
#include "lib/backup/list.h"
#include "lib/base/digest.h"

namespace rollproof::backup {
namespace {

class VerifyTest : public BackupTest {
 protected:
  VerifyTest() : path_(taken().path) {}
  std::string in_backup(const std::string& name) { return path_ + "/" + name; }
  Report examined(Depth depth = Depth::records) { return examine(world_.world(), path_, depth).value(); }
  // The files that something is wrong with.
  std::set<std::string> bad(Depth depth = Depth::records) {
    std::set<std::string> files;
    const Report report = examined(depth);
    for (const Problem& problem : report.problems) files.insert(problem.file);
    return files;
  }
  // A manifest that was changed by somebody who also mended the sums.
  void rewrite(const std::function<void(Manifest&)>& change) {
    Manifest manifest = parse_manifest(read(in_backup(kManifestFile))).value();
    change(manifest);
    const std::string text = render(manifest);
    write(in_backup(kManifestFile), text);
    write(in_backup(kChecksumsFile), render_checksums(manifest, text));
  }

  const std::string path_;
};

TEST_F(VerifyTest, ChangesNothing) {
  const auto before = contents(path_);
  for (const Depth depth : {Depth::names, Depth::files, Depth::records}) EXPECT_EQ(bad(depth), std::set<std::string>{});
  EXPECT_EQ(contents(path_), before);
}

TEST_F(VerifyTest, NamesTheFile_WhenAByteIsFlipped_OrItIsCutOrGone) {
  const auto whole = contents(path_);
  for (const auto& [name, bytes] : whole) {
    for (size_t at = 0; at < bytes.size(); at += bytes.size() / 5 + 1) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 2);
      write(in_backup(name), flipped);
      EXPECT_TRUE(bad().contains(name)) << name << ", byte " << at;
      const auto verdict = verify(world_.world(), path_, Depth::files);
      ASSERT_FALSE(verdict) << name << ", byte " << at;
      EXPECT_EQ(verdict.error().code, Code::backup_damaged);
    }
    write(in_backup(name), bytes.substr(0, bytes.size() / 2));
    EXPECT_TRUE(bad(Depth::names).contains(name)) << name << " was cut";
    ASSERT_TRUE(world_.world().files.remove(in_backup(name)));
    EXPECT_TRUE(bad(Depth::names).contains(name)) << name << " is gone";
    EXPECT_EQ(verify(world_.world(), path_, Depth::names).error().path, in_backup(name));
    write(in_backup(name), bytes);
  }
  EXPECT_EQ(bad(), std::set<std::string>{});
}

TEST_F(VerifyTest, NamesWhatDoesNotBelongThere) {
  write(in_backup("leveldb/current/000099.ldb"), "x");
  write(in_backup("note.txt"), "x");
  std::filesystem::create_symlink(source(), in_backup("unified-json"));
  EXPECT_EQ(bad(Depth::names), (std::set<std::string>{"leveldb/current/000099.ldb", "note.txt", "unified-json"}));
}

TEST_F(VerifyTest, CountsTheRecords_WhateverTheManifestAndItsSumsSay) {
  rewrite([](Manifest& manifest) { manifest.source.records = 27; });
  EXPECT_EQ(bad(Depth::files), std::set<std::string>{}) << "the documents agree with each other";
  EXPECT_EQ(bad(Depth::records), std::set<std::string>{"leveldb/current"});
  rewrite([](Manifest& manifest) {
    manifest.source.records = 28;
    manifest.source.digest[20] = manifest.source.digest[20] == '0' ? '1' : '0';
  });
  EXPECT_EQ(bad(Depth::records), std::set<std::string>{"leveldb/current"});
}

TEST_F(VerifyTest, OpensTheDatabase_WhateverTheSumsSay) {
  rewrite([&](Manifest& manifest) {
    std::string bytes = read(in_backup("leveldb/current/000005.ldb"));
    bytes[40] = static_cast<char>(bytes[40] ^ 1);
    write(in_backup("leveldb/current/000005.ldb"), bytes);
    for (ManifestFile& file : manifest.files) {
      if (file.path == "leveldb/current/000005.ldb") file.sha256 = sha256_hex(bytes);
    }
  });
  EXPECT_EQ(bad(Depth::files), std::set<std::string>{});
  EXPECT_EQ(bad(Depth::records), std::set<std::string>{"leveldb/current"});
}

TEST_F(VerifyTest, ParsesTheJson_ButForgivesWhatWasMalformedBefore) {
  rewrite([](Manifest& manifest) {
    for (ManifestFile& file : manifest.files) file.malformed_json = false;
  });
  EXPECT_EQ(bad(Depth::records), std::set<std::string>{"legacy-json/old/odd \\ name.json"});
}

TEST_F(VerifyTest, SaysThatItCouldNotLook_WhenTheDiskFails) {
  MortalFileSystem files(world_.world().files);
  class Broken final : public os::File {
    Result<size_t> read_at(uint64_t, std::span<char>) const override { return fail(Code::io, "no"); }
    Status write_at(uint64_t, std::string_view) override { return fail(Code::io, "no"); }
    Status sync() override { return {}; }
    Status truncate(uint64_t) override { return {}; }
    Status preallocate(uint64_t) override { return {}; }
    Result<uint64_t> size() const override { return 1; }
    Status close() override { return {}; }
  };
  files.opens_instead = [](const std::string& path) -> std::unique_ptr<os::File> {
    return path.ends_with("bsc.json") ? std::make_unique<Broken>() : nullptr;
  };
  os::World world = world_.with_files(files);
  const auto verdict = verify(world, path_, Depth::records);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, Code::io) << "that it can not be read now does not prove that it is damaged";
  EXPECT_EQ(verdict.error().path, in_backup("legacy-json/bsc.json"));
  write(in_backup("note.txt"), "x");
  EXPECT_EQ(verify(world, path_, Depth::records).error().code, Code::backup_damaged) << "damage weighs more";
}

// Otherwise a rollback would take an older copy because this machine was short of memory for a moment.
TEST_F(VerifyTest, SaysThatItCouldNotLook_WhenAFolderCanNotBeListedForWantOfMemory) {
  MortalFileSystem files(world_.world().files);
  files.lists_not = "current";
  os::World world = world_.with_files(files);
  const auto verdict = verify(world, path_, Depth::records);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, Code::outcome_unknown) << verdict.error().to_string();
  EXPECT_NE(verdict.error().hint.find("rollproof recover"), std::string::npos);
}

TEST_F(VerifyTest, IsNotFound_WhenThereIsNoFolder) {
  EXPECT_EQ(verify(world_.world(), scratch_ / "absent", Depth::names).error().code, Code::not_found);
}

TEST_F(VerifyTest, ScansTheRecords_AndBreaksAtTheEnd_WhenTheyAreNotThoseOfTheManifest) {
  const auto count = [&]() -> Result<int> {
    ROLLPROOF_ASSIGN(auto cursor, scan(world_.world(), path_));
    record::Record record;
    for (int n = 0;; ++n) {
      ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
      if (!more) return n;
    }
  };
  EXPECT_EQ(count().value(), 28);
  rewrite([](Manifest& manifest) { manifest.source.records = 29; });
  EXPECT_EQ(count().error().code, Code::backup_damaged);
}

TEST_F(VerifyTest, ComparesWithALiveStore_RecordByRecord) {
  const store::Where live{"leveldb", source()};
  EXPECT_TRUE(compare_with(world_.world(), path_, live)->equal());
  {
    auto store = store::open(world_.world(), live, {});
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->apply({{record::Change::Kind::put, "56-New", "{}"}}));
    ASSERT_TRUE((*store)->close());
  }
  const auto comparison = compare_with(world_.world(), path_, live);
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->extra, 1u);
  EXPECT_EQ(comparison->difference_count(), 1u);
}

TEST_F(VerifyTest, IsListedNewestFirst_DamagedOnesAsSuch) {
  const std::string newer = taken("m-2").path;
  std::filesystem::create_directories(request().root + "/migration-2001-01-01T00-00-00-000Z");
  std::filesystem::create_directories(request().root + "/somebody-elses");
  write(in_backup("note.txt"), "x");
  const auto listed = list(world_.world(), request().root).value();
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].path, newer);
  EXPECT_EQ(listed[0].problem, "");
  EXPECT_TRUE(listed[0].manifest);
  EXPECT_EQ(listed[1].problem, "note.txt is not in the manifest");
  EXPECT_FALSE(listed[1].manifest);
  EXPECT_EQ(listed[2].problem, "BACKUP_MANIFEST.json is missing");
  EXPECT_TRUE(list(world_.world(), scratch_ / "absent")->empty());

  EXPECT_EQ(find(world_.world(), request().root, listed[0].id).value(), newer);
  EXPECT_EQ(find(world_.world(), request().root, newer).value(), newer);
  const auto absent = find(world_.world(), request().root, "migration-x");
  EXPECT_EQ(absent.error().code, Code::not_found);
  EXPECT_NE(absent.error().hint.find(listed[0].id), std::string::npos);

  std::filesystem::rename(newer, request().root + "/migration-2030-01-01T00-00-00-000Z");
  EXPECT_NE(list(world_.world(), request().root)->front().problem, "") << "a folder under another backup's name";
}

}  // namespace
}  // namespace rollproof::backup
