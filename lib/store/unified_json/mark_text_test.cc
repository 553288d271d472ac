#include "lib/store/unified_json/mark_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollproof::store::unified_json {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kDigest(64, 'a');

TEST(MarkText, NamesTheFilesAgain_WhateverTheyAreCalled) {
  EXPECT_THAT(*files_of_mark(""), IsEmpty());
  const Mark mark = mark_line("a.json", 0, kDigest) + mark_line("b c sha256:1.json", 12, kDigest, "kept") + mark_line("two\nlines.json", 3, kDigest, "ours");
  EXPECT_THAT(*files_of_mark(mark), ElementsAre("a.json", "b c sha256:1.json", "two\nlines.json"));
}

TEST(MarkText, IsInvalid_WhereItEndsWithoutAChecksum) {
  for (const Mark& mark : {std::string("x"), mark_line("a.json", 1, kDigest) + "b.json 1 sha256:", "a.json  sha256:" + kDigest, "a.json x sha256:" + kDigest}) {
    EXPECT_EQ(files_of_mark(mark).error().code, Code::invalid) << mark;
  }
}

TEST(MarkText, SaysWhichFileIsGone) {
  const Mark mark = mark_line("a.json", 1, kDigest) + mark_line("b.json", 1, kDigest);
  EXPECT_TRUE(check_files_of_mark(mark, {"a.json", "b.json", "c.json"}, "/store"));
  const Status gone = check_files_of_mark(mark, {"a.json", "c.json"}, "/store");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::corruption);
  EXPECT_EQ(gone.error().path, "/store/b.json");
}

}  // namespace
}  // namespace rollproof::store::unified_json
