// What happens in a run, one JSON object a line (events.jsonl), in order and as it comes: written by the drill, and read by the supervisor when the
// drill has died, and by anybody who wants to hold the reports against it. reports/schema/events.schema.json says what each line holds:
//   run      begins the file            story    a story is about to be told without a fault
//   told     it was, and what came out   planned  its scenarios and how many cases each has
//   case     one case has a verdict      done     the story's last one has, and why others have none
//   real     a real case has a verdict
//   died     the drill's process died    ended    the run's last line, with its exit code
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/drill/outcome.h"
#include "lib/os/file_system.h"

namespace rollproof::drill {

using OrderedJson = nlohmann::ordered_json;

OrderedJson story_event(const std::string& story);
OrderedJson told_event(const ControlOutcome& control);
OrderedJson planned_event(const std::string& story, const std::vector<PlannedCell>& cells);
OrderedJson case_event(const std::string& case_id, const CaseResult& result);
OrderedJson done_event(const std::string& story, const std::string& left_out_because);
OrderedJson died_event(const std::string& story, const std::string& execution, const std::string& why, bool blame_library);

// What one event adds to the outcome. Code::invalid for a kind that there is not; throws a JSON exception for one that has not what its kind has.
Status fold_event(const OrderedJson& event, OutcomeFold& fold);

// Appends to a file. What a process that dies has appended stays; synced at the end of each story, so that a machine that dies loses a story at most.
class EventLog {
 public:
  // Goes on behind the last whole line of a file that is there.
  static Result<EventLog> open(os::FileSystem& files, const std::string& path);
  Status append(const OrderedJson& event);
  Status sync();

 private:
  EventLog(std::unique_ptr<os::File> file, uint64_t size) : file_(std::move(file)), size_(size) {}
  std::unique_ptr<os::File> file_;
  uint64_t size_;
};

// The whole lines of the file; a last one that was cut off is left out. Code::invalid with the line's number for one that is no event.
Result<std::vector<OrderedJson>> read_events(os::FileSystem& files, const std::string& path);

// What the events tell, and how many stories have come to their end or to the drill's death.
struct Told {
  OutcomeFold fold;
  size_t stories_ended = 0;
  std::string at_work;        // the story that has begun and not ended; empty: none
  bool with_faults = false;   // its cases had begun
};
// Code::invalid for an event that has not what its kind has.
Result<Told> fold_events(const std::vector<OrderedJson>& events);

}  // namespace rollproof::drill
