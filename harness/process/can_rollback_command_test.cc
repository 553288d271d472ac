#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

class CanRollbackCommand : public CommandLine {};

TEST_F(CanRollbackCommand, AnswersAsTheRollbackWouldEnd_AndChangesNothing) {
  begin();
  expect({"can-rollback"}, 28, "no migration");
  expect({"migrate", "--execute"}, 0);
  expect({"put", "56-New", "1"}, 0);
  given.expected()["56-New"] = "1";
  const Footprint before = footprint_of(given.folder());
  const std::string yes = output_of({"can-rollback"});
  EXPECT_NE(yes.find("yes"), std::string::npos) << yes;
  EXPECT_NE(yes.find("measured just now"), std::string::npos) << yes;
  EXPECT_NE(yes.find("removing the target's"), std::string::npos) << yes;
  EXPECT_NE(output_of({"--json", "can-rollback", "--to", "copy"}).find("\"can_rollback\": true"), std::string::npos);
  expect({"can-rollback", "--to", "validate"}, 23, "validate");
  expect({"can-rollback", "--to", "cpoy"}, 2, "copy");
  EXPECT_EQ(difference(before, footprint_of(given.folder())), "");
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
}

TEST_F(CanRollbackCommand, CallsItADifference_WhenSomebodyElseHasWrittenToTheSource) {
  begin({{"migrate", "--execute"}});
  std::ofstream(given.path("source/900000.ldb")) << "a file of somebody else";
  const Footprint before = footprint_of(given.folder());
  const auto answer = given.rollproof({"can-rollback"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->exit_code, 22) << answer->to_string();
  EXPECT_NE(answer->output.find("NO"), std::string::npos) << answer->to_string();
  EXPECT_EQ(difference(before, footprint_of(given.folder())), "");
}

}  // namespace
}  // namespace rollproof::process
