#include "harness/sim/crash.h"

#include <gtest/gtest.h>

#include <set>

#include "harness/sim/disk.h"
#include "lib/os/paths.h"

namespace rollproof::sim {
namespace {

const std::string absent = "-";

// A story on a disk, and what its files may hold afterwards.
class Story {
 public:
  explicit Story(Image start = {}) : disk(std::move(start)) {}

  void write(const std::string& path, const std::string& bytes, uint64_t offset = 0) {
    ASSERT_TRUE(file(path)->write_at(offset, bytes));
  }
  void create(const std::string& path, const std::string& bytes) {
    auto made = disk.create(path);
    ASSERT_TRUE(made && (*made)->write_at(0, bytes));
  }
  void sync(const std::string& path) { ASSERT_TRUE(file(path)->sync()); }
  std::unique_ptr<os::File> file(const std::string& path) { return disk.open_write(path).value(); }

  // Everything that `path` may hold after a power loss at the end; absent for no file.
  std::set<std::string> may_hold(const std::string& path, Model model = Model::strict) const { return together({path}, model); }
  // The same of several files at once, joined by '|'.
  std::set<std::string> together(const std::vector<std::string>& paths, Model model = Model::strict) const {
    std::set<std::string> found;
    for_each_crash(disk.trace(), all(model), [&](const CrashId&, LazyImage& image) {
      std::string text;
      for (const std::string& path : paths) text += (path == paths[0] ? "" : "|") + image.get().read(path).value_or(absent);
      found.insert(text);
      return true;
    });
    return found;
  }
  CrashOptions all(Model model) const {
    return {.model = model, .first = disk.operations(), .last = disk.operations(), .pairs_max = 1000, .randoms = 200};
  }
  Image at(const std::string& id, Model model = Model::strict) const {
    return CrashImages(disk.trace(), model).build(CrashId::parse(id).value()).value();
  }

  SimDisk disk;
};

using Set = std::set<std::string>;
Image old_file() { return Image().put("d/f", "old"); }

TEST(Crash, LeavesOldOrNew_WhenWrittenBesideSyncedAndRenamed) {
  Story story(old_file());
  story.create("d/f.tmp", "new");
  story.sync("d/f.tmp");
  ASSERT_TRUE(story.disk.rename("d/f.tmp", "d/f"));
  EXPECT_EQ(story.may_hold("d/f"), (Set{"old", "new"}));
  ASSERT_TRUE(story.disk.sync_directory("d"));
  EXPECT_EQ(story.may_hold("d/f"), Set{"new"});
  EXPECT_EQ(story.may_hold("d/f.tmp"), Set{absent});
}

TEST(Crash, NeverLeavesMixedContent_AtAnyPointOfReplaceFile) {
  for (Model model : {Model::strict, Model::ordered, Model::prefix}) {
    SimDisk disk(Image().put("d/f", std::string(3000, 'o')));
    const std::string fresh(5000, 'n');
    ASSERT_TRUE(os::replace_file(disk, "d/f", fresh));
    for_each_crash(disk.trace(), {.model = model, .pairs_max = 1000, .randoms = 100}, [&](const CrashId& id, LazyImage& image) {
      const std::string text = image.get().read("d/f").value_or(absent);
      EXPECT_TRUE(text == fresh || text == std::string(3000, 'o')) << id.to_string() << " " << text.size();
      EXPECT_TRUE(id.after < disk.operations() || text == fresh) << id.to_string();
      return true;
    });
  }
}

TEST(Crash, LeavesAnEmptyFile_WhenRenamedWithoutSync) {
  Story story(old_file());
  story.create("d/f.tmp", "new");
  ASSERT_TRUE(story.disk.rename("d/f.tmp", "d/f"));
  const Set found = story.may_hold("d/f");
  EXPECT_TRUE(found.count("") && found.count("old") && found.count("new") && found.count(std::string(3, '\0')));
  EXPECT_GT(found.size(), 4u);  // garbage as well
  EXPECT_EQ(found.count(absent), 0u);
}

TEST(Crash, ForgetsANewFile_UnlessItsDirectoryIsSynced) {
  Story story;
  story.create("f", "new");
  story.sync("f");
  EXPECT_EQ(story.may_hold("f"), (Set{absent, "new"}));
  EXPECT_EQ(story.may_hold("f", Model::ordered), Set{"new"});
  ASSERT_TRUE(story.disk.sync_directory("/"));
  EXPECT_EQ(story.may_hold("f"), Set{"new"});
}

TEST(Crash, LosesTheWholeTree_WhenADirectoryAboveWasNotSynced) {
  Story story;
  ASSERT_TRUE(story.disk.make_directory("d"));
  ASSERT_TRUE(story.disk.make_directory("d/e"));
  story.create("d/e/f", "new");
  story.sync("d/e/f");
  ASSERT_TRUE(story.disk.sync_directory("d/e"));
  ASSERT_TRUE(story.disk.sync_directory("d"));
  EXPECT_EQ(story.may_hold("d/e/f"), (Set{absent, "new"}));
  EXPECT_FALSE(story.at("crash(after 7, keep none)").exists("d"));
}

TEST(Crash, BringsARemovedFileBack_UntilItsDirectoryIsSynced) {
  Story story(old_file());
  ASSERT_TRUE(story.disk.remove("d/f"));
  EXPECT_EQ(story.may_hold("d/f"), (Set{absent, "old"}));
  ASSERT_TRUE(story.disk.sync_directory("/"));
  EXPECT_EQ(story.may_hold("d/f"), (Set{absent, "old"}));
  ASSERT_TRUE(story.disk.sync_directory("d"));
  EXPECT_EQ(story.may_hold("d/f"), Set{absent});
}

TEST(Crash, ShowsBothNamesOfARename_ButNeverNeither) {
  Story story(Image().put("d/a", "x").make_directory("e"));
  ASSERT_TRUE(story.disk.rename("d/a", "e/b"));
  const Set both{"x|-", "-|x", "x|x"};
  const std::vector<std::string> names{"d/a", "e/b"};
  EXPECT_EQ(story.together(names), both);
  EXPECT_EQ(story.together(names, Model::ordered), (Set{"x|-", "-|x"}));
  EXPECT_EQ(story.together(names, Model::hostile), (Set{"x|-", "-|x", "x|x", "-|-"}));
  EXPECT_EQ(story.at("crash(after 0, torn 1)").files(), names);
  EXPECT_TRUE(story.at("crash(after 0, torn 2)", Model::hostile).files().empty());
  // One of two directories is not enough, whichever it is.
  ASSERT_TRUE(story.disk.sync_directory("d"));
  EXPECT_EQ(story.together(names), both);
  ASSERT_TRUE(story.disk.sync_directory("e"));
  EXPECT_EQ(story.together(names), Set{"-|x"});
}

TEST(Crash, KeepsTheOldName_WhileTheNewDirectoryCanStillVanish) {
  Story story(Image().put("a", "x"));
  ASSERT_TRUE(story.disk.make_directory("e"));
  ASSERT_TRUE(story.disk.rename("a", "e/a"));
  ASSERT_TRUE(story.disk.sync_directory("e"));
  EXPECT_EQ(story.together({"a", "e/a"}), (Set{"x|-", "-|x", "x|x"}));
  EXPECT_TRUE(story.at("crash(after 3, lose [0])").exists("a"));
}

TEST(Crash, MovesADirectoryWhole) {
  Story story(Image().put("d/f", "x").make_directory("e"));
  ASSERT_TRUE(story.disk.rename("d", "e/d"));
  EXPECT_EQ(story.together({"d/f", "e/d/f"}), (Set{"x|-", "-|x"}));
  ASSERT_TRUE(story.disk.sync_directory("e"));
  EXPECT_EQ(story.together({"d/f", "e/d/f"}), (Set{"x|-", "-|x"}));
  ASSERT_TRUE(story.disk.sync_directory("/"));
  EXPECT_EQ(story.together({"d/f", "e/d/f"}), Set{"-|x"});
}

TEST(Crash, KeepsAMovedTreeTogether_WhenSeveralDirectoriesMove) {
  for (Model model : {Model::strict, Model::hostile, Model::ordered, Model::prefix}) {
    Story story(Image().put("a/b/f", "x"));
    ASSERT_TRUE(story.disk.rename("a/b", "b"));
    ASSERT_TRUE(story.disk.rename("a", "b/a"));
    // The same directory twice, so that losing the first move alone would leave it in two places, one inside the other.
    ASSERT_TRUE(story.disk.rename("b/a", "a"));
    ASSERT_TRUE(story.disk.make_directory("a/c"));
    ASSERT_TRUE(story.disk.rename("b", "a/c/b"));
    ASSERT_TRUE(story.disk.rename("a/c/b", "b"));
    ASSERT_TRUE(story.disk.rename("a", "b/a"));
    for_each_crash(story.disk.trace(), story.all(model), [&](const CrashId& id, LazyImage& image) {
      EXPECT_EQ(image.get().files().size(), 1u) << id.to_string() << image.get().to_string();
      return true;
    });
  }
}

TEST(Crash, SavesWhatLeftARemovedDirectory) {
  Story story(Image().put("d/f", "x").make_directory("e").make_directory("g"));
  ASSERT_TRUE(story.disk.rename("d/f", "e/f"));
  ASSERT_TRUE(story.disk.remove_directory("d"));
  ASSERT_TRUE(story.disk.rename("e/f", "g/f"));
  ASSERT_TRUE(story.disk.sync_directory("/"));
  EXPECT_EQ(story.together({"d/f", "e/f", "g/f"}), (Set{"-|x|-", "-|-|x", "-|x|x"}));
}

TEST(Crash, LeavesNothingPending_WhenADirectoryIsReplaced) {
  Story story(Image().put("d/f", "x").make_directory("e"));
  ASSERT_TRUE(story.disk.create("e/g"));
  ASSERT_TRUE(story.disk.remove("e/g"));
  ASSERT_TRUE(story.disk.rename("d", "e"));
  EXPECT_EQ(story.together({"d/f", "e/f"}), (Set{"x|-", "-|x"}));
  ASSERT_TRUE(story.disk.sync_directory("/"));
  EXPECT_EQ(count_crashes(story.disk.trace(), story.all(Model::strict)).to_string(),
            CrashCounts{.whole = 1}.to_string());
}

TEST(Crash, TearsAWriteBySector) {
  const std::string old(1536, 'o');
  Story story(Image().put("f", old));
  story.write("f", std::string(1536, 'n'));
  const Set found = story.may_hold("f");
  Set expected;
  for (int bits = 0; bits < 8; ++bits) {
    std::string text;
    for (int sector = 0; sector < 3; ++sector) text += std::string(512, (bits >> sector) & 1 ? 'n' : 'o');
    expected.insert(text);
  }
  EXPECT_EQ(found, expected);
  EXPECT_EQ(story.at("crash(after 0, torn 512)").read("f").value(), std::string(512, 'n') + std::string(1024, 'o'));
  EXPECT_EQ(story.at("crash(after 1, lose [0.s1])").read("f").value(), std::string(512, 'n') + std::string(512, 'o') + std::string(512, 'n'));
  story.sync("f");
  EXPECT_EQ(story.may_hold("f"), Set{std::string(1536, 'n')});
}

TEST(Crash, NeverTearsASector) {
  Story story(Image().put("f", std::string(512, 'o')));
  story.write("f", std::string(100, 'n'), 50);
  story.write("f", std::string(100, 'm'), 300);
  // The second write took the first one's bytes with it: they share a page.
  std::string one(512, 'o');
  one.replace(50, 100, 100, 'n');
  std::string two = one;
  two.replace(300, 100, 100, 'm');
  EXPECT_EQ(story.may_hold("f"), (Set{std::string(512, 'o'), one, two}));
}

TEST(Crash, LetsTheSizeComeBeforeTheData) {
  Story story(Image().put("f", std::string(512, 'o')));
  story.write("f", std::string(512, 'n'), 512);
  const std::string old(512, 'o');
  EXPECT_EQ(story.at("crash(after 1, lose [0.data])").read("f").value(), old + std::string(512, '\0'));
  const std::string noisy = story.at("crash(after 1, lose [0.noise])").read("f").value();
  ASSERT_EQ(noisy.size(), 1024u);
  EXPECT_EQ(noisy.substr(0, 512), old);
  EXPECT_NE(noisy.substr(512), std::string(512, '\0'));
  EXPECT_NE(noisy.substr(512), std::string(512, 'n'));
  // With data=ordered it can not.
  EXPECT_EQ(story.may_hold("f", Model::ordered), (Set{old, old + std::string(512, 'n')}));
  EXPECT_EQ(story.may_hold("f", Model::prefix), (Set{old, old + std::string(512, 'n')}));
}

TEST(Crash, LosesTruncationAndPreallocation_UntilSynced) {
  Story story(Image().put("f", "old"));
  ASSERT_TRUE(story.file("f")->truncate(1));
  ASSERT_TRUE(story.file("f")->preallocate(4));
  EXPECT_EQ(story.may_hold("f"), (Set{"old", "o", std::string("o\0\0\0", 4), std::string("old\0", 4)}));
  story.sync("f");
  EXPECT_EQ(story.may_hold("f"), (Set{std::string("o\0\0\0", 4)}));
}

TEST(Crash, LosesPages_WhenASyncFailsAndTheNextOneSucceeds) {
  for (const bool lose : {false, true}) {
    Story story(Image().put("f", std::string(512, 'o')));
    story.write("f", std::string(512, 'n'));
    story.disk.set_fault_hook([&](const Operation& operation) -> std::optional<InjectedError> {
      if (operation.call != Call::sync || story.disk.hook_fired() > 0) return std::nullopt;
      return InjectedError{.message = "sync failed", .lose_pages = lose};
    });
    EXPECT_FALSE(story.file("f")->sync());
    EXPECT_TRUE(story.file("f")->sync());
    EXPECT_EQ(story.disk.hook_fired(), 1u);
    EXPECT_EQ(story.disk.now().read("f").value(), std::string(512, 'n'));
    const std::string old(512, 'o'), fresh(512, 'n');
    EXPECT_EQ(story.may_hold("f"), lose ? (Set{old, fresh}) : Set{fresh});
    // Written again, the page is dirty again.
    story.write("f", std::string(512, 'm'));
    story.sync("f");
    EXPECT_EQ(story.may_hold("f"), Set{std::string(512, 'm')});
    // And what was lost is history for those who write later still.
    story.write("f", std::string(512, 'k'));
    EXPECT_EQ(story.may_hold("f"), (Set{std::string(512, 'm'), std::string(512, 'k')}));
  }
}

TEST(Crash, KeepsAPrefix_UnderPrefix) {
  Story story;
  for (const char* name : {"a", "b", "c"}) story.create(name, "x");
  EXPECT_EQ(story.together({"a", "b", "c"}, Model::prefix), (Set{"-|-|-", "|-|-", "x|-|-", "x||-", "x|x|-", "x|x|", "x|x|x"}));
  EXPECT_GT(story.together({"a", "b", "c"}).size(), 7u);
  story.sync("b");
  EXPECT_EQ(story.together({"a", "b", "c"}, Model::prefix), Set{"x|x|x"});
}

TEST(Crash, KeepsNamesInOrder_UnderOrdered) {
  Story story;
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(story.disk.create(name));
  EXPECT_EQ(story.together({"a", "b", "c"}, Model::ordered), (Set{"-|-|-", "|-|-", "||-", "||"}));
  EXPECT_EQ(story.together({"a", "b", "c"}).size(), 8u);
}

TEST(Crash, KeepsPendingWorkPending_AcrossTheDeathOfAProcess) {
  Story story(Image().put("f", "old"));
  story.write("f", "new");
  ASSERT_TRUE(story.disk.make_directory("d"));
  const auto next = story.disk.after_process_death(2);
  EXPECT_EQ(next->now(), story.disk.now());
  ASSERT_TRUE(next->create("d/g"));
  // The next process has not touched f, and it may still be lost.
  CrashImages images(next->trace(), Model::strict);
  EXPECT_EQ(images.build(CrashId::parse("crash(after 3, keep none)").value())->read("f").value(), "old");
  EXPECT_EQ(images.build(CrashId::parse("crash(after 3)").value())->read("f").value(), "new");
  ASSERT_TRUE((*next->open_write("f"))->sync());
  CrashImages later(next->trace(), Model::strict);
  EXPECT_EQ(later.build(CrashId::parse("crash(after 4, keep none)").value())->read("f").value(), "new");
}

TEST(Crash, RefusesIdsThatAreNotOfThisTrace) {
  Story story;
  story.create("f", "x");
  CrashImages images(story.disk.trace(), Model::strict);
  for (const char* text : {"crash(after 3)", "crash(after 2, torn 1)", "crash(after 1, lose [1])"}) {
    const auto image = images.build(CrashId::parse(text).value());
    ASSERT_FALSE(image) << text;
    EXPECT_EQ(image.error().code, Code::invalid);
  }
}

}  // namespace
}  // namespace rollproof::sim
