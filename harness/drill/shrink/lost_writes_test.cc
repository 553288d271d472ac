#include "harness/drill/shrink/lost_writes.h"

#include <gmock/gmock.h>

#include "harness/sim/disk.h"

namespace rollproof::drill {
namespace {

using sim::CrashId;
using testing::HasSubstr;

void write(sim::SimDisk& disk, const std::string& path, const std::string& text, bool synced) {
  auto file = disk.create(path);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(0, text));
  if (synced) {
    ASSERT_TRUE((*file)->sync());
  }
  ASSERT_TRUE((*file)->close());
}

// Other files around one that is replaced: 0 to 5 are of no interest; 6 creates new.tmp, 7 writes it (and is never synced), 8 renames it over `state`, and 9 to 11
// come behind.
class LostWrites : public testing::Test {
 protected:
  LostWrites() : disk_(sim::Image().put("d/state", "old")) {
    write(disk_, "d/a", "one", true);
    write(disk_, "d/b", "two", true);
    write(disk_, "d/state.tmp", "new", false);
    EXPECT_TRUE(disk_.rename("d/state.tmp", "d/state"));
    EXPECT_TRUE(disk_.sync_directory("d"));
    write(disk_, "d/c", "three", false);
  }

  // Neither what was there nor what was to come.
  bool torn(const CrashId& id) {
    sim::CrashImages images(disk_.trace(), sim::Model::strict);
    const auto image = images.build(id);
    EXPECT_TRUE(image) << id.to_string();
    const auto text = image->read("d/state");
    return text && *text != "old" && *text != "new";
  }

  LeastCrash least(CrashId id) {
    return least_crash(disk_.trace(), id, [this](const CrashId& one) { return torn(one); });
  }

  sim::SimDisk disk_;
};

TEST_F(LostWrites, NameTheBarrierThatIsMissing) {
  const uint64_t end = disk_.operations();
  for (const CrashId& id : {CrashId{.after = end, .shape = CrashId::Shape::keep_none}, CrashId{.after = end, .shape = CrashId::Shape::keep, .number = 3}}) {
    ASSERT_TRUE(torn(id)) << id.to_string();
    const LeastCrash found = least(id);
    EXPECT_TRUE(torn(found.id));
    ASSERT_EQ(found.id.losses.size(), 1u) << found.id.to_string();
    const auto& lost = *disk_.trace().operations[found.id.losses[0].ordinal];
    EXPECT_EQ(lost.call, sim::Call::write) << lost.to_string();
    EXPECT_THAT(found.words, testing::AllOf(HasSubstr("must be durable before"), HasSubstr("state.tmp"), HasSubstr("rename")));
    EXPECT_THAT(found.lost, testing::ElementsAre(found.id.losses[0].ordinal));
    EXPECT_THAT(found.needed, testing::Contains(found.id.after - 1)) << "without the rename the old state is still there";
    EXPECT_LT(found.id.after, end) << "what comes behind the rename is not needed";
  }
}

// What is written twice and lost only once leaves something else behind than what is lost twice.
TEST_F(LostWrites, OfNothingUnsyncedAllAreLost) {
  sim::SimDisk disk(sim::Image().put("d/log", std::string(8, '-')));
  auto file = disk.open_write("d/log");
  ASSERT_TRUE(file);
  for (const char* text : {"one", "two"}) ASSERT_TRUE((*file)->write_at(0, text));
  const auto fails = [&](const CrashId& id) {
    sim::CrashImages images(disk.trace(), sim::Model::strict);
    return id.after == 2 && images.build(id)->read("d/log") == std::string(8, '-');
  };
  ASSERT_TRUE(fails({.after = 2, .shape = CrashId::Shape::keep_none}));
  EXPECT_THAT(least_crash(disk.trace(), {.after = 2, .shape = CrashId::Shape::keep_none}, fails).lost, testing::ElementsAre(0u, 1u));
}

TEST_F(LostWrites, APlainCrashThatIsEnoughLosesNothing) {
  const LeastCrash found = least_crash(disk_.trace(), {.after = 9, .shape = CrashId::Shape::keep_none}, [](const CrashId& id) { return id.after >= 4; });
  EXPECT_EQ(found.id, (CrashId{.after = 4}));
  EXPECT_THAT(found.words, HasSubstr("nothing lost"));
}

}  // namespace
}  // namespace rollproof::drill
