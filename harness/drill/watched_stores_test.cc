#include "harness/drill/watched_stores.h"

#include <gtest/gtest.h>

#include "harness/drill/drill.h"

namespace rollproof::drill {
namespace {

WatchedStores after(const std::vector<std::string>& commands) {
  Story story{.name = "a", .records = {{{"56-A", "1"}}}};
  for (const std::string& command : commands) story.before.push_back(*subject::Command::parse(command));
  story.drilled.push_back(*subject::Command::parse("recover"));
  const auto recording = recording_of(story, {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"});
  EXPECT_TRUE(recording);
  return recording ? watched_stores(*recording, recording->disk->after_process_death(recording->first_drilled())->now()) : WatchedStores{};
}

TEST(WatchedStores, AreTheSourceFirst_AndBothOnceTheTargetFollows) {
  EXPECT_FALSE(after({}).source);
  const WatchedStores validated = after({"migrate validate"});
  EXPECT_TRUE(validated.source);
  EXPECT_FALSE(validated.target);
  EXPECT_FALSE(validated.in_session);
  EXPECT_TRUE(after({"migrate dual-write"}).target);
  EXPECT_FALSE(after({"migrate dual-write", "rollback source"}).source);
}

TEST(WatchedStores, AreInASession_WhenItDied) {
  const WatchedStores died = after({"migrate dual-write", "migrate copy dies in copy-records"});
  EXPECT_TRUE(died.in_session);
  EXPECT_TRUE(died.source);
  EXPECT_TRUE(died.target);
  EXPECT_FALSE(after({"migrate copy"}).in_session);
}

}  // namespace
}  // namespace rollproof::drill
