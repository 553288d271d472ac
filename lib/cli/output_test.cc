#include "lib/cli/output.h"

#include <gtest/gtest.h>

namespace rollproof::cli {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

class OutputTest : public testing::Test {
 protected:
  void SetUp() override {
    CaptureStdout();
    CaptureStderr();
  }
  void expect_printed(const std::string& out, const std::string& err) {
    EXPECT_EQ(GetCapturedStdout(), out);
    EXPECT_EQ(GetCapturedStderr(), err);
  }
  Output output;
};

TEST_F(OutputTest, IsPrintedAtOnce_WhenNothingIsHeld) {
  output.out("a\n");
  output.err("b\n");
  output.stream("c\n");
  EXPECT_FALSE(output.streamed());
  expect_printed("a\nc\n", "b\n");
}

TEST_F(OutputTest, IsPrintedWhenItIsReleased_AndNeverWhenItIsDropped) {
  output.hold();
  output.out("false\n");
  output.err("alarm\n");
  output.drop();
  output.hold();
  output.out("a\n");
  output.err("b\n");
  output.release();
  output.out("c\n");
  expect_printed("a\nc\n", "b\n");
}

TEST_F(OutputTest, LetsOutWhatIsTooLongToHold_AndRemembersIt) {
  output.hold();
  const std::string half(Output::kHeldBytesMax / 2 + 1, 'x');
  output.stream(half);
  EXPECT_FALSE(output.streamed());
  output.stream(half);
  EXPECT_TRUE(output.streamed());
  output.stream("the end of it\n");
  output.out("a document\n");
  output.err("a message\n");
  output.drop();
  EXPECT_TRUE(output.streamed()) << "what is out can not be taken back";
  output.hold();
  EXPECT_FALSE(output.streamed());
  output.release();
  expect_printed(half + half, "");
}

}  // namespace
}  // namespace rollproof::cli
