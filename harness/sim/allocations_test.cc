#include "harness/sim/allocations.h"

#include <gmock/gmock.h>

#include <new>

namespace rollproof::sim {
namespace {

// Allocates once whatever the compiler thinks of it.
void allocate_once() {
  ::operator delete(::operator new(sizeof(int)));
}

uint64_t until_failure(uint64_t of) {
  uint64_t done = 0;
  const CountedAllocations counted;
  try {
    for (; done < of; ++done) allocate_once();
  } catch (const std::bad_alloc&) {
  }
  return done;
}

TEST(Allocations, TheOneThatIsAskedForFailsOnce) {
  Allocations::arm(0, 3, false);
  EXPECT_EQ(until_failure(10), 2u);
  EXPECT_EQ(until_failure(10), 10u);
  EXPECT_EQ(Allocations::fired(), 1u);
  Allocations::disarm();
}

TEST(Allocations, WhoeverAsksWithoutExceptionsHearsOfTheFailureByNull) {
  Allocations::arm(0, 2, false);
  const CountedAllocations counted;
  void* const got = ::operator new(8, std::nothrow);
  EXPECT_NE(got, nullptr);
  EXPECT_EQ(::operator new(8, std::nothrow), nullptr);
  ::operator delete(got);
  EXPECT_EQ(Allocations::fired(), 1u);
  Allocations::disarm();
}

TEST(Allocations, FromThenOnAllFailThatCount) {
  Allocations::arm(0, 3, true);
  EXPECT_EQ(until_failure(10), 2u);
  EXPECT_EQ(until_failure(10), 0u);
  allocate_once();  // not counted
  EXPECT_EQ(Allocations::fired(), 2u);
  Allocations::disarm();
  EXPECT_EQ(until_failure(10), 10u);
}

TEST(Allocations, NumbersStartAnewAtEachChange_AndThoseOfTheHarnessHaveNone) {
  Allocations::arm(7, 2, false);
  EXPECT_EQ(until_failure(10), 10u) << "operation 7 is not the next one yet";
  Allocations::change(7);
  const CountedAllocations counted;
  allocate_once();
  {
    const UncountedAllocations ours;
    allocate_once();
  }
  EXPECT_EQ(Allocations::since_change(), 1u);
  EXPECT_THROW(allocate_once(), std::bad_alloc);
  Allocations::disarm();
}

void allocate_without_a_way_out() noexcept {
  const CountedAllocations counted;
  allocate_once();
}

TEST(Allocations, CodeThatCanNotUnwindDies_AndTheHarnessGoesOn) {
  Allocations::arm(0, 1, false);
  bool behind = false;
  EXPECT_TRUE(died_of_memory([&] {
    allocate_without_a_way_out();
    behind = true;
  }));
  EXPECT_FALSE(behind);
  Allocations::disarm();
  EXPECT_FALSE(died_of_memory([] { allocate_without_a_way_out(); }));
  EXPECT_EQ(until_failure(3), 3u);
}

}  // namespace
}  // namespace rollproof::sim
