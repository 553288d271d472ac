// A folder with a real source, worked on by the real command; and what must hold in it, read without the library.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/process/program.h"
#include "lib/base/result.h"

namespace rollproof::process {

using Records = std::map<std::string, std::string>;

// What every file and folder below looked like: any write, rename or touch shows (change times can not be set back).
using Footprint = std::map<std::string, std::string>;
Footprint footprint_of(const std::string& folder);
// Empty if equal, otherwise the first differences, one a line.
std::string difference(const Footprint& before, const Footprint& after);

class Workspace {
 public:
  // `program`: the path of rollproof. `folder` holds, or will hold, rollproof.json, `source` and `target`.
  Workspace(std::string program, std::string folder) : program_(std::move(program)), folder_(std::move(folder)) {}

  // A copy of the database becomes the source; `init` writes the configuration (speed is recorded and not
  // enforced). The source's records become the expected ones.
  Status begin_with(const std::string& database, const std::string& target_kind = "unified-json");
  // Another workspace like this one, in a folder that is made anew; modification times are kept.
  Result<Workspace> copy_to(const std::string& folder) const;
  void remove() const;

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  Program command(const std::vector<std::string>& arguments) const;
  Result<Finished> rollproof(const std::vector<std::string>& arguments) const;
  // Runs it, demands exit 0, and expects of the records what a put or a delete asks for.
  Status must(const std::vector<std::string>& arguments);

  // What the stores have to hold: the source as it was, and every acknowledged write on top of it.
  Records& expected() { return expected_; }
  const Records& expected() const { return expected_; }

  // By the checkers' own readers (stock LevelDB in memory; a scanner of their own for the JSON files).
  Result<Records> read_source() const;
  Result<Records> read_target() const;
  bool target_exists() const;

  // Findings, one a line; empty if all is well. REQUIRES: nothing is at work.
  std::string compare(const Records& found, const char* store) const;
  std::string compare_partial(const Records& found, const char* store) const;  // missing records are none
  // Files that no finished command may leave. `active`: a migration is running.
  std::string leftovers(bool active) const;

 private:
  std::string program_;
  std::string folder_;
  std::string target_kind_ = "unified-json";
  Records expected_;
};

// Where the migration stands, from the journal, read without taking a lock or writing.
struct Standing {
  bool exists = false;         // there is a journal
  bool active = false;
  bool following = false;      // the target follows
  bool copied = false;         // and has everything that was there before it followed
  bool source_answers = true;
  std::string operation;       // "migrate", "rollback", or nothing
  std::string step;            // begun and not done: "copy/drain"; nothing between steps
  bool safe_stop = false;
};
Result<Standing> standing_of(const Workspace& workspace);

}  // namespace rollproof::process
