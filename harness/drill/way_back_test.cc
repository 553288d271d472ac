// The time of the way back: measured on a copy, projected onto the whole, and said to be so.
#include "harness/drill/way_back.h"

#include <gmock/gmock.h>

#include "harness/drill/drill.h"
#include "harness/drill/own_folder_test.h"

namespace rollproof::drill {
namespace {

using testing::HasSubstr;

TEST(WayBack, IsMeasuredFromEveryPhase_AndLeavesNothingBehind) {
  Folder folder;
  const auto own = folder.read(kTimedBytes);
  ASSERT_TRUE(own);
  const std::string before = folder.state();
  const os::ScratchDirectory elsewhere;
  const auto ways = measure_way_back(folder.world(), *own, elsewhere / "timing");
  ASSERT_TRUE(ways) << ways.error().to_string();
  std::vector<std::string> phases;
  for (const WayBack& way : *ways) {
    phases.push_back(way.phase + (way.source_damaged ? " damaged" : ""));
    EXPECT_GE(way.measured_ms, 0);
    EXPECT_EQ(way.records, 28u);
    EXPECT_EQ(way.factor(), 1.0) << "the whole was copied: nothing is scaled";
  }
  EXPECT_THAT(phases, testing::ElementsAre("validate", "dual-write", "copy", "prove", "cutover", "cutover damaged"));
  EXPECT_EQ((*ways)[2].limit_ms, 60 * 60'000);
  EXPECT_FALSE(std::filesystem::exists(elsewhere / "timing"));
  EXPECT_EQ(folder.state(), before);
}

TEST(WayBack, OfASampleIsScaledByWhateverIsMore) {
  const WayBack by_records{.phase = "copy", .measured_ms = 100, .records = 10, .file_bytes = 1000, .records_projected = 500, .file_bytes_projected = 20'000, .limit_ms = 4000};
  EXPECT_EQ(by_records.factor(), 50);
  EXPECT_EQ(by_records.projected_ms(), 5000);
  EXPECT_FALSE(by_records.within_limit());
  WayBack by_bytes = by_records;
  by_bytes.file_bytes_projected = 100'000;
  EXPECT_EQ(by_bytes.projected_ms(), 10'000);
  const auto json = to_json(by_bytes);
  EXPECT_EQ(json.at("projected_ms"), 10'000);
  EXPECT_EQ(json.at("basis").at("measured_ms"), 100);
  EXPECT_THAT(to_text({by_bytes}), HasSubstr("✗ from copy"));
  EXPECT_THAT(to_text({by_bytes}), HasSubstr("projected 10.00 s"));
}

TEST(WayBack, ThatMissesItsLimitEndsTheRunWith10) {
  Outcome outcome;
  outcome.controls.push_back({.story = "told", .result = {.verdict = Verdict::passed}});
  outcome.ways_back = {{.phase = "validate", .measured_ms = 299'000, .limit_ms = 300'000}};
  EXPECT_EQ(outcome.exit_code(), 0);
  outcome.ways_back.push_back({.phase = "dual-write", .measured_ms = 901'000, .limit_ms = 900'000});
  EXPECT_EQ(outcome.exit_code(), 10);
  outcome.violations_total = 1;
  EXPECT_EQ(outcome.exit_code(), 11);
}

}  // namespace
}  // namespace rollproof::drill
