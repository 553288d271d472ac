// Hand-made evidence: a good one of a migration that was cut over, and one of a migration that was rolled back. Each test breaks one thing.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <leveldb/db.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "harness/check/checkers.h"
#include "harness/check/memory_env.h"
#include "harness/check/sha256.h"

namespace rollproof::check {

using Map = std::map<std::string, std::string>;

inline void put_leveldb(sim::Image& image, const std::string& path, const Map& records) {
  MemoryEnv env;
  leveldb::Options options;
  options.env = &env;
  options.info_log = silent_logger();
  options.create_if_missing = true;
  options.write_buffer_size = 64 << 20;  // a full one would wait for the queued work
  leveldb::DB* db = nullptr;
  ASSERT_TRUE(leveldb::DB::Open(options, "/db", &db).ok());
  for (const auto& [key, value] : records) ASSERT_TRUE(db->Put({}, key, value).ok());
  env.run_queued();
  delete db;
  image.remove(path);
  env.put_into(image, path);
}

// REQUIRES: keys and values need no escaping in JSON; every value is JSON itself.
inline std::string unified_text(const std::string& network, const Map& records) {
  std::string text = "{\n  \"format\": \"rollproof.unified/1\",\n  \"network\": \"" + network + "\",\n  \"contracts\": {\n";
  text += "    \"core\": {},\n    \"protocol\": {},\n    \"infrastructure\": {},\n    \"legacy\": {\n";
  size_t left = records.size();
  for (const auto& [key, value] : records) {
    text += fmt::format("      \"{0}\": {{\"key\": \"{0}\", \"value\": {1}}}{2}\n", key, value, --left > 0 ? "," : "");
  }
  text += fmt::format("    }}\n  }},\n  \"records\": {},\n", records.size());
  return text + "  \"checksum\": \"sha256:" + sha256_of(text) + "\"\n}\n";
}

// Writes audit trail and notifications as the documents describe them.
class Trail {
 public:
  // `event` without its braces. Returns its position.
  uint64_t add(const std::string& event) {
    ++position_;
    const std::string text = "{" + event + "}";
    const std::string hash = sha256_of(fmt::format("{}\n{}\n{}", position_, previous_, text));
    audit += fmt::format("{{\"position\":{},\"previous\":\"{}\",\"event\":{},\"hash\":\"{}\"}}\n", position_, previous_, text, hash);
    previous_ = hash;
    return position_;
  }
  void notify(uint64_t id, const std::string& type, const std::string& result = "") {
    notifications += fmt::format("{{\"id\":{},\"type\":\"{}\"{}}}\n", id, type, result.empty() ? "" : ",\"result\":\"" + result + "\"");
  }
  void begin(const std::string& kind, const std::string& goal, const std::string& id) {
    const std::string incident = kind == "rollback" ? R"(,"incident":"INC-)" + id + "\"" : "";
    notify(add(fmt::format(R"("type":"operation_begin","operation":"{}","operation_id":"{}","{}":"{}"{})", kind, id, kind == "rollback" ? "to" : "through", goal, incident)), "START");
  }
  void end(const std::string& kind, const std::string& id, const std::string& result = "success") {
    const uint64_t at = add(fmt::format(R"("type":"operation_end","operation":"{}","operation_id":"{}","result":"{}")", kind, id, result));
    notify(at, result == "success" ? "SUCCESS" : "WARNING", result == "success" ? "SUCCESS" : result == "stopped" ? "STOPPED" : "FAILED");
  }
  void route(const std::string& name, uint64_t epoch) { add(fmt::format(R"("type":"route","route":"{}","epoch":{})", name, epoch)); }

  std::string audit, notifications;

 private:
  uint64_t position_ = 0;
  std::string previous_ = std::string(64, '0');
};

struct Story {
  sim::Image before, found, after;
  Evidence evidence;
  Trail trail;
  size_t records_sealed = records().size();

  explicit Story(const std::string& target_kind = "unified-json") {
    evidence.places = {"rollproof.json", ".rollproof", "source", "leveldb", "target", target_kind, "backups"};
    put_leveldb(before, "source", records());
    before.put("rollproof.json", config());
    evidence.before = &before;
    evidence.found = &found;
    evidence.after = &after;
    evidence.last.ok = evidence.second.ok = true;
    evidence.goal_begun = true;
    evidence.goal_acknowledged = true;
    found = after = before;
  }
  Story(const Story&) = delete;

  static Map records() {
    Map map;
    for (int i = 0; i < 6; ++i) map[fmt::format("56-Contract{}", i)] = fmt::format("{{\"n\":{},\"gas\":0.10}}", i);
    return map;
  }
  static std::string config() { return "{\n  \"source\": \"leveldb:source\"\n}\n"; }

  void put_target(sim::Image& image, const Map& map) const {
    if (evidence.places.target_kind == "leveldb") return put_leveldb(image, "target", map);
    image.put("target/bscmainnet.unified.json", unified_text("bscmainnet", map));
  }
  // As lib/backup/FORMAT.md describes it, and of the manifest only that it is there.
  void put_backup(sim::Image& image, const Map& map = records()) const {
    const std::string folder = "backups/migration-1/";
    image.remove(folder);
    put_leveldb(image, folder + "leveldb/current", map);
    put_backup_papers(image);
  }
  // What makes a backup whole, for the files that are in it.
  static void put_backup_papers(sim::Image& image) {
    const std::string folder = "backups/migration-1/";
    image.remove(folder + "checksums").put(folder + "BACKUP_MANIFEST.json", "{}\n");
    std::string sums;
    for (const std::string& path : image.files()) {
      if (path.starts_with(folder)) sums += sha256_of(*image.read(path)) + "  " + path.substr(folder.size()) + "\n";
    }
    image.put(folder + "checksums/SHA256SUMS", sums);
  }
  void put_trail() {
    after.put(".rollproof/audit.jsonl", trail.audit);
    after.put(".rollproof/notifications.jsonl", trail.notifications);
  }

  uint64_t trail_length() const { return static_cast<uint64_t>(std::count(trail.audit.begin(), trail.audit.end(), '\n')); }

  // Through cutover, with one write after it; everything as it should be.
  void cut_over() {
    evidence.goal = Goal::migrate;
    evidence.goal_phase = "cutover";
    trail.add(R"("type":"migration_begin","migration":"mig-1")");
    trail.begin("migrate", "cutover", "op-1");
    trail.add(fmt::format(R"("type":"seal","seal":"backup","passed":true,"facts":{{"path":"backups/migration-1","records":{}}})", records_sealed));
    trail.add(R"("type":"follow","following":"live")");
    trail.route("dual_source_first", 1);
    trail.add(R"("type":"step_done","phase":"copy","step":"drain","facts":{})");
    trail.route("dual_target_first", 2);
    trail.end("migrate", "op-1");
    put_trail();
    put_backup(after);
    after.put("rollproof.json", "{\n  \"migration_id\": \"mig-1\",\n  \"source\": \"leveldb:source\"\n}\n");
    after.put("target/.rollproof-migration", "mig-1\n");
    write_both(records());
    found = after;
  }

  // The same, and back to the source.
  void roll_back() {
    cut_over();
    evidence.goal = Goal::rollback;
    evidence.goal_phase = "source";
    trail.begin("rollback", "source", "op-2");
    trail.route("dual_source_first", 3);
    trail.add(R"("type":"step_done","phase":"rollback","step":"prove-source","facts":{})");
    trail.route("source_only", 4);
    trail.add(R"("type":"follow","following":"none")");
    trail.end("rollback", "op-2");
    trail.add(R"("type":"migration_end","outcome":"rolled_back")");
    put_trail();
    after.remove("target");
    after.put("rollproof.json", config());
  }

  void write_both(const Map& map) {
    put_leveldb(after, "source", map);
    put_target(after, map);
  }

  Write& write(const std::string& key, std::optional<std::string> value, bool acknowledged, uint64_t batch) {
    evidence.writes.push_back({key, std::move(value), batch, acknowledged});
    return evidence.writes.back();
  }

  // The findings, one a line, "1: …".
  std::string verdict() const {
    std::string text;
    for (const Violation& violation : check_all(evidence)) text += fmt::format("{}: {}\n", violation.promise, violation.what);
    return text;
  }
  // The numbers of the promises that were broken, each once: "1 6".
  std::string broken() const {
    std::string text;
    int last = 0;
    for (const Violation& violation : check_all(evidence)) {
      if (violation.promise != last) text += fmt::format("{}{}", text.empty() ? "" : " ", violation.promise);
      last = violation.promise;
    }
    return text;
  }
};

}  // namespace rollproof::check
