// A story: what is done to a database, and under which faults. Data, in scenarios/*.json; comments are allowed, unknown keys are not.
// reports/schema/scenario.schema.json says the same to an editor.
//
//   {
//     "name": "rollback-from-copy",
//     "about": "one sentence for people",
//     "fixture": "lookcoin-28",          // a folder below fixtures/; this one if nothing is said
//     "records": [{"key": "56-A", "value": "{}"}],  // or these; bytes that are no text as key_base64 and value_base64
//     "source": "leveldb",               // the kind of the fixture; or "network-json", or "unified-json" (made of a LevelDB's records)
//     "target": "unified-json",          // the same kinds
//     "source_mounted": true,            // a file system is mounted where the source is: its folder can be neither renamed nor removed
//     "target_folder": true,             // the folder of the target is there already, empty: its owner's, who gets it back so
//     "before": ["put 56-Early 90"],     // commands that run without faults; "migrate copy dies in copy-records" ends half through that step, so
//                                        // that what is drilled then, "recover" first, meets every kind of fault
//     "drilled": ["migrate copy with 3 writes", "rollback source"],
//     "faults": ["crash", "memory"],     // kinds of faults (harness/fault); all of them if nothing is said
//     "cases": ["crash(after 33, keep none)"],  // these alone, whatever the profile: what a shrunk finding is kept as
//     "exhaustive": true,                // whatever the profile: every fault point of these kinds (regressions), but for calls that
//                                        // only look: "looks" fails every one of those once, and has every read return a wrong bit once, and the
                                        // rest as the profile says; so does
//                                        // "allocations" with every allocation of the library, and "allocations of writes" with those of
//                                        // the user's writes
//     "goes_on": true,                   // after a recovery that succeeded, the command that the fault met is typed again and the rest of the
//                                        // story is told without faults: what nobody sees at once must not come out later. A rollback that comes next is
//                                        // typed after a death without a recovery as well. A write that memory ran out in is not typed again
//     "limit_minutes": {"copy": 60}      // per phase; the documents' 5, 15, 60, 30 and 45 if nothing is said
//   }
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/fault/fault.h"
#include "harness/subject/command.h"
#include "lib/base/result.h"

namespace rollproof::drill {

// Why no story has faults of connections.
inline constexpr std::string_view kNoDatabase = "no store of a story is a database or a cache yet: there is no connection that could break";

struct StoryRecord {
  std::string key;
  std::string value;
  bool operator==(const StoryRecord&) const = default;
};

struct Story {
  std::string name;
  std::string about;
  std::string fixture = "lookcoin-28";
  std::string source_kind = "leveldb";
  std::string target_kind = "unified-json";
  bool exhaustive = false;
  bool exhaustive_looks = false;
  bool exhaustive_allocations = false;
  bool exhaustive_write_allocations = false;
  bool goes_on = false;
  bool source_mounted = false;
  bool target_folder = false;
  std::optional<std::vector<StoryRecord>> records;  // instead of the fixture
  std::vector<fault::Fault> cases;                  // nothing but these
  bool names_faults = false;                        // `faults` was said, and is no default
  std::vector<subject::Command> before;
  std::vector<subject::Command> drilled;
  std::set<fault::Kind> faults = {fault::all_kinds().begin(), fault::all_kinds().end()};
  std::map<std::string, int> limit_minutes = {{"validate", 5}, {"dual-write", 15}, {"copy", 60}, {"prove", 30}, {"cutover", 45}};

  std::string store() const { return source_kind + ">" + target_kind; }
  bool drills(fault::Kind kind) const { return kind != fault::Kind::connection && faults.contains(kind); }
  // Code::invalid with the path, and the nearest known key for an unknown one.
  static Result<Story> parse(const std::string& text, const std::string& path);
  // Another program writes to a store: a fault that is a part of the story.
  bool tells_of_others() const;
  // The same in which no command dies half through.
  Story without_deaths() const;
  // As a file that parses into the same story; what is a default is left out.
  std::string to_json() const;
};

// One file. Code::invalid as parse(), and if it can not be read.
Result<Story> load_story(const std::string& path);

// Every *.json of the folder and of its folder `regressions`, sorted by name. Code::invalid for two of one name.
Result<std::vector<Story>> load_stories(const std::string& folder);

}  // namespace rollproof::drill
