#include "lib/cli/presence.h"

#include <gtest/gtest.h>

#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::cli {
namespace {

class PresenceTest : public testing::Test {
 protected:
  PresenceTest() {
    EXPECT_TRUE(os::replace_file(world().files, scratch / "rollproof.json", migrate::render_config({"leveldb", "db"}, {"unified-json", "out"})));
    config = *migrate::read_config(world().files, scratch / "rollproof.json");
  }
  os::World& world() { return posix.world(); }
  Presence now() { return presence_in(world(), config); }
  std::unique_ptr<migrate::Ledger> open() {
    auto ledger = migrate::Ledger::open(world(), config, {});
    EXPECT_TRUE(ledger) << ledger.error().to_string();
    return std::move(*ledger);
  }
  void come_and_go(bool record) {
    auto ledger = open();
    if (record) {
      EXPECT_TRUE(ledger->begin_session({}));
      EXPECT_TRUE(ledger->end_session());
    }
    EXPECT_TRUE(ledger->close());
  }
  os::ScratchDirectory scratch;
  os::PosixWorld posix{true};
  migrate::Config config;
};

TEST_F(PresenceTest, IsTheSame_WhenNobodyCame) {
  EXPECT_EQ(now(), now()) << "there is no folder yet";
  come_and_go(true);
  EXPECT_EQ(now(), now());
}

TEST_F(PresenceTest, NamesWhoeverIsThere) {
  auto ledger = open();
  ASSERT_TRUE(now().holder);
  EXPECT_NE(now().holder->find("library"), std::string::npos) << *now().holder;
  ASSERT_TRUE(ledger->close());
  EXPECT_FALSE(now().holder);
}

TEST_F(PresenceTest, IsAnother_WhenSomebodyCameAndWent) {
  Presence before = now();
  come_and_go(true);
  EXPECT_FALSE(before == now()) << "the first command of all";
  for (const bool record : {true, false}) {
    before = now();
    // The time of a file is as fine as the kernel's tick: a command that follows another within it is told by what it writes.
    if (!record) world().clock.sleep_ms(20);
    come_and_go(record);
    EXPECT_FALSE(before == now()) << (record ? "it wrote to the journal" : "it only took the lock");
  }
}

TEST_F(PresenceTest, OfAFolderThatCanNotBeLookedAt_IsNobodys) {
  ASSERT_TRUE(os::replace_file(world().files, scratch / ".rollproof", "a file in its place"));
  EXPECT_FALSE(now().holder);
  EXPECT_EQ(now(), now());
}

}  // namespace
}  // namespace rollproof::cli
