#include "reports/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "reports/gate.h"
#include "reports/gate_text.h"
#include "reports/sound_record_test.h"

namespace rollproof::reports {
namespace {

using Json = RecordJson;
using testing::Contains;
using testing::HasSubstr;

TEST(Figures, OfASoundRecordAddUp) {
  const Figures found = figures(sound_record());
  EXPECT_THAT(found.contradictions, testing::IsEmpty());
  EXPECT_EQ(found.cases_run(), 80u);
  EXPECT_EQ(found.steps, 2u);
  EXPECT_EQ(found.steps_complete, 2u);
  EXPECT_EQ(found.count("passed"), 8u);
  EXPECT_EQ(found.recovery().at("copy").max_ms, 30);
}

// What somebody could change by hand, or a broken program could write.
TEST(Figures, FindTheContradiction_InWhatWasEdited) {
  using Change = std::function<void(Json&)>;
  for (const auto& [change, what] : {
           std::pair{Change([](Json& r) { r["scenarios"][0]["cases"]["planned"] = 99; }), "99 cases planned, but 10 run + 2 pruned + 3 excluded"},
           {Change([](Json& r) { r["scenarios"][0]["verdicts"]["passed"] = 9; }), "10 cases run, but 9 passed"},
           {Change([](Json& r) { r["scenarios"][0]["verdicts"]["not_run"] = 0; }), "0 cases not run, but 3 excluded"},
           {Change([](Json& r) { fail_case(r, 0); r["scenarios"][0]["verdict"] = "passed"; }), "verdict \"passed\", but its cases say failed"},
           {Change([](Json& r) { r["scenarios"][0]["fault"]["fired_count"] = 3; }), "their fault went off 3 times"},
           {Change([](Json& r) { r["scenarios"][0]["execution"] = "not_started"; }), "execution \"not_started\", but 10 cases run"},
           {Change([](Json& r) { r["scenarios"][0]["id"] = "copy.memory.rollback.other@leveldb>unified-json"; }), "its parts say"},
           {Change([](Json& r) { r["scenarios"][1] = r["scenarios"][0]; r = settled(r); }), "it is there twice"},
           {Change([](Json& r) { r["scenarios"].erase(0); }), "8 scenarios planned, but 7 are there"},
           {Change([](Json& r) { std::swap(r["scenarios"][0], r["scenarios"][1]); }), "its sha256 is not that"},
           {Change([](Json& r) { r["coverage"]["cases"]["run"] = 81; }), "81 cases run, but the scenarios add up to 80"},
           {Change([](Json& r) { r["coverage"]["cases"]["planned"] = 1; }), "cases planned"},
           {Change([](Json& r) { r["coverage"]["cases"]["pruned"] = 1; }), "cases pruned"},
           {Change([](Json& r) { r["coverage"]["steps"]["complete"] = 3; }), "3 complete steps"},
           {Change([](Json& r) { r["coverage"]["steps"]["known"] = 1; }), "1 steps"},
           {Change([](Json& r) { r["coverage"]["images"] = 1; }), "1 disk contents"},
           {Change([](Json& r) { r["recovery"]["copy"]["max_ms"] = 1; }), "1 ms in copy, but its scenarios say 30"},
           {Change([](Json& r) { r["recovery"].erase("copy"); }), "no time of copy"},
           {Change([](Json& r) { r["violations"].push_back(Json{{"case", "c"}, {"replay", ""}}); }), "1 listed, but 0 in all"},
           {Change([](Json& r) { r["mutants"]["planned"] = 3; }), "3 planned, but 2 caught + 0 missed"},
           {Change([](Json& r) { r["finished_at"] = "2026-02-01T00:00:00Z"; }), "ended before it began"},
       }) {
    Json record = sound_record();
    change(record);
    const Figures found = figures(record);
    EXPECT_THAT(found.contradictions, Contains(HasSubstr(what)));
    EXPECT_NE(judge(found, {}, nullptr, found.finished_ms).code, ExitCode::done) << what;
  }
}

// Each member of a sound record that is taken out, or replaced by something of another type, is refused or red: it is never green by accident.
TEST(Figures, NoMemberIsMissedInSilence) {
  const Json sound = sound_record();
  const int64_t now = figures(sound).finished_ms;
  const std::vector<std::string> ignored = {"/tool/build_type", "/matrix/not_applicable", "/matrix/pattern", "/execution"};
  const Json flat = sound.flatten();
  uint64_t refused = 0, red = 0;
  for (const auto& [pointer, value] : flat.items()) {
    if (pointer.starts_with("/scenarios/") && !pointer.starts_with("/scenarios/0/")) continue;
    for (const Json& other : {Json(nullptr), Json("x"), Json(-1), Json(1.5), Json::array({Json::array()}), Json{{"a", 1}}}) {
      Json record = sound;
      record[Json::json_pointer(pointer)] = other;
      const auto found = figures_of(record);
      if (!found) {
        EXPECT_EQ(found.error().code, Code::invalid);
        ++refused;
        continue;
      }
      const Gate gate = judge(*found, {}, nullptr, now);
      red += gate.code != ExitCode::done;
      const bool text = value.is_string() && other.is_string();  // another name is another name
      const bool shown_only = std::any_of(ignored.begin(), ignored.end(), [&](const auto& name) { return pointer.starts_with(name); }) || pointer.find("/params") != std::string::npos ||
                              pointer.find("/expected") != std::string::npos || pointer.find("/observed") != std::string::npos || pointer.find("/proof") != std::string::npos ||
                              pointer.find("/replay") != std::string::npos || pointer.find("/images") != std::string::npos || pointer.find("/seed") != std::string::npos ||
                              pointer.find("/without_a_case") != std::string::npos || pointer.find("/steps/faults") != std::string::npos || pointer == "/violations" || pointer.starts_with("/coverage/cases/excluded") ||
                              pointer.starts_with("/recovery/") || pointer == "/mutants/missed";
      if (!text && !shown_only) EXPECT_NE(gate.code, ExitCode::done) << pointer << " = " << other.dump();
    }
  }
  EXPECT_GT(refused, 100u);
}

TEST(Figures, RefuseARecordOfAnotherVersion_OrProgram) {
  Json record = sound_record();
  record["schema_version"] = 2;
  EXPECT_THAT(figures_of(record).error().message, HasSubstr("schema_version is 2"));
  record = sound_record();
  record["tool"]["name"] = "other";
  EXPECT_FALSE(figures_of(record));
}

TEST(ParseRecord, CutAnywhereIsRefused) {
  const std::string whole = sound_record().dump();
  for (size_t length = 0; length < whole.size(); length += 7) {
    const auto record = parse_record(whole.substr(0, length), "run.json");
    ASSERT_FALSE(record) << length;
    EXPECT_EQ(record.error().code, Code::invalid);
    EXPECT_EQ(record.error().path, "run.json");
  }
  EXPECT_TRUE(parse_record(whole, "run.json"));
}

TEST(ParseRecord, NestedTooDeeplyIsRefused) {
  const std::string deep(100'000, '[');
  EXPECT_FALSE(parse_record(deep, "run.json"));
  const std::string closed = deep + std::string(100'000, ']');
  EXPECT_THAT(parse_record(closed, "run.json").error().message, HasSubstr("too deeply"));
}

}  // namespace
}  // namespace rollproof::reports
