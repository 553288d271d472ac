// Notifications, for now to a file: one line per event that a person has to hear of, derived from the journal, so that each is there exactly
// once however often its writer was killed (seed 004, "User Communication").
//
//   {"id":17,"time":"2025-08-13T11:26:18.516Z","type":"COMPLETED","severity":"SUCCESS","title":…,"message":…,"actions":[…],
//    "migration":…,"operation":…,"operation_id":…,"result":"SUCCESS"}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/incident/event.h"
#include "lib/incident/line_file.h"

namespace rollproof::incident {

// The line for an event, without newline; nothing for events that concern nobody. Its id is the event's position in the journal.
//
//   event            type        severity   result
//   operation_begin  START       INFO
//   operation_end    COMPLETED   SUCCESS    SUCCESS             every step went well
//                    COMPLETED   WARNING    PARTIAL             it ended, and a step failed on the way
//                    STOPPED     WARNING    STOPPED             on request; it can be resumed
//                    FAILED      WARNING    PARTIAL or FAILED   some steps were done, or none is known to be
//   safe_stop        SAFE_STOP   CRITICAL                       with "next", the command to type
std::optional<std::string> notification_for(const Event& event);

class NotificationFile {
 public:
  // As AuditFile::catch_up.
  static Result<NotificationFile> catch_up(os::FileSystem& files, const std::string& path, const std::vector<Event>& all,
                                           uint64_t durable_through = 0, bool again = false);
  static Result<bool> is_current(os::FileSystem& files, const std::string& path, const std::vector<Event>& all);
  // Not durable before sync(). Events at or before last() are skipped.
  Status append(const std::vector<Event>& events);
  Status sync() { return file_.sync(); }

  uint64_t last() const { return last_; }  // position of the last event that was looked at
  Found found() const { return found_; }

 private:
  NotificationFile(LineFile file, uint64_t last, Found found) : file_(std::move(file)), last_(last), found_(found) {}
  LineFile file_;
  uint64_t last_ = 0;
  Found found_ = Found::missing;
};

}  // namespace rollproof::incident
