#include "harness/fault/fault.h"

#include <gtest/gtest.h>

namespace rollproof::fault {
namespace {

TEST(Fault, EveryKindPrintsItselfAndParsesBack) {
  for (const char* text : {"crash(after 33)", "crash(after 33, torn 512 sized)", "crash(after 33, lose [4,7])", "crash(after 33, keep none)", "death(after 12)",
                           "io(at 4)", "io(at 4, part 512)", "io(at 4, lose pages)", "no-space(from 9)", "intruder(at 17)",
                           "crash(after 33, keep none) then crash(after 5)"}) {
    const auto fault = Fault::parse(text);
    ASSERT_TRUE(fault) << text << ": " << fault.error().to_string();
    EXPECT_EQ(fault->to_string(), text);
    EXPECT_FALSE(fault->in_words().empty());
  }
}

TEST(Fault, RefusesWhatItWouldNotPrint) {
  for (const char* text : {"", "crash", "death(after )", "death(after 1", "death(after 1))", "io(at 4, part)", "io(at x)", "no-space(from 9, part 1)",
                           "intruder(at 1) ", "crash(after 1) then death(after 2)", "io(at 4) then crash(after 1)"}) {
    EXPECT_FALSE(Fault::parse(text)) << text;
  }
}

TEST(IoError, FiresOnceAtItsOperation_AndFromThereOnWhenTheDiskIsFull) {
  sim::Operation write;
  write.call = sim::Call::write;
  write.mutating = true;
  auto once = IoError{.at = 3}.hook();
  auto full = IoError{.kind = IoError::Kind::no_space, .at = 3}.hook();
  int fired_once = 0, fired_full = 0;
  for (write.ordinal = 0; write.ordinal < 6; ++write.ordinal) {
    fired_once += once(write).has_value();
    fired_full += full(write).has_value();
  }
  EXPECT_EQ(fired_once, 1);
  EXPECT_EQ(fired_full, 3);
  write.call = sim::Call::sync;
  EXPECT_FALSE(full(write)) << "a sync needs no space";
}

}  // namespace
}  // namespace rollproof::fault
