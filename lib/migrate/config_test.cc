#include "lib/migrate/config.h"

#include <gtest/gtest.h>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  Result<Config> read(const std::string& text) {
    EXPECT_TRUE(os::replace_file(files_, path_, text));
    return read_config(files_, path_);
  }
  Error refusal(const std::string& text) {
    auto config = read(text);
    EXPECT_FALSE(config.has_value()) << text;
    return config ? Error{} : config.error();
  }
  os::PosixFileSystem files_;
  os::ScratchDirectory scratch_;
  std::string path_ = os::join(scratch_.path(), "rollproof.json");
};

TEST_F(ConfigTest, ReadsWhatInitRenders_WithPathsRelativeToTheFile) {
  auto config = read(render_config({"leveldb", "./db"}, {"unified-json", "out"}));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->source.path, os::join(scratch_.path(), "./db"));
  EXPECT_EQ(config->target.kind, "unified-json");
  EXPECT_EQ(config->known_exceptions, std::vector<std::string>{"31337"});
}

TEST_F(ConfigTest, NamesLineAndColumn_OfMalformedText) {
  const Error error = refusal("{\n  \"source\": \"leveldb:a\",\n  oops\n}");
  EXPECT_EQ(error.code, Code::invalid);
  EXPECT_NE(error.message.find("line 3"), std::string::npos) << error.message;
}

TEST_F(ConfigTest, NamesTheNearestKnownKey_OfAnUnknownOne) {
  EXPECT_EQ(refusal(R"({"source":"leveldb:a","traget":"unified-json:b"})").hint, "Did you mean \"target\"?");
}

TEST_F(ConfigTest, RefusesNonsense) {
  for (const char* text : {"", "[]", "{}", "null", R"({"source":1,"target":"leveldb:b"})", R"({"source":"leveldb:a","target":"leveldb:a"})",
                           R"({"source":"nosuch:a","target":"leveldb:b"})", "{\"source\":\"leveldb:a\"", "\xff\xfe", R"({"source":"leveldb:a","target":"leveldb:b","known_exceptions":7})",
                           R"({"source":"leveldb:a","target":"leveldb:./x/../a/b"})", R"({"source":"leveldb:a/b","target":"leveldb:a"})",
                           R"({"source":"leveldb:a","target":"leveldb:b","backups":"a/backups"})", R"({"source":"leveldb:.","target":"leveldb:../b"})",
                           R"({"source":"leveldb:a","target":"leveldb:.rollproof/journal/b"})", R"({"source":"leveldb:a","target":"leveldb:b","backups":".rollproof/backups"})"}) {
    EXPECT_EQ(refusal(text).code, Code::invalid) << text;
  }
  using namespace std::string_literals;
  EXPECT_EQ(refusal("{\"source\":\"leveldb:a\",\"target\":\"leveldb:b\"}\0garbage"s).code, Code::invalid) << "a parser takes a byte of zero for the end";
  auto missing = read_config(files_, os::join(scratch_.path(), "absent.json"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::invalid);
  EXPECT_FALSE(missing.error().hint.empty());
}

TEST_F(ConfigTest, GivesTheFileBackByteForByte_WhenTheMigrationIdGoes) {
  for (const std::string& text : {render_config({"leveldb", "a"}, {"unified-json", "b"}),
                                 std::string("// { in a comment\n/* { */ {\"source\":\"leveldb:a\",\"target\":\"leveldb:b\"}")}) {
    ASSERT_TRUE(read(text));
    ASSERT_TRUE(write_migration_id(files_, path_, "mig-1"));
    ASSERT_TRUE(write_migration_id(files_, path_, "mig-1"));  // twice is once
    auto config = read_config(files_, path_);
    ASSERT_TRUE(config) << config.error().to_string();
    EXPECT_EQ(config->migration_id, "mig-1");
    EXPECT_EQ(config->sealed_text, text);
    ASSERT_TRUE(remove_migration_id(files_, path_));
    EXPECT_EQ(*os::read_file(files_, path_), text);
  }
}

}  // namespace
}  // namespace rollproof::migrate
