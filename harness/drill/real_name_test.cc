#include "harness/drill/real_name.h"

#include <gtest/gtest.h>

#include "harness/drill/real_result.h"

namespace rollproof::drill {
namespace {

TEST(RealName, PrintsWhatItParses) {
  for (const char* id : {"copy.process-death.forward.drain@leveldb>unified-json/real-migrate-to-copy:kill(at 3)",
                         "dual-write.memory.forward.open@leveldb>network-json/real-migrate-to-copy:memory(at 2)",
                         "cutover.intruder.rollback.settle@leveldb>leveldb/real-rollback-from-cutover:second(at 5, recover)",
                         "copy.corruption.rollback.source@leveldb>unified-json/real-rollback-from-copy:damage(flip source)",
                         "copy.corruption.rollback.backup@leveldb>unified-json/real-rollback-from-copy/rollback/settle:damage(at 2, lose backup)"}) {
    EXPECT_TRUE(is_real(id));
    const auto named = real_case_named(id);
    ASSERT_TRUE(named) << id << ": " << named.error().to_string();
    EXPECT_EQ(id_of(named->what, named->target_kind), id);
    const auto words = explain_real(id);
    ASSERT_TRUE(words);
    EXPECT_NE(words->find("real process"), std::string::npos);
  }
}

TEST(RealName, RefusesWhatItWouldNotPrint) {
  for (const char* id : {"", "copy.process-death.forward.drain@leveldb>unified-json", "copy.process-death.forward.drain@leveldb>unified-json/migrate:death(after 3)",
                         "copy.process-death.forward.drain@leveldb>unified-json/real-migrate-to-nowhere:kill(at 3)",
                         "copy.memory.forward.drain@leveldb>unified-json/real-migrate-to-copy:kill(at 3)",
                         "prove.process-death.forward.drain@leveldb>unified-json/real-migrate-to-copy:kill(at 3)"}) {
    const auto named = real_case_named(id);
    ASSERT_FALSE(named) << id;
    EXPECT_EQ(named.error().code, Code::invalid);
  }
  EXPECT_FALSE(is_real("copy.process-death.forward.drain@leveldb>unified-json/migrate:death(after 3)"));
}

}  // namespace
}  // namespace rollproof::drill
