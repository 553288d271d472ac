#include "lib/rollback/verification.h"

#include <algorithm>

#include "lib/rollback/ground_test.h"

namespace rollproof::rollback {
namespace {

MeasuringOptions complete_options() {
  MeasuringOptions options;
  options.look_around = [](const migrate::State&) { return Surroundings{std::vector<std::string>(), std::vector<std::string>()}; };
  options.use_at_once = [](Session&) -> Result<std::string> { return std::string("at once"); };
  return options;
}

Result<Measured> measured(Workspace& given, const MeasuringOptions& options = complete_options()) { return measure_after_rollback(given.world(), given.config(), options); }

// As if the rollback itself had left the source so.
Measured as_left_by_the_rollback(Measured found) {
  found.written_since.reset();
  return found;
}

const VerificationLine& named(const std::vector<VerificationLine>& lines, std::string_view text) {
  const auto found = std::find_if(lines.begin(), lines.end(), [&](const VerificationLine& line) { return line.text == text; });
  EXPECT_NE(found, lines.end()) << text;
  return *found;
}

Verdict verdict_of(const Measured& found, std::string_view text) {
  const auto lines = judge(found);
  return named(lines, text).verdict;
}

class Verification : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(given.migrate_through(Phase::cutover));
    ASSERT_TRUE(given.put("56-LookCoin", R"({"a":0.20})"));
    ASSERT_TRUE(given.rollback_to(std::nullopt));
    auto all = measured(given);
    ASSERT_TRUE(all) << all.error().to_string();
    sound = std::move(*all);
  }
  void write_behind_its_back(const std::string& key, const std::string& value) {
    auto opened = store::open(given.world(), {"leveldb", given.source()}, {});
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->apply({{record::Change::Kind::put, key, value}}));
    ASSERT_TRUE((*opened)->close());
  }
  Workspace given;
  Measured sound;
};

TEST_F(Verification, HasSixteenLinesInFourParts_AndChangesNothing) {
  const auto lines = judge(sound);
  ASSERT_EQ(lines.size(), 16u);
  for (const VerificationLine& line : lines) EXPECT_NE(line.verdict, Verdict::not_met) << line.text << ": " << line.evidence;
  for (const char* text : {"Processes stopped", "Configuration restored", "Backends accessible", "No errors", "All contracts accessible", "No corruption", "Basic operations", "Memory", "Concurrent operations"}) {
    EXPECT_EQ(named(lines, text).verdict, Verdict::met) << text << ": " << named(lines, text).evidence;
  }
  // Without a file whose permission could be taken away, and without checks of the user's own, nobody knows.
  EXPECT_EQ(named(lines, "Error handling").verdict, Verdict::not_measured);
  EXPECT_EQ(named(lines, "Operations across networks").verdict, Verdict::not_measured);
  EXPECT_TRUE(sound.source_unchanged);
  expect_as_before(given, {{"56-LookCoin", R"({"a":0.20})"}, {"97-SupplyOracle", R"({"b": 1e400})"}, {"odd", "\xff\x00 not JSON"}});
  EXPECT_FALSE(given.is_there(given.state("scratch")));
}

TEST_F(Verification, MissesDataThatIsNotWhatItHasToBe) {
  write_behind_its_back("97-SupplyOracle", R"({"b": 2})");
  const auto found = measured(given);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(verdict_of(as_left_by_the_rollback(*found), "No corruption"), Verdict::not_met);
  EXPECT_EQ(verdict_of(*found, "All contracts accessible"), Verdict::met) << "none is missing";
  EXPECT_EQ(verdict_of(*found, "Addresses match"), Verdict::met) << "another field was changed";
  write_behind_its_back("97-SupplyOracle", R"({"b": 1e400, "address": "0x00"})");
  const auto address = measured(given);
  ASSERT_TRUE(address);
  EXPECT_EQ(verdict_of(as_left_by_the_rollback(*address), "Addresses match"), Verdict::not_met);
  EXPECT_EQ(verdict_of(*address, "Hashes consistent"), Verdict::met);
}

TEST_F(Verification, MissesARecordTooManyOrTooFew) {
  write_behind_its_back("1-New", "{}");
  const auto found = measured(given);
  ASSERT_TRUE(found);
  EXPECT_EQ(verdict_of(as_left_by_the_rollback(*found), "All contracts accessible"), Verdict::not_met);
  EXPECT_EQ(verdict_of(as_left_by_the_rollback(*found), "Network configurations valid"), Verdict::not_met) << "more is odd than was sealed";
}

TEST_F(Verification, BlamesTheRollbackForNoWriteBehindIt) {
  EXPECT_FALSE(sound.written_since) << *sound.written_since;
  ASSERT_TRUE(given.put("1-New", "{}"));
  const auto ours = measured(given);
  ASSERT_TRUE(ours) << ours.error().to_string();
  ASSERT_TRUE(ours->written_since);
  EXPECT_NE(ours->written_since->find("last by"), std::string::npos) << *ours->written_since;
  for (const VerificationLine& line : judge(*ours)) EXPECT_NE(line.verdict, Verdict::not_met) << line.text << ": " << line.evidence;
  EXPECT_EQ(verdict_of(*ours, "All contracts accessible"), Verdict::not_measured);
  const auto lines = judge(*ours);
  EXPECT_NE(named(lines, "No corruption").evidence.find("1 more, 0 missing, 0 changed (1-New)"), std::string::npos) << named(lines, "No corruption").evidence;
  EXPECT_NE(named(lines, "Network configurations valid").evidence.find("one of them: 1-New"), std::string::npos) << named(lines, "Network configurations valid").evidence;
}

TEST_F(Verification, KnowsWritesOfAnotherProgramBehindTheRollback) {
  write_behind_its_back("56-LookCoin", "{}");
  const auto found = measured(given);
  ASSERT_TRUE(found) << found.error().to_string();
  ASSERT_TRUE(found->written_since);
  EXPECT_NE(found->written_since->find("another program"), std::string::npos) << *found->written_since;
  EXPECT_EQ(verdict_of(*found, "No corruption"), Verdict::not_measured);
}

// Other files, the same records: nothing is in doubt.
TEST_F(Verification, ComparesAllTheSame_WhenTheSourceWasOnlyOpened) {
  ASSERT_TRUE(given.put("56-LookCoin", R"({"a":0.20})"));
  const auto found = measured(given);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_TRUE(found->written_since);
  EXPECT_EQ(verdict_of(*found, "No corruption"), Verdict::met);
}

TEST_F(Verification, LooksAroundUnderTheLock_AndLeavesNoneWhereItIsRefused) {
  std::optional<std::string> holder;
  MeasuringOptions options = complete_options();
  options.look_around = [&](const migrate::State&) {
    holder = *given.world().files.lock_holder(given.state("lock"));
    return Surroundings{};
  };
  ASSERT_TRUE(measured(given, options));
  EXPECT_TRUE(holder);
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  ASSERT_TRUE(given.world().files.remove(given.state("lock")));
  EXPECT_EQ(measured(given, options).error().code, Code::refused);
  EXPECT_FALSE(given.is_there(given.state("lock")));
}

TEST(VerificationBesideARollback, IsLockedOut_AndDoesNotCallItInterrupted) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  Code answer = Code::internal;
  ASSERT_TRUE(given.in_session([&](Session& session) -> Status {
    ROLLPROOF_TRY(session.ledger().record({migrate::Json{{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op-1"}, {"to", "source"}, {"reason", ""}}}));
    answer = measured(given).error().code;
    return {};
  }));
  EXPECT_EQ(answer, Code::locked);
}

TEST_F(Verification, MissesADamagedFile_InSourceOrBackup) {
  auto& files = given.world().files;
  const std::string backups = os::join(os::parent_of(given.config()), "backups");
  const std::string backup = os::join(os::join(os::join(backups, (*files.list(backups)).front()), "leveldb"), "current");
  for (const auto& [folder, line] : {std::pair{given.source(), "No corruption"}, {backup, "Backends accessible"}}) {
    const auto names = *files.list(folder);
    const auto table = std::find_if(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".ldb") || name.ends_with(".log"); });
    ASSERT_NE(table, names.end()) << folder;
    const std::string path = os::join(folder, *table);
    const std::string text = *os::read_file(files, path, 1 << 20);
    std::string damaged = text;
    damaged[damaged.size() / 2] ^= 0x20;
    ASSERT_TRUE(os::replace_file(files, path, damaged));
    const auto found = measured(given);
    ASSERT_TRUE(found) << found.error().to_string();
    EXPECT_EQ(verdict_of(*found, line), Verdict::not_met) << line;
    ASSERT_TRUE(os::replace_file(files, path, text));
  }
}

TEST_F(Verification, MissesWhatEachLineOfHealthAsksFor) {
  Measured found = sound;
  EXPECT_TRUE(found.processes.empty()) << "this process did it all, and only looks now";
  found.processes.push_back({7, "db1", 0, true});
  EXPECT_EQ(verdict_of(found, "Processes stopped"), Verdict::not_met);
  found.processes.front().alive.reset();
  EXPECT_EQ(verdict_of(found, "Processes stopped"), Verdict::not_measured);
  found = sound;
  found.config_sha256 = "00";
  EXPECT_EQ(verdict_of(found, "Configuration restored"), Verdict::not_met);
  found = sound;
  found.contradicting = {"FORCE_BACKEND=json"};
  EXPECT_EQ(verdict_of(found, "Configuration restored"), Verdict::not_met);
  found.contradicting.reset();
  EXPECT_EQ(verdict_of(found, "Configuration restored"), Verdict::not_measured);
  found = sound;
  found.backups.clear();
  EXPECT_EQ(verdict_of(found, "Backends accessible"), Verdict::not_met) << "there was one";
  found = sound;
  found.errors_since = {"safe stop: x"};
  EXPECT_EQ(verdict_of(found, "No errors"), Verdict::not_met);
  found = sound;
  found.leftovers = {"db.tmp"};
  EXPECT_EQ(verdict_of(found, "No corruption"), Verdict::not_met);
  found.leftovers.reset();
  EXPECT_EQ(verdict_of(found, "No corruption"), Verdict::not_measured);
  found = sound;
  found.source_unchanged = false;
  EXPECT_EQ(verdict_of(found, "Basic operations"), Verdict::not_met);
}

migrate::Performance at(int64_t us) {
  const migrate::Latency one{20, us, us, us};
  return {one, one, one, 1000, 3};
}

TEST_F(Verification, JudgesTimes_AgainstTheBaseline) {
  constexpr int64_t kMs = 1000;
  Measured found = sound;
  found.baseline = at(200 * kMs);
  found.runs = std::vector(5, at(230 * kMs));
  EXPECT_EQ(verdict_of(found, "Response times"), Verdict::met);
  EXPECT_EQ(verdict_of(found, "No degradation"), Verdict::met);
  found.runs = std::vector(5, at(300 * kMs));
  EXPECT_EQ(verdict_of(found, "Response times"), Verdict::not_met);
  EXPECT_EQ(verdict_of(found, "No degradation"), Verdict::not_met);
  found.runs = std::vector{at(300 * kMs), at(900 * kMs), at(310 * kMs), at(290 * kMs), at(400 * kMs)};
  EXPECT_EQ(verdict_of(found, "Response times"), Verdict::not_measured) << "too noisy";
  EXPECT_EQ(verdict_of(found, "No degradation"), Verdict::not_measured);
  found.runs = std::vector{at(150 * kMs), at(160 * kMs), at(170 * kMs), at(180 * kMs), at(190 * kMs)};
  EXPECT_EQ(verdict_of(found, "No degradation"), Verdict::not_met) << "slower from run to run";
  found.runs = std::vector(4, at(1));
  EXPECT_EQ(verdict_of(found, "No degradation"), Verdict::not_measured) << "five are needed";
  found.memory_limit = 100;
  found.memory_used = 95;
  EXPECT_EQ(verdict_of(found, "Memory"), Verdict::not_met);
  found.baseline.reset();
  for (const char* text : {"Response times", "Memory", "No degradation"}) EXPECT_EQ(verdict_of(found, text), Verdict::not_measured);
  found.concurrent_use.reset();
  EXPECT_EQ(verdict_of(found, "Concurrent operations"), Verdict::not_measured);
  found.concurrent_use = Result<std::string>(fail(Code::differs, "lost"));
  EXPECT_EQ(verdict_of(found, "Concurrent operations"), Verdict::not_met);
}

TEST(VerificationLines, AreNotMeasured_WhenTheMachineFailed) {
  EXPECT_EQ(line_of("p", "t", {Code::io, "x", "", ""}).verdict, Verdict::not_measured);
  EXPECT_EQ(line_of("p", "t", {Code::no_space, "x", "", ""}).verdict, Verdict::not_measured);
  EXPECT_EQ(line_of("p", "t", {Code::corruption, "x", "", ""}).verdict, Verdict::not_met);
}

TEST(VerificationOfAnUntouchedSource, HoldsItAgainstTheSealedInventory) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  const auto found = measured(given);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(verdict_of(*found, "No corruption"), Verdict::met);
  EXPECT_EQ(verdict_of(*found, "Backends accessible"), Verdict::met) << "there was no backup yet";
}

TEST(VerificationWithoutAResult, IsRefused) {
  Workspace given;
  EXPECT_EQ(measured(given).error().code, Code::not_found);
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  EXPECT_EQ(measured(given).error().code, Code::not_found);
  ASSERT_TRUE(given.rollback_to(Phase::dual_write));
  EXPECT_TRUE(measured(given));
  EXPECT_TRUE(given.is_there(given.state("lock"))) << "a migration runs";
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  EXPECT_EQ(measured(given).error().code, Code::refused) << "the migration went on";
  const auto held = given.world().files.lock(given.state("lock"), "somebody");
  ASSERT_TRUE(given.is_there(given.state("lock")));
}

}  // namespace
}  // namespace rollproof::rollback
