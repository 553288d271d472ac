// Promise 8: afterwards no partial file, and when no migration is active no lock, reserve, marker or id of one.
#include "harness/check/checkers.h"

namespace rollproof::check {
namespace {

bool is_leftover(std::string_view name) {
  return name.ends_with(".tmp") || name.ends_with(".partial") || name.ends_with(".restoring") || name.starts_with(".partial-") || name == "rollproof-obsolete";
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
  for (const std::string& folder : {places.state, places.source, places.target, places.backups}) search.below_folder(folder);
  for (const std::string& path : {places.config, places.source, places.target}) {
    for (const char* ending : {".tmp", ".partial", ".restoring"}) search.file(path + ending, "something unfinished");
  }
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
