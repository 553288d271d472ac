// Memory that runs out while an event of the journal is folded: an exception that somebody answers, and no end of the process (a comparison of JSON with a literal makes a
// document of it, in a function that may not throw).
#include <gtest/gtest.h>

#include <new>

#include "harness/sim/allocations.h"
#include "lib/migrate/state.h"

namespace rollproof::subject {
namespace {

using migrate::Json;

constexpr const char* kEvents[] = {
    R"({"type":"migration_begin","migration":"mig-1","source":"leveldb:db","target":"unified-json:out","config_sha256":"0","target_existed":false})",
    R"({"type":"session_begin","command":"rollproof migrate","mark":"log 3 100; manifest MANIFEST-000002 50"})",
    R"({"type":"session_end"})",
    R"({"type":"operation_begin","operation_id":"op-2026-01-01T00-00-00-000Z-000001","operation":"rollback","to":"source","reason":"a reason that is long enough","time_ms":1})",
    R"({"type":"operation_end","result":"success"})",
    R"({"type":"step_intent","phase":"dual-write","step":"the-name-of-a-step"})",
    R"({"type":"step_done","phase":"rollback","step":"remove-migrated","facts":{"records":1}})",
    R"({"type":"phase_undone","phase":"cutover"})",
    R"({"type":"route","route":"dual_target_first","epoch":2})",
    R"({"type":"follow","following":"paused","position":7})",
    R"({"type":"checkpoint","source":{"position":7,"mark":"a mark that is long enough","fingerprint":{"files":[]}},"target":{"position":7,"mark":"m"}})",
    R"({"type":"seal","seal":"equivalence","passed":true,"position":9,"facts":{"records":3}})",
    R"({"type":"foreign_taken_over","uncounted":true})",
    R"({"type":"target_left","records":1})",
    R"({"type":"target_aside","aside":"out.damaged-mig-1-some-position"})",
    R"({"type":"source_replacing","ready":"db.rollproof-restoring","aside":"db.damaged-1-some-position","from":"backup","position":7,"mark":"a mark that is long enough"})",
    R"({"type":"source_replaced","source":{"position":7,"mark":"a mark that is long enough"}})",
    R"({"type":"store_behind","store":"target","why":"another program has the database open"})",
    R"({"type":"safe_stop","message":"a message that is long enough"})",
    R"({"type":"migration_end","outcome":"rolled_back"})",
};

// How many of its allocations have failed, each in its turn.
uint64_t fold_with_each_allocation_failing(const char* text) {
  const Json event = Json::parse(text);
  for (uint64_t number = 1;; ++number) {
    bool threw = false;
    sim::Allocations::arm(0, number, false);
    sim::Allocations::change(0);
    const bool died = sim::died_of_memory([&] {
      migrate::State state;
      const sim::CountedAllocations counted;
      try {
        (void)state.apply(1, event);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
    });
    const uint64_t fired = sim::Allocations::fired();
    sim::Allocations::disarm();
    EXPECT_FALSE(died) << text << ", allocation " << number;
    if (died || fired == 0) return number - 1;
    EXPECT_TRUE(threw) << text << ", allocation " << number;
  }
}

TEST(StateMemory, AnAllocationThatFailsIsAnException_InEveryEvent) {
  for (const char* text : kEvents) {
    const uint64_t failed = fold_with_each_allocation_failing(text);
    if (std::string_view(text).find("seal") != std::string_view::npos) {
      EXPECT_GT(failed, 2u) << "something has to allocate";
    }
  }
}

}  // namespace
}  // namespace rollproof::subject
