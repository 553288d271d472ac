#include "lib/rollback/criteria.h"

#include "lib/rollback/ground_test.h"
#include "lib/rollback/trial.h"

namespace rollproof::rollback {
namespace {

// Every look at it is a quarter of an hour later than the one before.
class SlowClock final : public os::Clock {
 public:
  int64_t wall_ms() override { return now_ms_ += 15 * 60'000; }
  int64_t monotonic_ms() override { return now_ms_; }
  void sleep_ms(int64_t) override {}

 private:
  int64_t now_ms_ = 1'700'000'000'000;
};

// A machine on which everything that is timed takes as long as it is told.
class BusyClock final : public os::Clock {
 public:
  explicit BusyClock(std::function<int64_t()> us) : us_(std::move(us)) {}
  int64_t wall_ms() override { return 1'700'000'000'000 + now_us_ / 1000; }
  int64_t monotonic_ms() override { return now_us_ / 1000; }
  int64_t monotonic_us() override { return now_us_ += us_(); }
  void sleep_ms(int64_t) override {}
  void becomes(std::function<int64_t()> us) { us_ = std::move(us); }

 private:
  std::function<int64_t()> us_;
  int64_t now_us_ = 0;
};

os::World with_clock(Workspace& given, os::Clock& clock) {
  return {given.world().files, clock, given.world().memory, given.world().identity, given.world().single_threaded};
}

Status in_world(os::World& world, Workspace& given, const std::function<Status(Session&)>& work) {
  ROLLPROOF_ASSIGN(auto session, Session::open(world, given.config(), {}));
  auto outcome = work(*session);
  auto closed = session->close();
  return outcome ? closed : outcome;
}

Assessment assessed(Workspace& given, os::World* world = nullptr) {
  const auto config = migrate::read_config(given.world().files, given.config());
  EXPECT_TRUE(config);
  auto assessment = assess_rollback(world != nullptr ? *world : given.world(), *config);
  EXPECT_TRUE(assessment) << assessment.error().to_string();
  return assessment ? *assessment : Assessment{};
}

const Criterion& named(const Assessment& assessment, std::string_view part) {
  static const Criterion none{"", Verdict::not_measured, "there is no such criterion"};
  for (const Criterion& one : assessment.criteria) {
    if (one.text.find(part) != std::string::npos) return one;
  }
  ADD_FAILURE() << "no criterion holds \"" << part << "\"";
  return none;
}

std::map<std::string, std::string> files_of(Workspace& given, const std::string& folder) {
  std::map<std::string, std::string> all;
  const auto names = os::files_below(given.world().files, folder);
  EXPECT_TRUE(names);
  for (const std::string& name : *names) all[name] = *os::read_file(given.world().files, os::join(folder, name));
  return all;
}

TEST(Criteria, AreThoseOfTheDocuments) {
  std::map<Phase, int> rows;
  for (const CriterionRow& row : criteria_table()) ++rows[row.phase];
  EXPECT_EQ(rows, (std::map<Phase, int>{{Phase::validate, 4}, {Phase::dual_write, 5}, {Phase::copy, 6}, {Phase::prove, 4}, {Phase::cutover, 5}}));
  std::vector<int64_t> limits;
  for (const Phase phase : migrate::kPhases) limits.push_back(limit_minutes(phase));
  EXPECT_EQ(limits, (std::vector<int64_t>{5, 15, 60, 30, 45}));
  std::map<Phase, std::vector<int64_t>> windows;
  for (const WindowRow& row : window_table()) windows[row.phase].push_back(row.until_minutes);
  EXPECT_EQ(windows, (std::map<Phase, std::vector<int64_t>>{{Phase::copy, {5, 15, 45}}, {Phase::cutover, {5, 30, 45}}}));
}

class CriteriaOfPhase : public ::testing::TestWithParam<Phase> {};

TEST_P(CriteriaOfPhase, AreMetOrSaidNotToBeMeasured_AfterARollback) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(GetParam()));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  const auto before = files_of(given, given.source());
  const Assessment assessment = assessed(given);
  EXPECT_EQ(files_of(given, given.source()), before);
  EXPECT_EQ(assessment.phase, GetParam());
  EXPECT_TRUE(assessment.good());
  for (const Criterion& one : assessment.criteria) {
    EXPECT_FALSE(one.evidence.empty()) << one.text;
    const bool needs_more = one.text == "deployment operations work";  // no check is configured
    EXPECT_EQ(one.verdict, needs_more ? Verdict::not_measured : Verdict::met) << one.text << ": " << one.evidence;
  }
  EXPECT_LE(assessment.taken_ms, assessment.limit_ms);
  EXPECT_EQ(assessment.windows.size(), GetParam() == Phase::copy || GetParam() == Phase::cutover ? 3u : 0u);
}

INSTANTIATE_TEST_SUITE_P(Phases, CriteriaOfPhase, ::testing::ValuesIn(migrate::kPhases));

TEST(Criteria, AreNotMet_WhenTheConfigurationIsAnotherOne) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  ASSERT_TRUE(os::replace_file(given.world().files, given.config(), given.config_text + "// a line of somebody else\n"));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  const Assessment assessment = assessed(given);
  EXPECT_EQ(named(assessment, "original state").verdict, Verdict::not_met);
  EXPECT_FALSE(assessment.good());
}

TEST(Criteria, AreNotMet_WhenTheSourceIsDamagedAfterwards) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  for (const auto& [name, bytes] : files_of(given, given.source())) {
    if (name.find("MANIFEST") == std::string::npos) continue;
    std::string other = bytes;
    other[other.size() / 2] ^= 1;
    ASSERT_TRUE(os::replace_file(given.world().files, os::join(given.source(), name), other));
  }
  const Assessment assessment = assessed(given);
  EXPECT_EQ(named(assessment, "corruption").verdict, Verdict::not_met);
  EXPECT_EQ(named(assessment, "every record").verdict, Verdict::not_met);
  EXPECT_EQ(named(assessment, "operations").verdict, Verdict::not_met);
}

TEST(Criteria, SaySo_WhenTheRollbackWasAskedToStopEarlier) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.rollback_to(Phase::dual_write));
  const Assessment assessment = assessed(given);
  EXPECT_EQ(assessment.phase, Phase::copy);
  EXPECT_EQ(named(assessment, "source only").verdict, Verdict::not_met);
  EXPECT_TRUE(named(assessment, "source only").as_asked);
  EXPECT_TRUE(assessment.good());
}

TEST(Criteria, MissTheirTime_WhenTheJournalSaysSo) {
  for (const auto& [phase, windows] : {std::pair(Phase::cutover, 3u), std::pair(Phase::dual_write, 0u)}) {
    Workspace given;
    ASSERT_TRUE(given.migrate_through(phase));
    SlowClock clock;
    os::World slow{given.world().files, clock, given.world().memory, given.world().identity, true};
    auto session = Session::open(slow, given.config(), {});
    ASSERT_TRUE(session);
    ASSERT_TRUE(rollback(**session, {}));
    ASSERT_TRUE((*session)->close());
    session->reset();
    const Assessment assessment = assessed(given);
    EXPECT_GT(assessment.taken_ms, assessment.limit_ms);
    EXPECT_FALSE(assessment.in_time());
    EXPECT_FALSE(assessment.good());
    ASSERT_EQ(assessment.windows.size(), windows);
    if (windows != 0) { EXPECT_LT(assessment.windows[0].taken_ms, assessment.windows[1].taken_ms); }
    EXPECT_EQ(assessment.count(Verdict::not_met), 0u);
  }
}

TEST(Criteria, AreNotFound_WithoutARollback) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  const auto config = migrate::read_config(given.world().files, given.config());
  const auto assessment = assess_rollback(given.world(), *config);
  ASSERT_FALSE(assessment);
  EXPECT_EQ(assessment.error().code, Code::not_found);
}

TEST(Trial, UsesTheStore_AndChangesNothing) {
  Workspace given;
  const auto before = files_of(given, given.source());
  const auto trial = try_store(given.world(), {"leveldb", given.source()}, "");
  ASSERT_TRUE(trial) << trial.error().to_string();
  EXPECT_EQ(trial->records, given.original.size());
  EXPECT_EQ(trial->per_space.size(), 3u);
  EXPECT_EQ(trial->operations, 3u * 6u);
  EXPECT_EQ(files_of(given, given.source()), before);
}

Status migrate_and_return(os::World& world, Workspace& given) {
  ROLLPROOF_TRY(in_world(world, given, [](Session& session) { return migrate::migrate(session, {Phase::dual_write, "test"}); }));
  return in_world(world, given, [](Session& session) { return rollback(session, {}); });
}

TEST(Criteria, OfSpeed_AreNotMet_WhenEveryRunIsAsSlow) {
  Workspace given;
  BusyClock clock([] { return 10; });
  os::World world = with_clock(given, clock);
  ASSERT_TRUE(migrate_and_return(world, given));
  clock.becomes([] { return 500'000; });
  EXPECT_EQ(named(assessed(given, &world), "performance").verdict, Verdict::not_met);
}

TEST(Criteria, OfSpeed_AreOnlyRecorded_WhereTheConfigurationAsksForNoMore) {
  Workspace given;
  BusyClock clock([] { return 10; });
  os::World world = with_clock(given, clock);
  ASSERT_TRUE(migrate_and_return(world, given));
  clock.becomes([] { return 500'000; });
  EXPECT_FALSE(assessed(given, &world).good());
  const std::string commented = "// \"enforce_performance\": true,";
  std::string configuration = given.config_text;
  configuration.replace(configuration.find(commented), commented.size(), "\"enforce_performance\": false,");
  ASSERT_TRUE(os::replace_file(given.world().files, given.config(), configuration));
  const Assessment assessment = assessed(given, &world);
  EXPECT_EQ(named(assessment, "performance").verdict, Verdict::not_met);
  EXPECT_TRUE(named(assessment, "performance").only_recorded);
  EXPECT_TRUE(assessment.good());
}

TEST(Criteria, OfSpeed_AreNotMeasured_WhenRunsOfTheSameDiffer) {
  Workspace given;
  BusyClock clock([] { return 10; });
  os::World world = with_clock(given, clock);
  ASSERT_TRUE(migrate_and_return(world, given));
  clock.becomes([us = 200'000]() mutable { return us += us / 50; });
  const Assessment assessment = assessed(given, &world);
  EXPECT_EQ(named(assessment, "performance").verdict, Verdict::not_measured);
  EXPECT_NE(named(assessment, "performance").evidence.find("too noisy"), std::string::npos) << named(assessment, "performance").evidence;
}

// The limits of dual-write and copy compare with the source, not with the moment at which it was timed.
TEST(Limits, AreKept_WhenTheMachineHasBecomeSlowerForBothStores) {
  Workspace given;
  BusyClock clock([] { return 10; });
  os::World world = with_clock(given, clock);
  ASSERT_TRUE(in_world(world, given, [](Session& session) { return migrate::migrate(session, {Phase::validate, "test"}); }));
  clock.becomes([] { return 500'000; });
  const auto migrated = in_world(world, given, [](Session& session) { return migrate::migrate(session, {Phase::copy, "test"}); });
  EXPECT_TRUE(migrated) << migrated.error().to_string();
}

}  // namespace
}  // namespace rollproof::rollback
