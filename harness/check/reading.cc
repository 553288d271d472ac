#include "harness/check/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "harness/check/read_backup.h"
#include "harness/check/read_leveldb.h"
#include "harness/check/read_network.h"
#include "harness/check/read_unified.h"

namespace rollproof::check {
namespace {

struct DigestHash {
  size_t operator()(const sim::Digest128& digest) const { return digest.low; }
};

// By content: the same bytes give the same reading. Emptied when it has grown large.
template <class T>
class Cache {
 public:
  template <class Read>
  std::shared_ptr<const T> get(const sim::Digest128& key, size_t limit, Read&& read) {
    if (const auto found = items_.find(key); found != items_.end()) return found->second;
    if (items_.size() >= limit) items_.clear();
    auto item = std::make_shared<const T>(read());
    items_.emplace(key, item);
    return item;
  }

 private:
  std::unordered_map<sim::Digest128, std::shared_ptr<const T>, DigestHash> items_;
};

void append_digest(std::string& bytes, const sim::Digest128& digest) {
  bytes.append(reinterpret_cast<const char*>(&digest.high), sizeof digest.high);
  bytes.append(reinterpret_cast<const char*>(&digest.low), sizeof digest.low);
}

// Of everything that a reader of that kind looks at.
sim::Digest128 digest_of_store(const sim::Node& folder, const std::string& kind, Strictness strictness) {
  std::string bytes = kind;
  bytes += strictness == Strictness::strict ? '+' : '-';
  for (const sim::Entry& entry : folder.entries) {
    const std::string& name = entry.name->text;
    if (name == "LOG" || name == "LOG.old" || name == "LOCK") continue;
    if (entry.node->directory && strictness == Strictness::strict) continue;
    append_digest(bytes, entry.name->digest);
    append_digest(bytes, entry.node->digest());
  }
  return sim::digest_of(bytes);
}

RecordsPtr read_store(const sim::Image& image, const std::string& path, const std::string& kind, Strictness strictness = Strictness::strict) {
  thread_local Cache<Records> cache;
  const sim::Node* folder = image.find(path);
  if (folder == nullptr || !folder->directory) return std::make_shared<const Records>();
  return cache.get(digest_of_store(*folder, kind, strictness), 512, [&] {
    if (kind == "leveldb") return read_leveldb(folder, strictness);
    if (kind == "unified-json") return read_unified(folder);
    if (kind == "network-json") return read_network(folder, strictness);
    return Records{.error = "the checkers have no reader for " + kind};
  });
}

std::shared_ptr<const Audit> audit_in(const sim::Image* image, const Places& places) {
  thread_local Cache<Audit> cache;
  const sim::Node* file = image == nullptr ? nullptr : image->find(below(places.state, "audit.jsonl"));
  if (file == nullptr || file->directory) return std::make_shared<const Audit>();
  return cache.get(file->digest(), 4096, [&] { return read_audit(file); });
}

}  // namespace

std::string below(std::string_view folder, std::string_view name) { return std::string(folder) + "/" + std::string(name); }

uint64_t last_position(const sim::Image& image, const Places& places) {
  const auto audit = audit_in(&image, places);
  return audit->events.empty() ? 0 : audit->events.back().position;
}

bool may_be_damaged(const Evidence& evidence, std::string_view folder) {
  if (!evidence.fault_corrupts || evidence.damaged_all.empty()) return evidence.fault_corrupts;
  return std::any_of(evidence.damaged_all.begin(), evidence.damaged_all.end(), [&](const std::string& path) { return path.starts_with(below(folder, "")); });
}

const Records& Reading::source_before() {
  if (!source_before_) source_before_ = read_store(*evidence_.before, evidence_.places.source, evidence_.places.source_kind);
  return *source_before_;
}

const Records& Reading::source_after() {
  if (!source_after_) source_after_ = read_store(*evidence_.after, evidence_.places.source, evidence_.places.source_kind);
  return *source_after_;
}

const Records& Reading::target_after() {
  if (!target_after_) target_after_ = read_store(*evidence_.after, evidence_.places.target, evidence_.places.target_kind);
  return *target_after_;
}

const Audit& Reading::audit() {
  if (!audit_) audit_ = audit_in(evidence_.after, evidence_.places);
  return *audit_;
}

const Audit& Reading::audit_found() {
  if (!audit_found_) audit_found_ = audit_in(evidence_.found, evidence_.places);
  return *audit_found_;
}

const std::optional<Standing>& Reading::standing_found() {
  if (standing_found_) return *standing_found_;
  const auto& known = audit_found().events;
  Standing standing = audit_found().standing;
  bool written_down = evidence_.last.ok;
  for (const AuditEvent& event : audit().events) {
    if (!evidence_.last_began_ms) break;
    if (!known.empty() && event.position <= known.back().position) continue;
    written_down |= event.time_ms >= *evidence_.last_began_ms;
    if (event.time_ms >= *evidence_.last_began_ms) break;
    fold(standing, event);
  }
  standing_found_ = written_down && evidence_.last_began_ms ? std::optional(standing) : std::nullopt;
  return *standing_found_;
}

const Notifications& Reading::notifications() {
  if (!notifications_) {
    thread_local Cache<Notifications> cache;
    const sim::Node* file = evidence_.after->find(below(evidence_.places.state, "notifications.jsonl"));
    notifications_ = file == nullptr || file->directory ? std::make_shared<const Notifications>()
                                                        : cache.get(file->digest(), 4096, [&] { return read_notifications(file); });
  }
  return *notifications_;
}

std::vector<Finding> Reading::findings_of(const Records& observed, std::string_view store, Integrity& numbers) {
  numbers.duplicated = observed.duplicated;
  if (!source_before().readable()) return {{1, "", "the source as it was before can not be read: " + source_before().error}};
  if (observed.duplicated != 0) return {{2, "", fmt::format("the {} holds a record twice: {}", store, observed.error)}};
  if (!observed.readable()) return {{1, "", "the " + std::string(store) + " can not be read: " + observed.error}};
  return compare_with_model(source_before(), writes_of(store), observed, store, &numbers);
}

// Another program's write is in the store that it was made to for as long as that one answers. It has come to the other one when that was opened behind a
// takeover, and with a switch that it was there before. A source that does not answer, or not for good again, may be replaced, and stays where it was set
// aside; a target that does not answer may be copied anew, and when it is made to answer it holds what the source held.
Reading::Place Reading::place_of(const Write& write, std::string_view store) {
  Standing then;
  bool taken_over = false, opened = false, switched = false, replaced = false, target_had_answered = false;
  for (const AuditEvent& event : audit().events) {
    if (event.position <= write.behind) {
      fold(then, event);
      target_had_answered = then.active && (target_had_answered || !then.answers_from_source());
      continue;
    }
    replaced |= event.type == "source_replaced";
    taken_over |= event.type == "foreign_taken_over";
    opened |= taken_over && event.type == "session_begin";
    switched |= event.type == "route" && event.route.find("target") != std::string::npos;
  }
  const bool to_source = write.store == "source";
  if (store == "source") return to_source && (!target_had_answered || !replaced) ? Place::required : Place::possible;
  if (to_source) return then.answers_from_source() && (opened || switched) && standing().target_complete ? Place::required : Place::possible;
  if (!then.answers_from_source()) return Place::required;
  return switched ? Place::excluded : Place::possible;
}

std::vector<Write> Reading::writes_of(std::string_view store) {
  std::vector<Write> writes = evidence_.writes;
  std::erase_if(writes, [&](Write& write) {
    if (write.store.empty()) return false;
    const Place place = place_of(write, store);
    write.acknowledged = write.acknowledged && place == Place::required;
    return place == Place::excluded;
  });
  return writes;
}

bool Reading::waits_for_a_person() {
  for (const Write& write : evidence_.writes) {
    if (write.store.empty()) continue;
    const auto& events = audit().events;
    const bool seen = std::any_of(events.begin(), events.end(), [&](const AuditEvent& event) { return event.position > write.behind && event.type == "foreign_taken_over"; });
    if (!seen) return true;
  }
  return false;
}

namespace {

// The store itself, and whatever was moved aside from there. REQUIRES: the store lies at the top.
bool is_somewhere(const sim::Image& image, const std::string& path, const std::string& kind, const Write& write) {
  for (const sim::Entry& entry : image.root()->entries) {
    const std::string& file = entry.name->text;
    if (file != path && !file.starts_with(path + ".")) continue;
    for (const Strictness strictness : {Strictness::strict, Strictness::lenient}) {
      const std::string* found = read_store(image, file, kind, strictness)->find(write.key);
      if (found != nullptr && *found == *write.value) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> Reading::lost_writes_of_others() {
  std::vector<std::string> lost;
  for (size_t i = 0; i < evidence_.writes.size(); ++i) {
    const Write& write = evidence_.writes[i];
    if (write.store.empty() || !write.acknowledged || !write.value) continue;
    const auto later = [&](const Write& other) { return other.key == write.key && (other.store.empty() || other.store == write.store); };
    if (std::any_of(evidence_.writes.begin() + static_cast<ptrdiff_t>(i) + 1, evidence_.writes.end(), later)) continue;
    const Places& places = evidence_.places;
    if (is_somewhere(*evidence_.after, places.source, places.source_kind, write) || is_somewhere(*evidence_.after, places.target, places.target_kind, write)) continue;
    lost.push_back(fmt::format("{}, which another program has put into the {}, is nowhere any more", shown(write.key), write.store));
  }
  return lost;
}

// But for what has not come to the other side yet, and need not have.
std::vector<Finding> Reading::compare_both(const Records& leader, const Records& follower, std::string_view store) {
  std::vector<std::string> apart;
  for (const Write& write : evidence_.writes) {
    if (!write.store.empty() && (place_of(write, "source") != Place::required || place_of(write, "target") != Place::required)) apart.push_back(write.key);
  }
  const auto without = [&](Records records) {
    std::erase_if(records.sorted, [&](const Record& record) { return std::find(apart.begin(), apart.end(), record.key) != apart.end(); });
    return records;
  };
  const auto compare = [&](const Records& left, const Records& right) -> std::vector<Finding> {
    auto findings = compare_with_leader(left, right, store);
    const bool complete = standing().target_complete || !standing().answers_from_source();
    if (findings.empty() && complete && left.sorted.size() != right.sorted.size()) return {{1, "", fmt::format("the {} lacks a record that the other store holds", store)}};
    return findings;
  };
  return apart.empty() ? compare(leader, follower) : compare(without(leader), without(follower));
}

const std::vector<Finding>& Reading::findings_of_source() {
  if (!of_source_) of_source_ = findings_of(source_after(), "source", in_source_);
  return *of_source_;
}

const std::vector<Finding>& Reading::findings_of_target() {
  if (!of_target_) of_target_ = findings_of(target_after(), "target", in_target_);
  return *of_target_;
}

Integrity Reading::integrity() {
  if (!evidence_.last.ok) return {};
  const bool source = standing().answers_from_source();
  return (source ? of_source_ : of_target_) ? (source ? in_source_ : in_target_) : Integrity{};
}

bool Reading::follower_may_lack() {
  return evidence_.follower_out_of_reach && (standing().in_session || standing().behind == (standing().answers_from_source() ? "target" : "source"));
}

const std::vector<Finding>& Reading::findings_of_follower() {
  if (of_follower_) return *of_follower_;
  of_follower_.emplace();
  const Standing& stands = standing();
  if (!stands.active || !stands.following || follower_may_lack()) return *of_follower_;
  const bool source_answers = stands.answers_from_source();
  if (source_answers && !stands.target_complete) {
    if (!target_after().readable()) {
      *of_follower_ = {{1, "", "the target can not be read: " + target_after().error}};
    } else if (source_after().readable()) {
      *of_follower_ = compare_both(source_after(), target_after(), "target");
    }
    return *of_follower_;
  }
  *of_follower_ = source_answers ? findings_of_target() : findings_of_source();
  // Each may be right by itself and still disagree with the other about a write that was in flight.
  if (of_follower_->empty() && findings_of_answering().empty()) {
    const Records& follower = source_answers ? target_after() : source_after();
    const char* name = source_answers ? "target" : "source";
    *of_follower_ = compare_both(answering(), follower, name);
  }
  return *of_follower_;
}

namespace {

// Where a backup keeps its copy of the source.
std::string copy_in(const std::string& backup, const std::string& kind) { return below(backup, kind == "leveldb" ? "leveldb/current" : kind); }

}  // namespace

bool Reading::has_way_back(const sim::Image& image) {
  const Places& places = evidence_.places;
  // Backups first: they stay as they are, so that the answer is known from earlier cases.
  if (const sim::Node* backups = image.find(places.backups); backups != nullptr && backups->directory) {
    for (const sim::Entry& entry : backups->entries) {
      if (!entry.node->directory || !entry.name->text.starts_with("migration-")) continue;
      const auto copy = read_store(image, copy_in(below(places.backups, entry.name->text), places.source_kind), places.source_kind);
      if (copy->there && holds_untouched(source_before(), evidence_.writes, *copy)) return true;
    }
  }
  return store_holds(image, places.source, places.source_kind);
}

bool Reading::store_holds(const sim::Image& image, const std::string& path, const std::string& kind) {
  for (const Strictness strictness : {Strictness::strict, Strictness::lenient}) {
    if (holds_untouched(source_before(), evidence_.writes, *read_store(image, path, kind, strictness))) return true;
    if (kind == "unified-json") break;
  }
  return false;
}

bool Reading::target_holds(const sim::Image& image) { return store_holds(image, evidence_.places.target, evidence_.places.target_kind); }

std::string Reading::wrong_with_sealed_backup(const sim::Image& image, const Standing& standing) {
  if (standing.backup.empty()) return "";
  const sim::Node* folder = image.find(standing.backup);
  if (folder == nullptr || !folder->directory) return "it is not there";
  thread_local Cache<std::string> cache;
  const auto wrong = cache.get(folder->digest(), 512, [&] { return wrong_with_backup(folder); });
  if (!wrong->empty()) return *wrong;
  const auto copy = read_store(image, copy_in(standing.backup, evidence_.places.source_kind), evidence_.places.source_kind);
  if (!copy->readable()) return "its copy of the source can not be read: " + copy->error;
  if (!holds_untouched(source_before(), evidence_.writes, *copy)) return "its copy of the source lacks sealed records";
  if (standing.backup_records && *standing.backup_records != copy->sorted.size()) {
    return fmt::format("its copy of the source holds {} records, sealed were {}", copy->sorted.size(), *standing.backup_records);
  }
  return "";
}

}  // namespace rollproof::check
