#include "reports/checklist.h"

#include <gtest/gtest.h>

#include "reports/record_for_tests.h"

namespace rollproof::reports {
namespace {

TestJson good_record() {
  return record_for_tests(TestJson::array({scenario_for_tests({}), scenario_for_tests({.fault = "second-crash", .direction = "recovery"}), scenario_for_tests({.fault = "intruder"}),
                                           scenario_for_tests({.fault = "corruption", .step = "backup"}), scenario_for_tests({.fault = "corruption", .step = "source", .excluded = "sampled"})}));
}

std::vector<ChecklistLine> lines_of(const TestJson& record) { return checklist_of(run_of(record).value()); }
ChecklistLine line_of(const TestJson& record, int number) { return lines_of(record).at(number - 1); }
std::string verdict(const TestJson& record, int number) { return line_of(record, number).verdict; }

TEST(Checklist, SaysMetOnlyForWhatWasMeasured) {
  const TestJson record = good_record();
  const std::vector<std::string> expected = {"met", "met", "not measured", "met", "met", "not measured", "met", "met", "not applicable", "met", "met", "not measured"};
  for (int i = 1; i <= 12; ++i) EXPECT_EQ(verdict(record, i), expected[i - 1]) << i << ": " << line_of(record, i).evidence;
}

TEST(Checklist, HasTheSixteenLinesAfterARollback_BehindTheTwelve) {
  const auto lines = lines_of(good_record());
  ASSERT_EQ(lines.size(), 28u);
  std::string met;
  for (size_t i = 12; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].list, "after a rollback");
    EXPECT_EQ(lines[i].number, static_cast<int>(i) - 11);
    EXPECT_FALSE(lines[i].evidence.empty());
    EXPECT_TRUE(lines[i].verdict == "met" || lines[i].verdict == "not measured") << lines[i].text << ": " << lines[i].verdict;
    if (lines[i].verdict == "met") met += lines[i].text + ";";
  }
  EXPECT_EQ(met, "Addresses match;Hashes consistent;No corruption;");
}

TEST(Checklist, NamesTheReplay_WhenACaseFailed) {
  TestJson record = good_record();
  record["scenarios"][2] = scenario_for_tests({.fault = "intruder", .failed = 2});
  EXPECT_EQ(verdict(record, 5), "not met");
  EXPECT_NE(line_of(record, 5).evidence.find("rollproof-drill replay"), std::string::npos);
}

TEST(Checklist, IsNotMet_WhenAPromiseWasBrokenInARollback) {
  TestJson record = good_record();
  record["violations"].push_back(TestJson{{"promise", 3}, {"case", "c"}, {"what", "a record is gone"}});
  for (const int number : {7, 8, 10, 18, 19, 20}) EXPECT_EQ(verdict(record, number), "not met") << number;
  EXPECT_EQ(verdict(record, 11), "met");
}

TEST(Checklist, IsNotMeasured_WhenCasesWereLeftOut) {
  TestJson record = good_record();
  record["scenarios"][0] = scenario_for_tests({.excluded = "sampled"});
  EXPECT_EQ(verdict(record, 4), "not measured");
  EXPECT_NE(line_of(record, 4).evidence.find("sampled"), std::string::npos);
}

TEST(Checklist, IsNotMeasured_WhenTheRecordSaysPassedAndTheFaultDidNotGoOff) {
  TestJson record = good_record();
  record["scenarios"][2]["fault"]["fired_count"] = 0;
  EXPECT_EQ(verdict(record, 5), "not measured");
  EXPECT_EQ(verdict(record, 18), "not measured") << "one rollback in which nothing is known";
}

TEST(Checklist, IsNotMeasured_WhenTheRecordIsEmpty) {
  for (const ChecklistLine& line : lines_of(TestJson{{"schema_version", 1}})) {
    EXPECT_TRUE(line.verdict == "not measured" || line.number == 9) << line.text << ": " << line.verdict;
  }
}

TEST(Checklist, IsNotMet_WhenAControlRunDidNotPass) {
  TestJson record = good_record();
  record["coverage"]["controls"][1]["verdict"] = "failed";
  EXPECT_EQ(verdict(record, 1), "not met");
  EXPECT_EQ(verdict(record, 7), "not measured");
}

}  // namespace
}  // namespace rollproof::reports
