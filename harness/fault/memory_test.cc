#include "harness/fault/memory.h"

#include <gtest/gtest.h>

#include <new>

#include "harness/sim/allocations.h"

namespace rollproof::fault {
namespace {

sim::Operation change(uint64_t ordinal) {
  sim::Operation operation;
  operation.call = sim::Call::write;
  operation.mutating = true;
  operation.ordinal = ordinal;
  return operation;
}

int failures(int of) {
  const sim::CountedAllocations counted;
  int failed = 0;
  for (int n = 0; n < of; ++n) {
    try {
      ::operator delete(::operator new(8));
    } catch (const std::bad_alloc&) {
      ++failed;
    }
  }
  return failed;
}

TEST(Memory, PrintsItselfAndParsesBack_AndRefusesTheRest) {
  for (const char* text : {"memory(at 33, allocation 7)", "memory(from 33, allocation 7)", "memory(over from 33)"}) {
    const auto memory = Memory::parse(text);
    ASSERT_TRUE(memory) << text;
    EXPECT_EQ(memory->to_string(), text);
    EXPECT_FALSE(memory->in_words().empty());
  }
  for (const char* text : {"memory(at 33)", "memory(at 33, allocation 0)", "memory(over from 33, allocation 1)", "memory(from 33, allocation 7) "}) {
    EXPECT_FALSE(Memory::parse(text)) << text;
  }
}

TEST(Memory, TheAllocationFails_ThatIsCountedFromTheOperationBefore) {
  sim::SimDisk disk;
  sim::SimWorld world(disk);
  const auto hook = Memory{.at = 5, .allocation = 2}.hook(4, world);
  EXPECT_EQ(failures(3), 0) << "operation 5 is not the next one yet";
  EXPECT_FALSE(hook(change(4)));
  EXPECT_EQ(failures(1), 0);
  EXPECT_EQ(failures(3), 1);
  EXPECT_FALSE(hook(change(5)));
  EXPECT_EQ(failures(3), 0);
  EXPECT_EQ(sim::Allocations::fired(), 1u);
  sim::Allocations::disarm();
}

TEST(Memory, TheGaugeRisesAtItsOperation) {
  sim::SimDisk disk;
  sim::SimWorld world(disk);
  const auto hook = Memory{.kind = Memory::Kind::over_limit, .at = 5}.hook(3, world);
  hook(change(3));
  EXPECT_LT(world.memory.used, Memory::kLimitBytes / 10);
  hook(change(4));
  EXPECT_GT(world.memory.used, Memory::kLimitBytes / 10 * 9);
  EXPECT_EQ(world.memory.seen_over(), 0u);
  (void)world.memory.limit_bytes();
  EXPECT_EQ(world.memory.seen_over(), 1u);
}

}  // namespace
}  // namespace rollproof::fault
