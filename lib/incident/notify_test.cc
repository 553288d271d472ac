#include "lib/incident/notify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::incident {
namespace {

using Json = nlohmann::ordered_json;

Json notified(const char* event) {
  const auto line = notification_for({17, event});
  return line ? Json::parse(*line) : Json();
}

TEST(Notify, SaysWhatBegan_AndWhy) {
  const Json line = notified(R"({"type":"operation_begin","operation":"rollback","operation_id":"o","to":"source","reason":"slow","incident":"INC-20250813-112618",
                                 "time_ms":1755084378516,"migration":"m"})");
  EXPECT_EQ(line["id"], 17);
  EXPECT_EQ(line["time"], "2025-08-13T11:26:18.516Z");
  EXPECT_EQ(line["type"], "START");
  EXPECT_EQ(line["title"], "Migration Rollback Started");
  EXPECT_EQ(line["message"], "rollback to source: slow");
  EXPECT_EQ(line["migration"], "m");
  EXPECT_EQ(line["incident"], "INC-20250813-112618");
}

TEST(Notify, UsesTheDocumentsWords_WhenARollbackEnds) {
  const Json good = notified(R"({"type":"operation_end","operation":"rollback","result":"success","steps":[{"name":"a","success":true}]})");
  EXPECT_EQ(good["type"], "COMPLETED");
  EXPECT_EQ(good["severity"], "SUCCESS");
  EXPECT_EQ(good["title"], "Migration Rollback Complete");
  EXPECT_EQ(good["message"], "Migration rolled back successfully. Your data has been restored.");
  EXPECT_EQ(good["actions"], Json::array({"View Details", "Verify Data"}));
  EXPECT_EQ(good["result"], "SUCCESS");

  const Json warned = notified(R"({"type":"operation_end","operation":"rollback","result":"success",
                                   "steps":[{"name":"a","success":true},{"name":"b","success":false,"error":"no"}]})");
  EXPECT_EQ(warned["type"], "COMPLETED");
  EXPECT_EQ(warned["severity"], "WARNING");
  EXPECT_EQ(warned["message"], "Rollback completed with warnings. Please verify your data.");
  EXPECT_EQ(warned["result"], "PARTIAL");
  EXPECT_EQ(warned["failed_steps"], Json::array({"b: no"}));
}

TEST(Notify, TellsFailedFromPartialFromStopped) {
  const Json failed = notified(R"({"type":"operation_end","operation":"rollback","result":"failed","error":"disk"})");
  EXPECT_EQ(failed["type"], "FAILED");
  EXPECT_EQ(failed["result"], "FAILED");
  EXPECT_EQ(failed["error"], "disk");
  const Json partial = notified(R"({"type":"operation_end","operation":"migrate","result":"failed","steps":[{"name":"a","success":true}]})");
  EXPECT_EQ(partial["type"], "FAILED");
  EXPECT_EQ(partial["result"], "PARTIAL");
  const Json stopped = notified(R"({"type":"operation_end","operation":"migrate","result":"stopped"})");
  EXPECT_EQ(stopped["type"], "STOPPED");
  EXPECT_EQ(notified(R"({"type":"operation_end"})")["result"], "FAILED") << "no result is no success";
}

TEST(Notify, NamesTheNextCommand_AtASafeStop) {
  const Json line = notified(R"({"type":"safe_stop","code":"corruption","message":"m","next":"rollproof recover"})");
  EXPECT_EQ(line["type"], "SAFE_STOP");
  EXPECT_EQ(line["severity"], "CRITICAL");
  EXPECT_EQ(line["next"], "rollproof recover");
  EXPECT_EQ(line["actions"], Json::array({"Contact Support", "Download Backup"}));
}

TEST(Notify, SaysNothing_WhenNobodyHasToKnow) {
  for (const char* type : {"step_intent", "step_done", "route", "seal", "checkpoint", "hold", "commit", "migration_begin", "migration_end"}) {
    EXPECT_TRUE(notified((R"({"type":")" + std::string(type) + R"("})").c_str()).is_null()) << type;
  }
  for (const char* event : {"", "{", "[]", R"({"type":7})", "{}"}) EXPECT_TRUE(notified(event).is_null()) << event;
}

TEST(Notify, WritesEachOnce_HoweverOftenItsWriterWasKilled) {
  os::ScratchDirectory scratch;
  os::PosixFileSystem files;
  const std::string path = scratch / "notifications.jsonl";
  const std::vector<Event> all{{1, R"({"type":"migration_begin"})"},
                               {2, R"({"type":"operation_begin","operation":"migrate"})"},
                               {3, R"({"type":"step_done"})"},
                               {5, R"({"type":"operation_end","operation":"migrate","result":"success"})"},
                               {9, R"({"type":"safe_stop","message":"m"})"}};
  ASSERT_TRUE(NotificationFile::catch_up(files, path, all));
  const std::string whole = os::read_file(files, path).value();
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), 3);
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    for (size_t known = 1; known <= all.size(); ++known) {
      ASSERT_TRUE(os::replace_file(files, path, whole.substr(0, cut)));
      auto file = NotificationFile::catch_up(files, path, {all.begin(), all.begin() + static_cast<long>(known)});
      ASSERT_TRUE(file);
      ASSERT_TRUE(file->append(all));
      ASSERT_TRUE(file->append(all));
      ASSERT_EQ(os::read_file(files, path).value(), whole) << "cut at " << cut << ", " << known << " events known";
    }
    if (cut % 16 == 0) cut += 15;
  }
}

}  // namespace
}  // namespace rollproof::incident
