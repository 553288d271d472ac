// A small drill of its own: every prefix of a story's operations, with everything and with nothing unsynced surviving, recovered and
// checked against the ten promises. The drill proper does far more; this one needs nothing but the subject.
#include "harness/subject/library.h"

#include <gtest/gtest.h>

#include "harness/check/checkers.h"
#include "harness/sim/crash.h"
#include "lib/migrate/config.h"
#include "lib/os/posix.h"

namespace rollproof::subject {
namespace {

const check::Places kPlaces = {.config = "rollproof.json", .state = ".rollproof", .source = "db", .source_kind = "leveldb",
                               .target = "out", .target_kind = "unified-json", .backups = "backups"};

sim::Image start_image() {
  os::PosixFileSystem files;
  auto database = sim::Image::load(files, std::string(ROLLPROOF_SOURCE_DIR) + "/fixtures/lookcoin-28");
  EXPECT_TRUE(database);
  sim::Image start;
  for (const std::string& name : database->files()) start.put("db/" + name, *database->read(name));
  start.put("rollproof.json", migrate::render_config({"leveldb", "db"}, {"unified-json", "out"}));
  return start;
}

Command parsed(const char* text) { return *Command::parse(text); }

class LibraryTest : public ::testing::Test {
 protected:
  // Runs the story; the commands from `drilled` on are the ones that crash.
  void tell(std::initializer_list<const char*> story, size_t drilled) {
    sim::SimWorld world(disk_);
    size_t number = 0;
    for (const char* text : story) {
      if (number++ == drilled) first_drilled_ = disk_.operations();
      const check::Answer answer = run(disk_, world, options_, parsed(text), log_);
      ASSERT_EQ(wrong_with_answer(parsed(text), answer), "") << text << " (" << answer.path << ")";
    }
  }

  std::string judge(uint64_t k, const sim::Image& found) {
    sim::SimDisk disk(found);
    disk.record_calls(false);
    sim::SimWorld world(disk, 77);
    world.clock.advance(3'600'000);  // the story before it took less
    WriteLog ignored;
    check::Evidence evidence{.places = kPlaces, .before = &start_, .found = &found, .writes = log_.at(k)};
    for (const LoggedCommand& logged : log_.commands) {
      if (logged.begun_at >= k) break;
      if (logged.command.kind != Command::Kind::migrate && logged.command.kind != Command::Kind::rollback) continue;
      evidence.goal = logged.command.kind == Command::Kind::migrate ? check::Goal::migrate : check::Goal::rollback;
      evidence.goal_phase = logged.command.argument;
      evidence.goal_begun = true;
      evidence.goal_acknowledged = logged.ended_at <= k;
    }
    evidence.last_began_ms = world.clock.on_the_wall_ms();
    evidence.last = run(disk, world, options_, parsed("recover"), ignored);
    const uint64_t changes = disk.operations();
    evidence.second = run(disk, world, options_, parsed("recover"), ignored);
    evidence.second_changes = disk.operations() - changes;
    const sim::Image after = disk.now();
    evidence.after = &after;
    std::string text;
    for (const check::Violation& violation : check::check_all(evidence)) {
      text += "  promise " + std::to_string(violation.promise) + ": " + violation.what + "\n";
    }
    if (!text.empty() && !evidence.last.ok) text += "  recover: " + evidence.last.message + " (" + evidence.last.path + ")\n";
    return text;
  }

  void expect_all_promises_kept() {
    sim::CrashOptions crashes{.first = first_drilled_, .torn = false, .singles = false, .parts = false, .sectors = false, .suffixes = false};
    uint64_t cases = 0, bad = 0;
    sim::for_each_crash(disk_.trace(), crashes, [&](const sim::CrashId& id, sim::LazyImage& image) {
      ++cases;
      const std::string violations = judge(id.after, image.get());
      if (violations.empty()) return true;
      EXPECT_EQ(violations, "") << id.to_string() << " " << (id.after < disk_.operations() ? disk_.trace().operations[id.after]->to_string() : "end");
      return ++bad < 5;
    });
    EXPECT_GT(cases, 100u);
  }

  sim::Image start_ = start_image();
  sim::SimDisk disk_{start_};
  LibraryOptions options_{.places = kPlaces};
  WriteLog log_;
  uint64_t first_drilled_ = 0;
};

TEST_F(LibraryTest, KeepsAllPromises_WhenAMigrationCrashes) {
  tell({"migrate dual-write", "put 56-LookCoin 100", "migrate cutover with 3 writes", "put 97-Late 80", "delete 56-FeeManager"}, 0);
  expect_all_promises_kept();
}

TEST_F(LibraryTest, KeepsAllPromises_WhenARollbackCrashes) {
  tell({"migrate cutover", "put 56-LookCoin 100", "rollback source"}, 2);
  expect_all_promises_kept();
}

TEST(CommandOfAStory, PutsWhatIsNoJson) {
  const auto command = Command::parse("put-text 56-LookCoin 100");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->kind, Command::Kind::put_text);
  EXPECT_EQ(command->to_string(), "put-text 56-LookCoin 100");
  EXPECT_FALSE(Command::parse("put-text 56-LookCoin"));
}

TEST(CommandOfAStory, TellsOfOtherPrograms_AndOfWhatIsRefusedForThem) {
  for (const char* text : {"foreign source 56-New 80", "foreign target 97-New 80", "yes rollback source", "yes migrate copy with 2 writes", "refused put 56-New 80", "refused rollback source because 20"}) {
    const auto command = Command::parse(text);
    ASSERT_TRUE(command) << command.error().message;
    EXPECT_EQ(command->to_string(), text);
  }
  for (const char* text : {"foreign backup 56-New 80", "foreign source 56-New", "foreign source 56-New 80 dies in write", "yes put 56-New 80", "yes", "refused foreign source 56-New 80", "refused put 56-New 80 dies in write"}) {
    EXPECT_FALSE(Command::parse(text)) << text;
  }
  const Command refused = *Command::parse("refused put 56-New 80");
  EXPECT_NE(wrong_with_answer(refused, {.ok = true}), "");
  EXPECT_NE(wrong_with_answer(refused, {.ok = false, .code = Code::io}), "");
  EXPECT_EQ(wrong_with_answer(refused, {.ok = false, .code = Code::refused}), "");
  EXPECT_NE(wrong_with_answer(*Command::parse("put 56-New 80"), {.ok = false, .code = Code::refused}), "");
}

TEST_F(LibraryTest, KeepsWhatAnotherProgramWrites) {
  tell({"migrate copy", "foreign source 56-Theirs 80", "refused put 56-New 80", "yes migrate copy", "migrate cutover", "rollback source"}, 3);
  expect_all_promises_kept();
}

TEST(CommandOfAStory, GivesReasonsAndMakesBackups) {
  for (const char* text : {"rollback source because 2000", "rollback copy", "backup", "restore", "backup dies in create"}) {
    const auto command = Command::parse(text);
    ASSERT_TRUE(command) << command.error().to_string();
    EXPECT_EQ(command->to_string(), text);
  }
  for (const char* text : {"rollback source because", "rollback source because 0", "rollback source because of 2000", "backup source", "restore newest"}) EXPECT_FALSE(Command::parse(text)) << text;
}

TEST_F(LibraryTest, KeepsAllPromises_WhenValuesThatAreNoJsonAreRolledBack) {
  tell({"migrate cutover", "put-text 56-LookCoin 100", "put 56-LookCoin 100", "put-text 56-FeeManager 50", "rollback source"}, 3);
  expect_all_promises_kept();
}

TEST_F(LibraryTest, KeepsAllPromises_WhenARollbackToDualWriteCrashes) {
  tell({"migrate cutover", "put 56-LookCoin 100", "rollback dual-write", "put 56-LookCoin 50"}, 2);
  expect_all_promises_kept();
}

// What has begun to take the target away can only be finished; a lesser rollback that said "done" left a target that nobody followed.
TEST_F(LibraryTest, ALesserRollbackIsRefused_WhereOneToTheSourceHasBegunToTakeTheTargetAway) {
  tell({"migrate cutover", "put 56-LookCoin 100", "rollback source"}, 2);
  uint64_t refused = 0, done = 0;
  for (uint64_t k = first_drilled_; k <= disk_.operations(); k += 3) {
    const auto disk = disk_.after_process_death(k);
    disk->record_calls(false);
    sim::SimWorld world(*disk, 5);
    world.clock.advance(3'600'000);
    WriteLog ignored;
    const check::Answer lesser = run(*disk, world, options_, parsed("rollback dual-write"), ignored);
    refused += lesser.code == Code::refused && lesser.message.find("take the target away") != std::string::npos;
    done += lesser.ok;
    if (!lesser.ok) {
      const check::Answer too_early = run(*disk, world, options_, parsed("migrate cutover"), ignored);
      EXPECT_TRUE(too_early.ok || too_early.code == Code::refused) << "death " << k << ": " << too_early.message;
      const check::Answer finished = run(*disk, world, options_, parsed("recover"), ignored);
      EXPECT_TRUE(finished.ok) << "death " << k << ": " << finished.message;
    }
    const check::Answer forward = run(*disk, world, options_, parsed("migrate cutover"), ignored);
    EXPECT_TRUE(forward.ok) << "death " << k << ": " << forward.message << (lesser.ok ? " (the lesser rollback was done)" : "");
  }
  EXPECT_GT(refused, 5u);
  EXPECT_GT(done, 5u);
}

}  // namespace
}  // namespace rollproof::subject
