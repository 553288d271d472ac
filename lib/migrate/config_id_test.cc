#include "lib/migrate/config_id.h"

#include <gtest/gtest.h>

namespace rollproof::migrate {
namespace {

const std::string kOurComment = "/* set by rollproof while this migration runs, removed at its end */";

TEST(ConfigId, GivesBackEveryByte_OfWhatItWasPutInto) {
  for (const std::string text : {"{\n  \"source\": \"a\"\n}\n", "{\"source\":\"a\"}", "{ \"source\": \"a\" }", "{\r\n\t\"source\": \"a\"\r\n}", "\xef\xbb\xbf{\"a\": {}}",
                                 "// { in a comment\n/* \"migration_id\": 1, */ {  // and \"\n \"a\": \"/* { */ // \\\"\" }", "{\r \"a\": 1\r}", "// one\r{\"a\": [1, {\"migration_id\": 2}]}"}) {
    const std::string with = with_migration_id(text, "mig-1");
    EXPECT_TRUE(has_migration_id(with)) << text;
    EXPECT_EQ(with_migration_id(with, "mig-1"), with) << "twice is once";
    EXPECT_EQ(without_migration_id(with), text);
    EXPECT_EQ(without_migration_id(text), text);
    EXPECT_FALSE(has_migration_id(text)) << text;
  }
}

struct Case {
  std::string with, without;
};

TEST(ConfigId, IsTakenOut_HoweverAnEditorHasSavedIt) {
  for (const Case& one : {
           Case{"{\r\n  \"migration_id\": \"m\", " + kOurComment + "\r\n  // of mine\r\n  \"source\": \"a\"\r\n}", "{\r\n  // of mine\r\n  \"source\": \"a\"\r\n}"},
           Case{"{\n\t\"migration_id\": \"m\", " + kOurComment + "\n\t\"source\": \"a\"\n}", "{\n\t\"source\": \"a\"\n}"},
           Case{"{\n    \"migration_id\": \"m\",\n    \"source\": \"a\"\n}", "{\n    \"source\": \"a\"\n}"},
           Case{"{\"migration_id\":\"m\",\"source\":\"a\"}", "{\"source\":\"a\"}"},
           Case{"{\"source\":\"a\",\"migration_id\":\"m\"}", "{\"source\":\"a\"}"},
           Case{"{\n  \"source\": \"a\",\n  \"migration_id\": \"m\"\n}", "{\n  \"source\": \"a\"\n}"},
           Case{"{\n  \"source\": \"a\",\n  \"migration_id\": \"m\",\n  \"target\": \"b\"\n}", "{\n  \"source\": \"a\",\n  \"target\": \"b\"\n}"},
           Case{"{\n  \"migration_id\"\n  :\n  \"m\"\n  ,\n  \"source\": \"a\"\n}", "{\n  \n  \"source\": \"a\"\n}"},
           Case{"{\n  \"migration_id\": \"m\" " + kOurComment + ",\n  \"source\": \"a\"\n}", "{\n  \"source\": \"a\"\n}"},
           Case{"{\n  \"\\u006digration_id\": \"m\",\n  \"source\": \"a\"\n}", "{\n  \"source\": \"a\"\n}"},
           Case{"{\n  \"migration_id\": \"m\",\n  \"source\": \"a\",\n  \"migration_id\": \"n\"\n}", "{\n  \"source\": \"a\"\n}"},
           Case{"{\n  \"migration_id\": {\"of\": [\"m\", {}]},\n  \"source\": \"a\"\n}", "{\n  \"source\": \"a\"\n}"},
           Case{"{ \"migration_id\": \"m\" }", "{ }"},
       }) {
    EXPECT_EQ(without_migration_id(one.with), one.without);
    EXPECT_FALSE(has_migration_id(one.without));
  }
}

TEST(ConfigId, LeavesCommentsOfOthers_AndWhatStoodBehindOneOfThem) {
  EXPECT_EQ(without_migration_id("{\"source\": 1, // mine\n  \"migration_id\": \"m\", \"target\": 2}"), "{\"source\": 1, // mine\n   \"target\": 2}");
  EXPECT_EQ(without_migration_id("{\"source\": 1, // mine\n  \"migration_id\": \"m\" // this too\n}"), "{\"source\": 1 // mine // this too\n}");
  EXPECT_EQ(without_migration_id("{/* a */ \"migration_id\": /* b */ \"m\" /* c */, /* d */ \"x\": 1}"), "{/* a */ /* c */ /* d */ \"x\": 1}");
}

TEST(ConfigId, LeavesATextThatIsNoJsonAsItIs) {
  for (const std::string text : {"", "{", "[\"migration_id\"]", "{\"migration_id\": \"m\",}", "{\"migration_id\": \"m\"", "{\"a\": \"", "/* \"migration_id\"", "\"migration_id\""}) {
    EXPECT_EQ(without_migration_id(text), text);
    EXPECT_FALSE(has_migration_id(text)) << text;
  }
  EXPECT_EQ(with_migration_id("no object", "m"), "");
}

TEST(ConfigId, TakesThePlaceOfAnother) {
  EXPECT_EQ(without_migration_id(with_migration_id("{\n  \"a\": 1,\n  \"migration_id\": \"old\"\n}", "new")), "{\n  \"a\": 1\n}");
  const std::string spelled = "{\r\n\t\"migration_id\" : \"new\"\r\n}";
  EXPECT_EQ(with_migration_id(spelled, "new"), spelled) << "it carries it already, as its owner likes it";
}

}  // namespace
}  // namespace rollproof::migrate
