#include "harness/sim/crash_id.h"

#include <gtest/gtest.h>

namespace rollproof::sim {
namespace {

TEST(CrashId, ParsesWhatItPrints) {
  for (const char* text :
       {"crash(after 0)", "crash(after 33)", "crash(after 33, torn 512)", "crash(after 33, torn 0 sized)", "crash(after 33, torn 512 noise)",
        "crash(after 33, lose [4])", "crash(after 33, lose [4,7])", "crash(after 33, lose [4.data,5.noise,9.from,10.s3,18446744073709551615])",
        "crash(after 33, keep 20)", "crash(after 33, keep none)", "crash(after 33, random 0x1f)"}) {
    const auto id = CrashId::parse(text);
    ASSERT_TRUE(id) << text << ": " << id.error().message;
    EXPECT_EQ(id->to_string(), text);
  }
  EXPECT_EQ(CrashId::parse("  crash( after 33 ,lose[ 4 , 7.s2 ] )")->to_string(), "crash(after 33, lose [4,7.s2])");
}

TEST(CrashId, RefusesEverythingElse_AndSaysWhy) {
  for (const char* text :
       {"", "crash", "crash()", "crash(33)", "crash(after)", "crash(after x)", "crash(after -1)", "crash(after 1", "crash(after 1))", "crash(after 1) x",
        "crash(after 1, )", "crash(after 1, tear 5)", "crash(after 1, torn)", "crash(after 1, torn 5 size)", "crash(after 1, tornado 5)",
        "crash(after 1, lose)", "crash(after 1, lose [])", "crash(after 1, lose [1)", "crash(after 1, lose [1,])", "crash(after 1, lose [1.])",
        "crash(after 1, lose [1.s])", "crash(after 1, lose [1.s4294967296])", "crash(after 1, keep)", "crash(after 1, keep nonesuch)",
        "crash(after 1, random 31)", "crash(after 1, random 0x)", "crash(after 99999999999999999999)", "fail(op 3, EIO)"}) {
    const auto id = CrashId::parse(text);
    ASSERT_FALSE(id) << text << " was read as " << id->to_string();
    EXPECT_EQ(id.error().code, Code::invalid);
    EXPECT_NE(id.error().message.find("expected"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace rollproof::sim
