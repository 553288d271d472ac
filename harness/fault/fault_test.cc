#include "harness/fault/fault.h"

#include <gtest/gtest.h>

namespace rollproof::fault {
namespace {

TEST(Fault, EveryKindPrintsItselfAndParsesBack) {
  for (const char* text : {"crash(after 33)", "crash(after 33, torn 512 sized)", "crash(after 33, lose [4,7])", "crash(after 33, keep none)", "death(after 12)",
                           "io(at 4)", "io(at 4, part 512)", "io(at 4, lose pages)", "no-space(from 9)", "io(from 9)", "io(at 9, read 2)", "io(from 9, read 2)", "full(at 9)", "full(at 9, left 512)", "intruder(at 17)",
                           "damage(after 3, flip db/a.log 17)", "damage(after 3, zero db/a.log 512)", "damage(after 3, cut db/a.log 0)", "damage(after 3, lose db/a.log)", "damage(after 3, stale db/a 512 20)",
                           "damage(after 3, misplace db/a 512 0)", "damage(after 3, swap db/a db/b)", "damage(after 3, garbage out/a.json)", "damage(after 3, fit backups/b/a 7)",
                           "memory(at 4, allocation 2)", "memory(over from 4)", "stall(at 4)", "clock(at 4, back)", "intruder(at 17, cancel)", "connection(at 2, lost)",
                           "crash(after 33, keep none) then crash(after 5)", "death(after 33) then crash(after 35, lose [4,7])"}) {
    const auto fault = Fault::parse(text);
    ASSERT_TRUE(fault) << text << ": " << fault.error().to_string();
    EXPECT_EQ(fault->to_string(), text);
    EXPECT_FALSE(fault->in_words().empty());
  }
}

TEST(Fault, RefusesWhatItWouldNotPrint) {
  for (const char* text : {"", "crash", "death(after )", "death(after 1", "death(after 1))", "io(at 4, part)", "io(at x)", "no-space(from 9, part 1)", "full(at 9, left 0)", "full(from 9)", "full(at )",
                           "intruder(at 1) ", "crash(after 1) then death(after 2)", "io(at 4) then crash(after 1)",
                           "io(at 4, read 0)", "io(from 4, part 1)", "death(after 1) then death(after 2)", "damage(after 1, flip a)", "damage(after 1, lose a b)",
                           "damage(after 1, bend a 1)", "damage(after 1, cut a 1) ", "damage(after 1, swap a)", "damage(after 1, stale a 1)"}) {
    EXPECT_FALSE(Fault::parse(text)) << text;
  }
}

TEST(IoError, FiresOnceAtItsOperation_AndFromThereOnWhenTheDiskIsFull) {
  sim::Operation write;
  write.call = sim::Call::write;
  write.mutating = true;
  write.grows = 1;
  auto once = IoError{.at = 3}.hook();
  auto full = IoError{.kind = IoError::Kind::no_space, .at = 3}.hook();
  int fired_once = 0, fired_full = 0;
  for (write.ordinal = 0; write.ordinal < 6; ++write.ordinal) {
    fired_once += once(write).has_value();
    fired_full += full(write).has_value();
  }
  EXPECT_EQ(fired_once, 1);
  EXPECT_EQ(fired_full, 3);
  write.grows = 0;
  EXPECT_FALSE(full(write)) << "nor does a write within what the file has";
  write.call = sim::Call::sync;
  EXPECT_FALSE(full(write)) << "a sync needs no space";
}

sim::Operation looking(uint64_t ordinal, sim::Call call = sim::Call::stat) {
  sim::Operation operation;
  operation.call = call;
  operation.ordinal = ordinal;
  return operation;
}

TEST(IoError, ALookingCallFailsOnce_AtItsNumberSinceTheLastChange) {
  auto hook = IoError{.kind = IoError::Kind::read_fails, .at = 3, .read = 2}.hook();
  EXPECT_FALSE(hook(looking(2)));
  EXPECT_FALSE(hook(looking(2)));
  EXPECT_FALSE(hook(looking(3)));
  EXPECT_FALSE(hook(looking(3, sim::Call::close))) << "a close is not counted";
  EXPECT_FALSE(hook(looking(3, sim::Call::remove))) << "nor is a change that is refused";
  EXPECT_TRUE(hook(looking(3)));
  EXPECT_FALSE(hook(looking(3)));
}

TEST(IoError, ADiskThatIsGoneStaysSo_AndOneThatTakesNoChangesCanBeRead) {
  auto gone = IoError{.kind = IoError::Kind::disk_gone, .at = 3, .read = 1}.hook();
  auto frozen = IoError{.kind = IoError::Kind::no_changes, .at = 3}.hook();
  sim::Operation write = looking(3, sim::Call::write);
  write.mutating = true;
  EXPECT_FALSE(gone(write));
  EXPECT_TRUE(gone(looking(3)));
  EXPECT_TRUE(frozen(write));
  write.ordinal = 7;
  EXPECT_TRUE(gone(write));
  EXPECT_TRUE(gone(looking(7)));
  EXPECT_TRUE(frozen(write));
  EXPECT_FALSE(frozen(looking(7)));
  write.ordinal = 2;
  EXPECT_FALSE(frozen(write));
}

}  // namespace
}  // namespace rollproof::fault
