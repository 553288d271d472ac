// What the phases share.
#include "lib/migrate/phases.h"

#include <gtest/gtest.h>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

struct Judged {
  Status verdict;
  int looks = 0;
  Json facts = Json::object();
};

// The first `misses` looks miss a limit.
Judged judged(int misses, const char* enforce) {
  os::ScratchDirectory scratch;
  os::PosixWorld posix{true};
  EXPECT_TRUE(os::replace_file(posix.world().files, scratch / "rollproof.json",
                               std::string("{\"source\":\"leveldb:db\",\"target\":\"unified-json:out\",\"enforce_performance\":") + enforce + "}"));
  auto session = Session::open(posix.world(), scratch / "rollproof.json", {});
  EXPECT_TRUE(session) << session.error().to_string();
  Judged judged;
  judged.verdict = judge_performance(**session, judged.facts, [&]() -> Result<std::vector<std::string>> {
    return ++judged.looks <= misses ? std::vector<std::string>{"reads: too slow"} : std::vector<std::string>();
  });
  EXPECT_TRUE((*session)->close());
  return judged;
}

TEST(Performance, IsMeasuredAgain_WhenALimitIsMissed) {
  EXPECT_EQ(judged(0, "true").looks, 1);
  const Judged busy = judged(2, "true");
  EXPECT_TRUE(busy.verdict);
  EXPECT_EQ(busy.looks, 3);
  EXPECT_TRUE(busy.facts.at("limits_missed").empty());
}

TEST(Performance, IsRefusedOrRecorded_WhenEveryLookMissesTheLimit) {
  const Judged slow = judged(3, "true");
  ASSERT_FALSE(slow.verdict);
  EXPECT_EQ(slow.verdict.error().code, Code::refused);
  EXPECT_EQ(slow.looks, 3);
  const Judged recorded = judged(3, "false");
  EXPECT_TRUE(recorded.verdict);
  EXPECT_EQ(recorded.facts.at("limits_missed").size(), 1u);
}

}  // namespace
}  // namespace rollproof::migrate
