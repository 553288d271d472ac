#include "reports/checklist_after.h"

#include "reports/rollback_evidence.h"

namespace rollproof::reports {
namespace {

struct Line {
  const char* part;
  const char* text;
  LineFinding finding;
};

// What a rollback of the real command measures each time on real data, and prints as its criteria; a drill's record has none of it.
LineFinding by_the_command(const char* what) { return {"not measured", std::string(what) + " is not part of a drill; rollproof rollback measures it on the real stores and prints it with its criteria"}; }

std::vector<Line> lines_of(const Run& run) {
  const LineFinding same_text = promised(run, {1, 2, 3}, "every record is byte for byte what it was, or what was acknowledged since, read by a reader of the harness");
  return {
      {"System health", "Processes stopped", promised_in_part(run, {4, 8}, "one owner, no lock is left and the next command gets it", "the processes themselves: a drill in memory has none to look for")},
      {"System health", "Configuration restored", promised_in_part(run, {3, 8}, "the configuration is byte for byte what it was, the route is source only", "environment variables that contradict it")},
      {"System health", "Backends accessible", promised_in_part(run, {3, 6, 7}, "the source opens strictly and is read to its end, and no backup was changed", "opening each backup afterwards")},
      {"System health", "No errors", {"not measured", "errors after the end of a rollback are not collected in a drill"}},
      {"Data integrity", "All contracts accessible", promised_in_part(run, {1, 2, 3}, "the records of every space are complete, none missing and none too many", "reading each key singly")},
      {"Data integrity", "Addresses match", same_text},
      {"Data integrity", "Hashes consistent", same_text},
      {"Data integrity", "No corruption", promised(run, {3, 6, 8}, "records as before, checksums and JSON read, no partial file left")},
      {"Function", "Basic operations", {"not measured", "put, get, overwrite, delete and scan are not tried after a rollback in a drill"}},
      {"Function", "Operations across networks", {"not measured", "rules across spaces and your own checks take no part in a drill"}},
      {"Function", "Network configurations valid", {"not measured", "chain ids and required fields are not judged in a drill; that they are unchanged is"}},
      {"Function", "Error handling", {"not measured", "missing keys, damaged files and permissions are not tried after a rollback in a drill"}},
      {"Performance", "Response times", by_the_command("speed against the baseline")},
      {"Performance", "Memory", {"not measured", "the memory of a rollback is not compared with a baseline in a drill"}},
      {"Performance", "No degradation", {"not measured", "repeated runs after a rollback are not part of a drill"}},
      {"Performance", "Concurrent operations", {"not measured", "readers and writers at once after a rollback are not part of a drill"}},
  };
}

}  // namespace

std::vector<ChecklistLine> checklist_after_rollback(const Run& run) {
  std::vector<ChecklistLine> lines;
  for (const Line& line : lines_of(run)) {
    lines.push_back({"after a rollback", line.part, static_cast<int>(lines.size()) + 1, line.text, line.finding.verdict, line.finding.evidence});
  }
  return lines;
}

}  // namespace rollproof::reports
