// What `validate`, `plan` and `verify` say about a source before and after it is migrated, held against a count of our own.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/check/json_scan.h"
#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

using Json = nlohmann::ordered_json;

struct Count {
  uint64_t objects = 0, arrays = 0, members = 0, texts = 0, numbers = 0;
};

// The values of the fixture are flat: members that are texts, numbers and lists of those.
void count(std::string_view value, Count& count_of) {
  if (value.starts_with('{')) {
    ++count_of.objects;
    EXPECT_TRUE(check::for_each_member(value, [&](const std::string&, std::string_view member) {
      ++count_of.members;
      count(member, count_of);
      return true;
    }));
  } else if (value.starts_with('[')) {
    ++count_of.arrays;
    size_t at = 1;
    while (value[at] != ']') {
      const auto item = check::scan_value(value, at);
      ASSERT_TRUE(item) << value;
      count(*item, count_of);
      if (value[at] == ',') ++at;
    }
  } else if (value.starts_with('"')) {
    ++count_of.texts;
  } else if (value != "true" && value != "false" && value != "null") {
    ++count_of.numbers;
  }
}

class LookCommand : public CommandLine {};

TEST_F(LookCommand, AccountsForEveryRecordNumberAndByte) {
  ASSERT_NO_FATAL_FAILURE(begin());
  Count counted;
  uint64_t key_bytes = 0, value_bytes = 0, excepted = 0;
  for (const auto& [key, value] : given.expected()) {
    key_bytes += key.size();
    value_bytes += value.size();
    excepted += key.starts_with("31337-") ? 1 : 0;
    count(value, counted);
  }
  ASSERT_GT(counted.numbers, 0u);
  const std::string text = output_of({"validate"});
  EXPECT_NE(text.find("26 in 5 spaces, and 2 excepted (test)"), std::string::npos) << text;
  const Json found = Json::parse(output_of({"--json", "validate"}));
  EXPECT_EQ(found["records"], given.expected().size());
  EXPECT_EQ(found["excepted_records"], excepted);
  const Json& account = found["account"];
  EXPECT_EQ(account["key_bytes"], key_bytes);
  EXPECT_EQ(account["value_bytes"], value_bytes);
  EXPECT_EQ(account["json_values"], given.expected().size());
  EXPECT_EQ(account["objects"], counted.objects);
  EXPECT_EQ(account["arrays"], counted.arrays);
  EXPECT_EQ(account["members"], counted.members);
  EXPECT_EQ(account["texts"], counted.texts);
  EXPECT_EQ(account["numbers"], counted.numbers);
  // Sealed, and said again by whoever asks later.
  const Json status = Json::parse(output_of({"--json", "status"}));
  EXPECT_EQ(status["seals"]["inventory"]["facts"]["account"], account);
  EXPECT_EQ(status["seals"]["inventory"]["facts"]["excepted_records"], excepted);
}

TEST_F(LookCommand, SaysThatBytesWereCompared) {
  ASSERT_NO_FATAL_FAILURE(begin({{"migrate", "--through", "copy", "--execute"}}));
  EXPECT_NE(output_of({"verify"}).find("byte for byte"), std::string::npos);
  const Json found = Json::parse(output_of({"--json", "verify"}));
  EXPECT_EQ(found["compared"], "byte for byte");
  EXPECT_EQ(found["source_digest"], found["target_digest"]);
}

TEST_F(LookCommand, PlansWithRiskRoomTimeAndTheWayBack_AndChangesNothing) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const Footprint before = footprint_of(given.folder());
  const std::string text = output_of({"plan"});
  for (const char* wanted : {"risk critical", "within 45 min", "under 1 s", "a backup and the reserve", "are free in", "rollproof rollback --execute", "24. cutover"}) {
    EXPECT_NE(text.find(wanted), std::string::npos) << "wanted \"" << wanted << "\" in\n" << text;
  }
  const Json plan = Json::parse(output_of({"--json", "plan"}));
  ASSERT_EQ(plan["phases"].size(), 5u);
  uint64_t file_bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(given.path("source"))) file_bytes += file.file_size();
  EXPECT_EQ(plan["source"]["file_bytes"], file_bytes);
  EXPECT_GT(plan["phases"][1]["bytes"], file_bytes) << "the backup holds every file, and there is the reserve";
  EXPECT_GT(plan["phases"][2]["bytes"], plan["source"]["value_bytes"]);
  EXPECT_EQ(plan["phases"][2]["rollback_limit_ms"], 60 * 60'000);
  EXPECT_EQ(difference(before, footprint_of(given.folder())), "");
}

TEST_F(LookCommand, PlansOnlyWhatIsLeft) {
  ASSERT_NO_FATAL_FAILURE(begin({{"migrate", "--through", "copy", "--execute"}}));
  const Json plan = Json::parse(output_of({"--json", "plan"}));
  ASSERT_EQ(plan["phases"].size(), 2u);
  EXPECT_EQ(plan["phases"][0]["phase"], "prove");
  EXPECT_EQ(plan["plan"][0]["number"], 1);
}

}  // namespace
}  // namespace rollproof::process
