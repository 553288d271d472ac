#include "lib/incident/notify.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/time_text.h"
#include "lib/incident/field.h"

namespace rollproof::incident {
namespace {

using Json = nlohmann::ordered_json;

std::string name_of_operation(const Json& event) {
  const std::string operation = text_in(event, "operation");
  if (operation == "rollback") return "Migration Rollback";
  if (operation == "complete") return "Migration Completion";
  return "Migration";
}

void describe_begin(const Json& event, Json& line) {
  line["type"] = "START";
  line["severity"] = "INFO";
  line["title"] = name_of_operation(event) + " Started";
  std::string message = text_in(event, "operation");
  const std::string goal = text_in(event, "through").empty() ? text_in(event, "to") : text_in(event, "through");
  if (!goal.empty()) message += (text_in(event, "through").empty() ? " to " : " through ") + goal;
  if (!text_in(event, "reason").empty()) message += ": " + text_in(event, "reason");
  line["message"] = message;
  line["actions"] = Json::array({"View Details"});
}

struct Steps {
  size_t done = 0;
  std::vector<std::string> failed;  // "verify-source: checksum …"
};

Steps steps_of(const Json& event) {
  Steps steps;
  const auto list = event.find("steps");
  if (list == event.end() || !list->is_array()) return steps;
  for (const Json& step : *list) {
    if (!step.is_object()) continue;
    const auto success = step.find("success");
    if (success != step.end() && *success == true) {
      ++steps.done;
    } else {
      const std::string error = text_in(step, "error");
      steps.failed.push_back(text_in(step, "name") + (error.empty() ? "" : ": " + error));
    }
  }
  return steps;
}

std::string message_of(const Json& event, const std::string& result) {
  if (result == "STOPPED") return "Stopped on request at a safe point.";
  if (text_in(event, "operation") == "rollback") {
    return result == "SUCCESS" ? "Migration rolled back successfully. Your data has been restored."
                               : "Rollback completed with warnings. Please verify your data.";
  }
  if (result == "SUCCESS") return "All steps went well.";
  return "The migration did not get to its end. `rollproof status` says where it stands.";
}

void describe_end(const Json& event, Json& line) {
  const std::string outcome = text_in(event, "result");
  const Steps steps = steps_of(event);
  const bool ended = outcome == "success";
  const bool stopped = outcome == "stopped";
  std::string result = "FAILED";
  if (ended && steps.failed.empty()) result = "SUCCESS";
  if (!ended && stopped) result = "STOPPED";
  if ((ended && !steps.failed.empty()) || (!ended && !stopped && steps.done > 0)) result = "PARTIAL";
  line["type"] = ended ? "COMPLETED" : stopped ? "STOPPED" : "FAILED";
  line["severity"] = result == "SUCCESS" ? "SUCCESS" : "WARNING";
  line["title"] = name_of_operation(event) + (ended ? " Complete" : stopped ? " Stopped" : " Failed");
  line["message"] = message_of(event, result);
  line["actions"] = Json::array({"View Details", "Verify Data"});
  line["result"] = result;
  if (!text_in(event, "error").empty()) line["error"] = text_in(event, "error");
  if (!steps.failed.empty()) line["failed_steps"] = steps.failed;
}

void describe_stop(const Json& event, Json& line) {
  line["type"] = "SAFE_STOP";
  line["severity"] = "CRITICAL";
  line["title"] = "Manual Intervention Required";
  line["message"] = text_in(event, "message");
  line["actions"] = Json::array({"Contact Support", "Download Backup"});
  line["next"] = text_in(event, "next");
}

void describe_foreign(const Json& event, Json& line) {
  line["type"] = "FOREIGN_CHANGE";
  line["severity"] = "WARNING";
  line["title"] = "Store Changed by Another Program";
  line["message"] = text_in(event, "type") == "foreign_open" ? "Files of the " + text_in(event, "store") + " are not as we left them; every record is the same, and the files stay as they are."
                                                            : "Writes of another program to the " + text_in(event, "store") + " were taken over.";
  if (event.contains("files")) line["files"] = event["files"];
  line["actions"] = Json::array({"View Details", "Verify Data"});
}

void describe_behind(const Json& event, Json& line) {
  line["type"] = "STORE_BEHIND";
  line["severity"] = "WARNING";
  line["title"] = "Store Not Kept in Step";
  line["message"] = "The " + text_in(event, "store") + " could not be opened, and lacks what was written since; the journal has it. " + text_in(event, "why");
  line["actions"] = Json::array({"View Details"});
  line["next"] = "rollproof recover";
}

std::string lines_for(const std::vector<Event>& events, uint64_t after, uint64_t& last) {
  std::string lines;
  last = after;
  for (const Event& event : events) {
    if (event.position <= last) continue;
    if (auto line = notification_for(event)) lines += *line + "\n";
    last = event.position;
  }
  return lines;
}

}  // namespace

std::optional<std::string> notification_for(const Event& event) {
  const auto read = event.read ? event.read : read_event(event.json);
  const Json& document = read->document;
  if (!document.is_object()) return std::nullopt;
  const std::string type = text_in(document, "type");
  const bool foreign = type == "foreign_open" || type == "foreign_taken_over";
  const bool behind = type == "store_behind";
  if (type != "operation_begin" && type != "operation_end" && type != "safe_stop" && !foreign && !behind) return std::nullopt;
  const auto time = document.find("time_ms");
  Json line{{"id", event.position}, {"time", time != document.end() && time->is_number_integer() ? time_text(time->get<int64_t>()) : ""}};
  if (type == "operation_begin") describe_begin(document, line);
  if (type == "operation_end") describe_end(document, line);
  if (type == "safe_stop") describe_stop(document, line);
  if (foreign) describe_foreign(document, line);
  if (behind) describe_behind(document, line);
  for (const char* key : {"migration", "operation", "operation_id", "incident"}) {
    if (!text_in(document, key).empty()) line[key] = text_in(document, key);
  }
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<NotificationFile> NotificationFile::catch_up(os::FileSystem& files, const std::string& path, const std::vector<Event>& all,
                                                    uint64_t durable_through, bool again) {
  uint64_t last = 0;
  const auto behind = std::find_if(all.begin(), all.end(), [&](const Event& event) { return event.position > durable_through; });
  const uint64_t durable = lines_for({all.begin(), behind}, 0, last).size();
  const std::string lines = lines_for(all, 0, last);
  Found found = Found::missing;
  ROLLPROOF_ASSIGN(LineFile file, LineFile::with_content(files, path, lines, durable, again, found));
  return NotificationFile(std::move(file), last, found);
}

Result<bool> NotificationFile::is_current(os::FileSystem& files, const std::string& path, const std::vector<Event>& all) {
  uint64_t last = 0;
  return LineFile::is_current(files, path, lines_for(all, 0, last));
}

Status NotificationFile::append(const std::vector<Event>& events) {
  uint64_t last = 0;
  const std::string lines = lines_for(events, last_, last);
  ROLLPROOF_TRY(file_.append(lines));
  last_ = last;
  return {};
}

}  // namespace rollproof::incident
