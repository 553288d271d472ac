#include "harness/drill/case_id.h"

#include <gtest/gtest.h>

namespace rollproof::drill {
namespace {

TEST(CaseId, PrintsItselfAndParsesBack) {
  for (const char* text : {"copy.crash.forward.copy-records@leveldb>unified-json/migrate:crash(after 33, keep none)",
                           "cutover.io-error.rollback.settle@leveldb>leveldb/x:io(at 4, part 512)",
                           "cutover.second-crash.recovery.end@leveldb>unified-json/x:crash(after 3) then crash(after 5, lose [4])"}) {
    const auto id = CaseId::parse(text);
    ASSERT_TRUE(id) << id.error().to_string();
    EXPECT_EQ(id->to_string(), text);
  }
}

TEST(CaseId, RefusesWhatNamesNoCase) {
  for (const char* text : {"", "copy.crash.forward.x@s", "copy.crash.forward@s/m:crash(after 1)", "copy.flood.forward.x@s/m:crash(after 1)",
                           "copy.io-error.forward.x@s/m:crash(after 1)", "copy.crash.forward.x/m:crash(after 1)"}) {
    EXPECT_FALSE(CaseId::parse(text)) << text;
  }
}

}  // namespace
}  // namespace rollproof::drill
