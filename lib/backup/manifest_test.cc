#include "lib/backup/manifest.h"

#include <gtest/gtest.h>

namespace rollproof::backup {
namespace {

const std::string kSum(64, 'a');

Manifest example() {
  return {.id = "migration-2025-08-13T11-26-18-516Z",
          .created_at = "2025-08-13T11:26:18.516Z",
          .tool_version = "0.1.0",
          .migration_id = "m-1",
          .position = 17,
          .source = {.kind = "leveldb", .path = "leveldb/current", .where = "leveldb:x", .records = 28, .digest = std::string(48, '0')},
          .target = StoreCopy{.kind = "unified-json", .path = "unified-json", .where = "unified-json:y", .records = 0, .digest = std::string(48, 'f')},
          .files = {{"a \\ b.json", 3, kSum, true}, {"leveldb/current/CURRENT", 16, kSum}, {"leveldb/current/MANIFEST-000016", 50, kSum}, {"leveldb/currently", 1, kSum}}};
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

std::string why(const std::string& text) {
  const auto manifest = parse_manifest(text);
  if (manifest) return "accepted";
  EXPECT_EQ(manifest.error().code, Code::backup_damaged);
  return manifest.error().message;
}

TEST(Manifest, ReadsWhatItWrote) {
  EXPECT_EQ(parse_manifest(render(example())).value(), example());
  Manifest small = example();
  small.target.reset();
  small.files.clear();
  EXPECT_EQ(parse_manifest(render(small)).value(), small);
}

TEST(Manifest, RefusesPathsThatLeadOut) {
  for (const char* path : {"", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a/./b", "a//b", "a/", "a\nb", "a\rb", "a\x7f", "\xff", "a/b\x01"}) {
    EXPECT_FALSE(is_inside(path)) << path;
  }
  EXPECT_FALSE(is_inside(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_inside(std::string(kPathBytesMax + 1, 'a')));
  for (const char* path : {"a", "a/b", "..a/b..", "a b", "\\", "ä/ü", ".hidden"}) EXPECT_TRUE(is_inside(path)) << path;
  EXPECT_EQ(why(replaced(render(example()), "leveldb/current/CURRENT", "leveldb/../CURRENT")), "the manifest can not be used: a file's path leads out of the backup");
  EXPECT_EQ(why(replaced(render(example()), "\"leveldb/current\"", "\"/leveldb\"")), "the manifest can not be used: a store's path leads out of the backup");
}

TEST(Manifest, RefusesEverythingElseThatItDidNotWrite) {
  const std::string text = render(example());
  EXPECT_EQ(why(""), "the manifest is not JSON");
  EXPECT_EQ(why("[]"), "the manifest can not be used: 'format' is not text");
  EXPECT_EQ(why(replaced(text, "\"version\": 1", "\"version\": 2")), "the manifest can not be used: it has version 2, this program reads 1");
  EXPECT_EQ(why(replaced(text, "\"position\": 17", "\"position\": 17.5")), "the manifest can not be used: 'position' is not a number");
  EXPECT_EQ(why(replaced(text, "\"size\": 16", "\"size\": -1")), "the manifest can not be used: 'size' is not a number");
  EXPECT_EQ(why(replaced(text, kSum, std::string(64, 'A'))), "the manifest can not be used: a checksum is not 64 hexadecimal digits");
  EXPECT_EQ(why(replaced(text, "\"target\"", "\"source\"")), "the manifest can not be used: the stores are not source and target");
  EXPECT_EQ(why(replaced(text, "leveldb/current/CURRENT", "z")), "the manifest can not be used: the files are not in order");
  EXPECT_EQ(why(replaced(text, "a \\\\ b.json", "BACKUP_MANIFEST.json")), "the manifest can not be used: the manifest lists itself");
  EXPECT_EQ(why(replaced(text, "\"position\": 17", "\"position\": 16, \"position\": 17")), "the manifest is not as it was written");
  EXPECT_EQ(why(replaced(text, "\"id\"", " \"id\"")), "the manifest is not as it was written");
  EXPECT_EQ(why(replaced(text, "malformed", "fine")), "the manifest is not as it was written");
  EXPECT_EQ(why(text + " "), "the manifest is not as it was written");
}

TEST(Manifest, ChangesItsMeaningOrIsRefused_WhenAnyByteChanges) {
  const std::string text = render(example());
  for (size_t at = 0; at < text.size(); ++at) {
    std::string flipped = text;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    const auto manifest = parse_manifest(flipped);
    EXPECT_FALSE(manifest && *manifest == example()) << "byte " << at;
  }
}

TEST(Manifest, KnowsTheFingerprintOfAStore) {
  const auto fingerprint = fingerprint_of(example(), example().source);
  ASSERT_EQ(fingerprint.files.size(), 2u) << "a name that only begins alike is no part of the store";
  EXPECT_EQ(fingerprint.files[0].name, "CURRENT");
}

TEST(Checksums, AreReadAsTheyWereWritten) {
  const auto sums = parse_checksums(render_checksums(example(), "text"));
  ASSERT_TRUE(sums);
  ASSERT_EQ(sums->size(), 5u);
  EXPECT_EQ((*sums)[0], (Checksum{"BACKUP_MANIFEST.json", "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"}));
  EXPECT_EQ((*sums)[1].path, "a \\ b.json");
  EXPECT_TRUE(parse_checksums("")->empty());
}

TEST(Checksums, AreRefused_WhenALineIsNotExactlyOne) {
  const std::string good = kSum + "  b\n";
  EXPECT_TRUE(parse_checksums(good));
  for (const std::string& bad : {kSum + "  b", kSum + " b\n", kSum + " *b\n", kSum.substr(1) + "  b\n", std::string(64, 'G') + "  b\n", kSum + "  \n",
                                 kSum + "  ../b\n", kSum + "  /b\n", good + "\n", good + good, good + kSum + "  a\n", "\\" + good, kSum + "  a\\\\b\n",
                                 "\\" + kSum + "  a\\nb\n", "\\" + kSum + "  a\\\n", kSum + "  b\r\n"}) {
    const auto sums = parse_checksums(bad);
    ASSERT_FALSE(sums) << bad;
    EXPECT_EQ(sums.error().code, Code::backup_damaged);
  }
}

}  // namespace
}  // namespace rollproof::backup
