#include "harness/drill/plan_damage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/check/read_network.h"
#include "harness/drill/watched_stores.h"

namespace rollproof::drill {
namespace {

// Empty for what holds nothing: caches and requests.
std::string class_of_file(const Recording& recording, const std::string& spelled) {
  const check::Places& places = recording.options.places;
  const std::string file = spelled.starts_with("./") ? spelled.substr(2) : spelled;
  const auto below = [&](const std::string& folder) { return file.starts_with(folder + "/"); };
  if (below(places.source)) return "source";
  if (below(places.target)) return "target";
  if (below(places.backups)) return "backup";
  if (below(places.state + "/journal")) return "journal";
  if (file == places.state + "/audit.jsonl") return "audit";
  if (file == places.state + "/notifications.jsonl") return "notifications";
  if (file == places.state + "/lock") return "lock";
  if (file == places.state + "/reserve") return "reserve";
  if (file == places.config) return "configuration";
  return "";
}

constexpr uint64_t kLengthOfRecord = 5;  // in LevelDB's logs and manifests, the more significant of its two bytes

class DamagePlanner {
 public:
  DamagePlanner(const Recording& recording, const Profile& profile, PlanBook& book) : recording_(recording), profile_(profile), book_(book) {}

  // Before each drilled command, which then meets it; and, for each step, between the death of a process at its first operation, or
  // right behind a rename, and the recovery. The step of the scenario is the kind of file that is hit.
  void damages() {
    const uint64_t end = recording_.trace().size();
    for (uint64_t k = recording_.first_drilled(); k < end; ++k) {
      const bool between = recording_.command_beginning_at(k).has_value();
      // What was made beside has its name from then on, and whoever comes next relies on it.
      const bool named = k > 0 && recording_.trace().operations[k - 1]->call == sim::Call::rename;
      const bool enters = named || (k > 0 && recording_.cell_at(k, fault::Kind::corruption) != recording_.cell_at(k - 1, fault::Kind::corruption));
      if (!between && !enters) continue;
      // Its scenarios are kinds of files, of which there are few; to look for them at each step costs a thin profile more than to run them.
      if (profile_.thin && !between && sim::scramble(k) % 4 != 0) continue;
      now_ = recording_.disk->after_process_death(k)->now();
      const sim::Image& image = now_;
      watched_ = watched_stores(recording_, image);
      const uint64_t earlier = earlier_than(k);
      if (earlier != then_at_) then_ = recording_.disk->after_process_death(earlier)->now();
      then_at_ = earlier;
      const auto files = image.files();
      for (size_t i = 0; i < files.size(); ++i) {
        const std::string bytes = *image.read(files[i]);
        damages_of(k, between, files[i], bytes);
        const auto old = then_.read(files[i]);
        for (const auto& damage : variants_of(k, files[i], bytes, old ? *old : "", earlier)) plan_damage(k, between, damage, bytes);
        // The next file of the same kind, so that both are read by the same reader.
        const std::string kind = class_of_file(recording_, files[i]);
        if (kind.empty() || i + 1 == files.size() || class_of_file(recording_, files[i + 1]) != kind || *image.read(files[i + 1]) == bytes) continue;
        if ((kind == "source" && recording_.story.source_kind == "network-json") || (kind == "target" && recording_.story.target_kind == "network-json")) {
          book_.leave_out(cell_of_file(recording_, k, files[i]), "two network files in each other's place: the same records, which is noted and is no damage (lib/migrate/foreign.h)", 1);
          continue;
        }
        plan_damage(k, between, {.kind = fault::Damage::Kind::swap, .after = k, .path = files[i], .other = files[i + 1]}, bytes);
      }
      exchanged_backups(k, between, image);
    }
  }

  // The newest two, both sound: which of them is the sealed one nothing but the journal says.
  void exchanged_backups(uint64_t k, bool between, const sim::Image& image) {
    const std::string& root = recording_.options.places.backups;
    const sim::Node* folder = image.find(root);
    std::vector<std::string> backups;
    for (size_t i = 0; folder != nullptr && i < folder->entries.size(); ++i) {
      const sim::Entry& entry = folder->entries[i];
      if (entry.node->directory && !entry.name->text.starts_with('.')) backups.push_back(root + "/" + entry.name->text);
    }
    if (backups.size() < 2) return;
    const fault::Damage damage{.kind = fault::Damage::Kind::swap, .after = k, .path = backups[backups.size() - 2], .other = backups.back()};
    book_.sample(cell_of_file(recording_, k, damage.path), {damage}, "two backups in each other's place", between ? 1 : profile_.variant_every);
  }

  // Of each read of a drilled command, what it returns: one bit, somewhere, and in the length of a record of a log, which then looks as if it had not been
  // written to its end.
  void misreads() {
    for (const Look& look : recording_.looks) {
      if (look.bytes == 0) continue;  // no read, or one behind the end of the file
      const Cell of = cell_of_file(recording_, look.at, *look.path);
      if (of.step.empty()) continue;
      if (look.at >= recording_.log.commands[look.command].ended_at) {
        book_.leave_out(of, "bytes misread: behind the last change of a command", 1 + look.records.size());
        continue;
      }
      const uint64_t drawn = sim::scramble(recording_.seed * 131 + look.at * 1009 + look.number);
      const auto plan = [&](uint64_t byte) {
        book_.sample(of, {fault::Damage{.kind = fault::Damage::Kind::misread, .after = look.at, .path = *look.path, .number = byte, .from = look.number}}, "bytes misread", profile_.misread_every);
      };
      plan(drawn % look.bytes);
      for (const uint32_t record : look.records) plan(record + kLengthOfRecord);
    }
  }

  // When the command before began, or the one that is at work at `k`.
  uint64_t earlier_than(uint64_t k) const {
    uint64_t earlier = 0;
    for (const auto& logged : recording_.log.commands) {
      if (logged.begun_at < k) earlier = logged.begun_at;
    }
    return earlier;
  }

  // Behind what it makes stale, or zeros, nothing was written yet.
  bool takes_last_batch(const fault::Damage& damage, const std::string& bytes) const {
    if ((damage.kind != fault::Damage::Kind::stale && damage.kind != fault::Damage::Kind::zero) || class_of_file(recording_, damage.path) != "journal") return false;
    if (bytes.find_first_not_of('\0', damage.number + fault::Damage::kBlock) == std::string::npos) return true;
    // Its first block: what is left of it looks like a write that power loss has torn.
    for (uint64_t k = damage.after; k-- > 0;) {
      const sim::Operation& operation = *recording_.trace().operations[k];
      if (operation.call == sim::Call::write && operation.path->ends_with(damage.path)) return damage.number >= operation.offset;
    }
    return false;
  }

  // What a checksum finds only if it knows where and when: the content is sound, and belongs elsewhere.
  std::vector<fault::Damage> variants_of(uint64_t k, const std::string& file, const std::string& bytes, const std::string& then, uint64_t earlier) const {
    using Damage = fault::Damage;
    using Kind = Damage::Kind;
    std::vector<Damage> all;
    const std::string kind = class_of_file(recording_, file);
    if (kind.empty() || bytes.empty()) return all;
    for (uint64_t at = 0; at < bytes.size() && !then.empty(); at += Damage::kBlock) {
      const std::string old = at < then.size() ? then.substr(at, Damage::kBlock) : "";
      if (old.empty() || bytes.compare(at, old.size(), old) == 0) continue;
      all.push_back({.kind = Kind::stale, .after = k, .path = file, .number = at, .from = earlier});
      break;
    }
    // Of a journal the first sector that holds entries, in the place of the last one that does: an older one is never mistaken for a newer.
    const bool journal = kind == "journal";
    const size_t last = bytes.find_last_not_of('\0');
    const uint64_t to = (journal && last != std::string::npos ? last : bytes.size() / 2) / Damage::kBlock * Damage::kBlock, from = journal ? Damage::kBlock : 0;
    if (to > from && bytes.compare(to, Damage::kBlock, bytes, from, Damage::kBlock) != 0) {
      all.push_back({.kind = Kind::misplace, .after = k, .path = file, .number = to, .from = from});
    }
    if (file.ends_with(".json")) all.push_back({.kind = Kind::garbage, .after = k, .path = file});
    if (kind == "backup" && !file.ends_with("BACKUP_MANIFEST.json") && !file.ends_with("SHA256SUMS")) all.push_back({.kind = Kind::fit, .after = k, .path = file, .number = bytes.size() / 2});
    return all;
  }

  void damages_of(uint64_t k, bool between, const std::string& file, const std::string& bytes) {
    const uint64_t size = bytes.size();
    if (class_of_file(recording_, file).empty() || size == 0) return;
    using Kind = fault::Damage::Kind;
    std::set<std::pair<Kind, uint64_t>> each = {{Kind::flip, 0}, {Kind::flip, size / 2}, {Kind::flip, size - 1}, {Kind::cut, 0}, {Kind::cut, size / 2}, {Kind::cut, size - 1},
                                                {Kind::zero, 0}, {Kind::zero, size / 2 / 512 * 512}, {Kind::lose, 0}};
    // Whole lines, as a copy of an earlier moment has them.
    const size_t last_line = file.ends_with(".jsonl") && size > 1 ? bytes.rfind('\n', size - 2) : std::string::npos;
    if (last_line != std::string::npos) {
      const fault::Damage damage{.kind = Kind::cut, .after = k, .path = file, .number = last_line + 1};
      book_.sample(cell_of_file(recording_, k, file), {damage}, "trails that lost whole lines", std::max<uint64_t>(1, profile_.damage_every / 16));
    }
    for (uint64_t n = 0; n < profile_.flips; ++n) each.insert({Kind::flip, sim::scramble(recording_.seed * 31 + k * 1009 + n) % size});
    for (const auto& [kind, number] : each) {
      // Zeros in the place of zeros are no damage.
      if (kind == Kind::zero && bytes.find_first_not_of('\0', number) >= number + 512) continue;
      plan_damage(k, between, {.kind = kind, .after = k, .path = file, .number = number}, bytes);
    }
  }

  void plan_damage(uint64_t k, bool between, const fault::Damage& damage, const std::string& bytes) {
    const Cell of = cell_of_file(recording_, k, damage.path);
    if (of.step == "configuration" && is_a_configuration(damage)) {
      return book_.leave_out(of, "a configuration that may say something else and is one: its owner may have written it", 1);
    }
    if (!between && takes_last_batch(damage, bytes)) {
      return book_.leave_out(of, "the last batch of a journal that was not closed, as if it had never been written (lib/ASSUMPTIONS.md, 1)", 1);
    }
    const bool compared = between && compares_everything(*recording_.command_beginning_at(k));
    const bool of_store = of.step == "source" || of.step == "target";
    if (of_store && !compared && !is_seen_by_who_opens(k, between, damage)) return book_.leave_out(of, "damage to a store before something that does not compare all of it (lib/ASSUMPTIONS.md)", 1);
    if (may_be_its_owners(of, damage)) {
      return book_.leave_out(of, "damage that leaves other, sound records in files without checksums, where nothing has begun: its owner may have written them (lib/ASSUMPTIONS.md)", 1);
    }
    if (of_store && watched_.in_session && is_around_records(damage, bytes)) {
      return book_.leave_out(of, "damage around the records of files without checksums, while a session is interrupted: another program may have changed them (lib/ASSUMPTIONS.md, 9)", 1);
    }
    if (k == 0 && of.step == "source") return book_.leave_out(of, "damage to the source before the first command has seen it (lib/ASSUMPTIONS.md)", 1);
    const bool variant = damage.kind > fault::Damage::Kind::lose;
    if (damage.kind == fault::Damage::Kind::lose) return book_.sample(of, {damage}, between ? "files lost between two commands" : "files lost before a recovery", profile_.lost_every);
    if (between) return book_.sample(of, {damage}, variant ? "sound content in the wrong place, between two commands" : "damage between two commands", variant ? profile_.variant_every : profile_.damage_every);
    // Nothing rests on it yet, so that it is no reason to stop.
    if (of.step == "backup" && watched_.active && !watched_.backed_up) return book_.sample(of, {damage}, "damage to a backup that is not sealed, before a recovery", std::max<uint64_t>(1, profile_.damage_dead_every / 16));
    if (of_store && is_below_mark(damage)) {
      const bool cut = damage.kind == fault::Damage::Kind::cut;
      return book_.sample(of, {damage}, cut ? "logs and manifests cut below their mark, before a recovery" : "bits below the mark of a log or a manifest, before a recovery", std::max<uint64_t>(1, profile_.damage_dead_every / (cut ? 32 : 8)));
    }
    book_.sample(of, {damage}, variant ? "sound content in the wrong place, before a recovery" : "damage before a recovery", variant ? profile_.variant_dead_every : profile_.damage_dead_every);
  }

  bool is_a_configuration(const fault::Damage& damage) const {
    sim::Image image = now_;
    damage.apply(image);
    const auto text = image.read(damage.path);
    return text && nlohmann::json::accept(*text, true);
  }

  // Whatever else a recovery or a single write looks at, it opens the stores: a file that fingerprint or mark names and that is gone, a log that is shorter than
  // the mark says, and one that does not fit the checksum of all of it. An older but sound one fits.
  bool is_seen_by_who_opens(uint64_t k, bool between, const fault::Damage& damage) const {
    using Kind = fault::Damage::Kind;
    const bool source = class_of_file(recording_, damage.path) == "source";
    if (!(source ? watched_.source : watched_.target)) return false;
    if (!watched_.in_session && !(between && writes(*recording_.command_beginning_at(k)))) return false;
    if (damage.kind == Kind::lose) return true;
    if (!between && is_below_mark(damage)) return true;
    const std::string& kind = source ? recording_.story.source_kind : recording_.story.target_kind;
    return kind == "unified-json" && damage.kind != Kind::stale && damage.path.ends_with(".unified.json");
  }

  // A log or a manifest that ends, or does not fit its checksums, before where the last checkpoint has left it: no crash has torn that off.
  bool is_below_mark(const fault::Damage& damage) const {
    using Kind = fault::Damage::Kind;
    if (damage.kind != Kind::cut && damage.kind != Kind::flip) return false;
    const bool source = class_of_file(recording_, damage.path) == "source";
    return damage.number < marked_size(source ? watched_.source_mark : watched_.target_mark, damage.path);
  }

  // How much of a LevelDB's log or manifest the last checkpoint has made durable, by its mark ("log 12 3456; manifest MANIFEST-000007 89"); 0 of every other file.
  static uint64_t marked_size(const std::string& mark, const std::string& file) {
    unsigned long long log = 0, log_size = 0, manifest = 0, manifest_size = 0;
    if (std::sscanf(mark.c_str(), "log %llu %llu; manifest MANIFEST-%llu %llu", &log, &log_size, &manifest, &manifest_size) != 4) return 0;
    if (file.ends_with(fmt::format("/{:06}.log", log))) return log_size;
    return file.ends_with(fmt::format("/MANIFEST-{:06}", manifest)) ? manifest_size : 0;
  }

  // A single write reads of a table only what it needs, and while a session is interrupted there is no fingerprint to compare with.
  bool compares_everything(size_t command) const {
    const auto kind = recording_.log.commands[command].command.kind;
    return kind == subject::Command::Kind::migrate || kind == subject::Command::Kind::rollback;
  }

  bool writes(size_t command) const {
    const auto kind = recording_.log.commands[command].command.kind;
    return kind == subject::Command::Kind::put || kind == subject::Command::Kind::put_text || kind == subject::Command::Kind::remove || kind == subject::Command::Kind::batch;
  }

  // No mark says what is in such a file, or that one without contracts was there.
  bool is_around_records(const fault::Damage& damage, const std::string& bytes) const {
    const bool source = class_of_file(recording_, damage.path) == "source";
    if ((source ? recording_.story.source_kind : recording_.story.target_kind) != "network-json") return false;
    if (damage.kind == fault::Damage::Kind::lose) return bytes.find("\"contracts\"") == std::string::npos && !damage.path.ends_with(".rollproof.json");
    return leaves_the_records(damage, source ? recording_.options.places.source : recording_.options.places.target);
  }

  bool leaves_the_records(const fault::Damage& damage, const std::string& folder) const {
    sim::Image image = now_;
    const auto records = [&] { return check::read_network(image.find(folder), check::Strictness::lenient); };
    const check::Records before = records();
    damage.apply(image);
    const check::Records after = records();
    return after.readable() && after.sorted == before.sorted;
  }

  // The way back from validate takes nothing back, and leaves the source as its owner has it: whatever records he has in it.
  bool may_be_its_owners(const Cell& of, const fault::Damage& damage) const {
    if (recording_.story.source_kind != "network-json" || of.phase != "validate" || of.direction != "rollback" || of.step != "source") return false;
    sim::Image image = now_;
    const auto records = [&] { return check::read_network(image.find(recording_.options.places.source), check::Strictness::lenient); };
    const check::Records before = records();
    damage.apply(image);
    const check::Records after = records();
    return after.readable() && after.sorted != before.sorted;
  }

  const Recording& recording_;
  const Profile& profile_;
  PlanBook& book_;
  // At the point that is planned, as processes see it; and at the beginning of the command before.
  sim::Image now_, then_;
  uint64_t then_at_ = UINT64_MAX;
  WatchedStores watched_;
};

}  // namespace

Cell cell_of_file(const Recording& recording, uint64_t k, const std::string& file) {
  Cell of = recording.cell_at(k, fault::Kind::corruption);
  of.step = class_of_file(recording, file);
  return of;
}

void plan_damages(const Recording& recording, const Profile& profile, PlanBook& book) {
  DamagePlanner planner(recording, profile, book);
  planner.damages();
  planner.misreads();
}

}  // namespace rollproof::drill
