#include "harness/drill/recovery_parts.h"

#include <gtest/gtest.h>

#include "harness/drill/drill.h"

namespace rollproof::drill {
namespace {

TEST(RecoveryParts, AStepBelongsToOnePart) {
  RecoveryParts parts;
  part_of(parts, "") += 1;
  part_of(parts, "rollback/check-source") += 2;
  part_of(parts, "rollback/switch-back") += 4;
  part_of(parts, "copy/copy-records") += 8;
  part_of(parts, "rollback/prove-source") += 16;
  EXPECT_EQ(parts, (RecoveryParts{.detect = 1, .decide = 2, .undo = 12, .verify = 16}));
  EXPECT_EQ(parts.total(), 31);
}

// A rollback that dies behind its proof of the source has nothing to take back any more.
TEST(RecoveryParts, AddUpToTheTimeOfTheRecovery) {
  const auto story = Story::parse(R"({"name": "short", "before": ["migrate dual-write", "put 56-New 90"], "drilled": ["rollback source"]})", "short.json");
  ASSERT_TRUE(story);
  const auto recording = recording_of(*story, {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"});
  ASSERT_TRUE(recording);
  CaseRunner runner(*recording);
  RecoveryParts sum;
  for (uint64_t k = recording->first_drilled(); k <= recording->trace().size(); k += 3) {
    const CaseResult result = runner.run({fault::ProcessDeath{k}});
    EXPECT_EQ(result.parts.total(), result.recovery_ms) << k;
    sum.detect += result.parts.detect;
    sum.decide += result.parts.decide;
    sum.undo += result.parts.undo;
    sum.verify += result.parts.verify;
  }
  EXPECT_GT(sum.detect, 0);
  EXPECT_GT(sum.decide, 0);
  EXPECT_GT(sum.undo, 0);
  EXPECT_GT(sum.verify, 0);
}

}  // namespace
}  // namespace rollproof::drill
