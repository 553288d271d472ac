#include "lib/backup/quality.h"

#include "lib/backup/ground_test.h"
#include "lib/base/time_text.h"

namespace rollproof::backup {
namespace {

class QualityTest : public BackupTest {
 protected:
  Quality of(const std::string& path, uint64_t source_bytes = 0) {
    auto quality = assess_quality(world_.world(), path, source_bytes);
    EXPECT_TRUE(quality) << quality.error().to_string();
    return quality ? *quality : Quality{};
  }
  int points(const Quality& quality, std::string_view name) {
    for (const QualityPart& part : quality.parts) {
      if (part.name == name) return part.points;
    }
    return -1;
  }
};

TEST_F(QualityTest, IsFull_ForAFreshAndSoundBackup) {
  const Quality quality = of(taken().path);
  EXPECT_EQ(quality.score(), 100);
  int most = 0;
  for (const QualityPart& part : quality.parts) most += part.points_max;
  EXPECT_EQ(most, 100);
}

TEST_F(QualityTest, HasNoPointsForIntegrity_WhenAFileIsDamaged) {
  const Backup backup = taken();
  std::string bytes = read(backup.path + "/leveldb/current/CURRENT");
  bytes[3] ^= 1;
  write(backup.path + "/leveldb/current/CURRENT", bytes);
  const Quality quality = of(backup.path);
  EXPECT_EQ(points(quality, "integrity"), 0);
  EXPECT_EQ(points(quality, "completeness"), 35);
  EXPECT_LT(quality.score(), 60);
}

TEST_F(QualityTest, WarnsOfMissingJson_WithoutTakingPoints) {
  Request request = this->request();
  request.legacy_json.clear();
  const auto backup = take(world_.world(), request);
  ASSERT_TRUE(backup);
  const Quality quality = of(backup->path);
  EXPECT_EQ(quality.score(), 100);
  ASSERT_EQ(quality.warnings.size(), 1u);
  EXPECT_NE(quality.warnings[0].find("no JSON"), std::string::npos);
}

TEST_F(QualityTest, LosesPoints_WithAnUnlikelySize) { EXPECT_EQ(points(of(taken().path, 1'000'000'000), "size"), 0); }

TEST_F(QualityTest, LosesPoints_WithItsAge) {
  class Later final : public os::Clock {
   public:
    explicit Later(os::Clock& below, int64_t by_ms) : below_(below), by_ms_(by_ms) {}
    int64_t wall_ms() override { return below_.wall_ms() + by_ms_; }
    int64_t monotonic_ms() override { return below_.monotonic_ms(); }
    void sleep_ms(int64_t ms) override { below_.sleep_ms(ms); }

   private:
    os::Clock& below_;
    int64_t by_ms_;
  };
  const std::string path = taken().path;
  const auto points_after = [&](int64_t days) {
    auto& now = world_.world();
    Later clock(now.clock, days * 24 * 3'600'000 + 60'000);
    os::World later{now.files, clock, now.memory, now.identity, true};
    auto quality = assess_quality(later, path, 0);
    EXPECT_TRUE(quality);
    return points(*quality, "age");
  };
  EXPECT_EQ(points_after(0), 10);
  EXPECT_EQ(points_after(3), 7);
  EXPECT_EQ(points_after(20), 4);
  EXPECT_EQ(points_after(100), 0);
  EXPECT_EQ(points_after(-3), 0);
}

TEST(TimeText, IsReadBack) {
  for (const int64_t ms : {int64_t{0}, int64_t{1'755'084'378'516}, int64_t{951'782'400'000}}) EXPECT_EQ(ms_of_time_text(time_text(ms)), ms);
  for (const char* bad : {"", "2025-08-13", "2025-13-13T11:26:18.516Z", "2025-08-13T11:26:18.516Zx"}) EXPECT_EQ(ms_of_time_text(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace rollproof::backup
