// The audit trail: every control event of the journal, one line each, hash-chained (seed 004, "Audit Trail"). Line n is
//
//   {"position":17,"previous":"<hash of line n-1>","event":{…},"hash":"<SHA-256 of position, previous and event, each after a newline>"}
//
// The journal is the only truth; this file is its rendering for people and auditors. The chain shows, without the journal, that no line
// was changed, dropped or put between. It can not show that lines were cut off at the end: for that compare with the journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/incident/event.h"
#include "lib/incident/line_file.h"
#include "lib/os/file_system.h"

namespace rollproof::incident {

// The hash that the first line names as its predecessor's.
inline constexpr std::string_view kChainStart = "0000000000000000000000000000000000000000000000000000000000000000";

// Appends one line to `lines` and moves `previous` on. An event that is no JSON object is kept as {"unreadable":"<its bytes, in
// hexadecimal>"}: the trail leaves nothing out.
void append_audit_line(const Event& event, std::string& previous, std::string& lines);

class AuditFile {
 public:
  // The file at `path`, holding exactly the chain of `all` (every control event of the journal, in order), as LineFile::with_content.
  // `durable_through`: a position up to which the events are known to have been synced into the file (the last one of a session that
  // was closed); 0 if none. What is missing, torn or damaged is rendered anew; found() says what it was.
  static Result<AuditFile> catch_up(os::FileSystem& files, const std::string& path, const std::vector<Event>& all, uint64_t durable_through = 0, bool again = false);
  // Whether the file is exactly that already; changes nothing.
  static Result<bool> is_current(os::FileSystem& files, const std::string& path, const std::vector<Event>& all);
  // Not durable before sync(): the journal is what survives. Events at or before last() are there already and are skipped.
  Status append(const std::vector<Event>& events);
  Status sync() { return file_.sync(); }

  uint64_t last() const { return last_; }  // position of the last line; 0 if there is none
  Found found() const { return found_; }
  bool rewritten() const { return found_ != Found::sound; }

 private:
  AuditFile(LineFile file, std::string previous, uint64_t last, Found found)
      : file_(std::move(file)), previous_(std::move(previous)), last_(last), found_(found) {}
  LineFile file_;
  std::string previous_;
  uint64_t last_ = 0;
  Found found_ = Found::missing;
};

// The position that the last line of the file tells of; 0 if there is no file, or its end is not a line whose hash fits. Reads the end of the file only, and changes nothing.
Result<uint64_t> end_of_audit(os::FileSystem& files, const std::string& path);

// Reads the file on its own, without the journal; changes nothing.
struct AuditVerdict {
  uint64_t lines = 0;  // looked at
  uint64_t last = 0;   // position of the last good one
  std::optional<uint64_t> broken_line;  // the first one, from 1; nothing: the chain holds
  std::string why;
  std::string hash;    // of the last good line: written down elsewhere, it shows later that nothing was cut off
};
Result<AuditVerdict> verify_audit(os::FileSystem& files, const std::string& path);

}  // namespace rollproof::incident
