// Promise 8: afterwards no partial file, no part of a copy under the name of a whole one, and when no migration is active no lock, reserve, marker or id of one.
#include "harness/check/checkers.h"
#include "harness/check/read_backup.h"

namespace rollproof::check {
namespace {

bool is_leftover(std::string_view name) {
  return name.ends_with(".tmp") || name.ends_with(".partial") || name.ends_with(".rollproof-restoring") || name.starts_with(".rollproof-partial-") || name == "rollproof-obsolete";
}

// What was there before the story is its owner's.
class Search {
 public:
  Search(const Evidence& evidence, Violations& out) : evidence_(evidence), out_(out) {}

  void below_folder(const std::string& path) {
    const sim::Node* folder = evidence_.after->find(path);
    if (folder != nullptr && folder->directory) walk(*folder, path);
  }

  void file(const std::string& path, const char* what) {
    if (evidence_.after->exists(path) && !evidence_.before->exists(path)) out_.push_back({8, std::string(what) + " was left: " + path});
  }

 private:
  void walk(const sim::Node& folder, const std::string& path) {
    for (const sim::Entry& entry : folder.entries) {
      const bool leftover = is_leftover(entry.name->text);
      if (!leftover && !entry.node->directory) continue;
      const std::string entry_path = below(path, entry.name->text);
      if (leftover) {
        file(entry_path, "something unfinished");
      } else {
        walk(*entry.node, entry_path);
      }
    }
  }

  const Evidence& evidence_;
  Violations& out_;
};

// A folder among the backups has its name only when it is whole: what lacks its manifest, or a file that it lists, is a part of a copy that nobody
// comes back for. What damage at rest has taken out of one is no leftover.
void check_backups_whole(const Evidence& evidence, Violations& out) {
  const sim::Node* backups = evidence.after->find(evidence.places.backups);
  if (backups == nullptr || !backups->directory) return;
  for (const sim::Entry& entry : backups->entries) {
    const std::string path = below(evidence.places.backups, entry.name->text);
    if (!entry.node->directory || entry.name->text.starts_with('.') || evidence.before->exists(path)) continue;
    if (may_be_damaged(evidence, path)) continue;
    const std::string missing = missing_in_backup(*entry.node);
    if (!missing.empty()) out.push_back({8, "a part of a backup was left under the name of a whole one, " + path + ": " + missing});
  }
}

bool carries_id(const sim::Image& image, const std::string& config) {
  const auto text = image.read(config);
  return text && text->find("\"migration_id\"") != std::string::npos;
}

}  // namespace

void check_cleans_up(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  if (!evidence.last.ok) return;
  const Places& places = evidence.places;
  Search search(evidence, out);
  const std::string* unfinished = reading.follower_may_lack() ? reading.standing().answers_from_source() ? &places.target : &places.source : nullptr;
  for (const std::string* folder : {&places.state, &places.source, &places.target, &places.backups}) {
    if (folder != unfinished) search.below_folder(*folder);
  }
  for (const std::string& path : {places.config, places.source, places.target}) {
    for (const char* ending : {".tmp", ".partial", ".rollproof-restoring"}) search.file(path + ending, "something unfinished");
  }
  check_backups_whole(evidence, out);
  if (reading.standing().active) return;
  search.file(below(places.state, "lock"), "the lock");
  search.file(below(places.state, "reserve"), "the reserved space");
  search.file(below(places.state, "cancel"), "a request to cancel");
  search.file(below(places.target, ".rollproof-migration"), "the migration's marker");
  if (carries_id(*evidence.after, places.config) && !carries_id(*evidence.before, places.config)) {
    out.push_back({8, "the configuration still carries a migration's id: " + places.config});
  }
}

}  // namespace rollproof::check
