#include <gtest/gtest.h>

#include "harness/drill/drill.h"
#include "harness/drill/plan.h"

namespace rollproof::drill {
namespace {

Story story(std::vector<const char*> before, std::vector<const char*> drilled) {
  Story story{.name = "small", .about = "one record", .records = {{{"56-A", "{}"}}}, .faults = {fault::Kind::corruption}};
  for (const char* text : before) story.before.push_back(*subject::Command::parse(text));
  for (const char* text : drilled) story.drilled.push_back(*subject::Command::parse(text));
  return story;
}

struct Told {
  uint64_t cases = 0, stopped = 0, inconclusive = 0;
};

// Every misread below a folder while the story's drilled commands are at work.
Told misread_all(const Story& story, const std::string& folder) {
  const auto recording = recording_of(story, {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"});
  EXPECT_TRUE(recording) << recording.error().to_string();
  CaseRunner runner(*recording);
  const Plan plan = plan_cases(*recording, runner, *Profile::named("deep"));
  Told told;
  for (const Planned& planned : plan.cases) {
    const auto& damage = std::get<fault::Damage>(planned.fault.what);
    if (damage.kind != fault::Damage::Kind::misread || damage.path.find(folder) == std::string::npos) continue;
    const CaseResult result = runner.run(planned.fault);
    ++told.cases;
    told.stopped += !result.command.ok;
    told.inconclusive += result.verdict == Verdict::inconclusive;
    EXPECT_NE(result.verdict, Verdict::failed) << planned.fault.to_string() << ": " << result.violations.front().what;
  }
  return told;
}

// The first answer is a safe stop that wakes somebody; the second look goes on, so nobody is told.
TEST(Misread, OfABackupWakesNobody_WhileARollbackIsAtWork) {
  const Told told = misread_all(story({"migrate copy", "put 56-B 40"}, {"rollback source"}), "backups/");
  EXPECT_GT(told.cases, 20u);
  EXPECT_EQ(told.stopped, 0u);
  EXPECT_EQ(told.inconclusive, 0u);
}

TEST(Misread, OfTheJournalsTailHindersNoRecovery) {
  const Told told = misread_all(story({"migrate dual-write", "put 56-B 40", "migrate copy dies in copy-records"}, {"recover"}), "/journal/");
  EXPECT_GT(told.cases, 5u);
  EXPECT_EQ(told.inconclusive, 0u);
}

}  // namespace
}  // namespace rollproof::drill
