#include "harness/drill/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_set>

#include "harness/check/read_network.h"
#include "lib/base/words.h"

namespace rollproof::drill {
namespace {

using sim::CrashId;

// The same disk with one more acknowledged write is another case.
struct Key {
  sim::Digest128 image;
  uint64_t begun = 0;
  uint64_t acknowledged = 0;
  uint64_t goal = 0;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  size_t operator()(const Key& key) const {
    return key.image.low ^ sim::scramble(key.begun * 1'000'003 + key.acknowledged * 1009 + key.goal);
  }
};

class Planner {
 public:
  Planner(const Recording& recording, CaseRunner& runner, const Profile& profile, std::string_view pattern, Covered* covered)
      : recording_(recording), runner_(runner), profile_(profile), pattern_(pattern), covered_(covered) {}

  Plan plan() {
    using Kind = fault::Kind;
    if (!recording_.story.cases.empty()) {
      for (const fault::Fault& fault : recording_.story.cases) add(cell_of_fault(fault), fault, "named");
    } else {
      if (wants(Kind::crash) || wants(Kind::second_crash)) crashes();
      if (wants(Kind::process_death)) deaths();
      if (wants(Kind::io_error)) io_errors();
      if (wants(Kind::second_crash)) second_crashes();
      if (wants(Kind::intruder)) intruders();
      if (wants(Kind::corruption)) damages();
      if (wants(Kind::memory)) memory();
      if (wants(Kind::timeout)) timeouts();
    }
    keep_matching();
    return std::move(plan_);
  }

 private:
  // A kind between two dots of the pattern can stand nowhere but in its own place.
  bool wants(fault::Kind kind) const {
    if (!recording_.story.drills(kind)) return false;
    bool names_one = false, names_this = false;
    for (const fault::Kind known : fault::all_kinds()) {
      if (pattern_.find(fmt::format(".{}.", fault::name_of(known))) == std::string_view::npos) continue;
      names_one = true;
      names_this |= known == kind;
    }
    return !names_one || names_this;
  }

  void keep_matching() {
    if (pattern_ == "*") return;
    std::vector<bool> fits;
    for (size_t i = 0; i < plan_.cells.size(); ++i) {
      fits.push_back(matches(pattern_, plan_.cells[i].to_string()));
      if (!fits[i]) plan_.counts[i] = {};
    }
    std::erase_if(plan_.cases, [&](const Planned& planned) { return !fits[planned.cell]; });
  }

  Cell cell_of_fault(const fault::Fault& fault) const {
    if (const auto* damage = std::get_if<fault::Damage>(&fault.what)) return cell_of_file(damage->after, damage->path);
    Cell of = recording_.cell_at(fault.at(), fault.kind());
    if (const auto* second = std::get_if<fault::SecondCrash>(&fault.what)) {
      const sim::SimDisk* recovery = runner_.recovery_from(second->first);
      return recovery == nullptr || recovery->trace().size() == 0 ? of : cell_in_recovery(of, recovery->trace(), second->second.after);
    }
    return of;
  }

  static Cell cell_in_recovery(Cell of, const sim::Trace& trace, uint64_t after) {
    of.direction = "recovery";
    const auto& context = trace.operations[std::min<uint64_t>(after, trace.size() - 1)]->context;
    if (context) of.step = context->substr(context->find('/') == std::string::npos ? 0 : context->find('/') + 1);
    return of;
  }

  uint32_t cell(const Cell& cell) {
    const auto [found, fresh] = known_.emplace(cell.to_string(), static_cast<uint32_t>(plan_.cells.size()));
    if (fresh) {
      plan_.cells.push_back(cell);
      plan_.counts.emplace_back();
    }
    return found->second;
  }

  void add(const Cell& of, fault::Fault fault, const char* what) {
    const uint32_t index = cell(of);
    tried_.emplace(index, what);
    if (covered_ != nullptr) covered_->insert(thinned(of));
    ++plan_.counts[index].planned;
    ++plan_.counts[index].run;
    plan_.cases.push_back({index, std::move(fault)});
  }
  void leave_out(const Cell& of, const char* what) { leave_out(of, std::string(what) + ": sampled by profile " + profile_.name, 1); }
  void leave_out(const Cell& of, const std::string& reason, uint64_t cases) {
    if (cases == 0) return;
    Counts& counts = plan_.counts[cell(of)];
    counts.planned += cases;
    counts.excluded[reason] += cases;
  }
  // Whether the profile's stride takes the next one of its class. However sparse the profile, each scenario has one of each class: a stride
  // over the whole story would step over short scenarios, and a scenario without a case shows nothing.
  bool takes(const Cell& of, const char* what, uint64_t every) {
    const bool due = seen_[what]++ % every == 0;
    return due || is_missing(of, what);
  }
  // Whether a scenario has no case of this class yet; of a thin profile, none at all.
  bool is_missing(const Cell& of, const char* what) {
    if (profile_.thin && covered_ != nullptr) return !covered_->contains(thinned(of));
    return !tried_.contains({cell(of), what});
  }
  // What a thin profile has a case of: each step between each two kinds of stores under crash, death and failing calls; under the others, which cost more,
  // each step between any two.
  static std::string thinned(Cell of) {
    using Kind = fault::Kind;
    if (of.fault != Kind::crash && of.fault != Kind::process_death && of.fault != Kind::io_error) of.store = "any";
    return of.to_string();
  }
  void sample(const Cell& of, fault::Fault fault, const char* what, uint64_t every) { takes(of, what, every) ? add(of, std::move(fault), what) : leave_out(of, what); }
  // For kinds with many classes: each scenario has one case of `kind`, whatever its class.
  void sample_of(const char* kind, const Cell& of, fault::Fault fault, const char* what, uint64_t every) {
    const bool due = seen_[what]++ % every == 0;
    due || is_missing(of, kind) ? add(of, std::move(fault), kind) : leave_out(of, what);
  }
  void prune(const Cell& of) {
    Counts& counts = plan_.counts[cell(of)];
    ++counts.planned;
    ++counts.pruned;
  }

  Key key_at(uint64_t k, const sim::Digest128& image) const {
    Key key{.image = image};
    for (const auto& write : recording_.log.writes) {
      key.begun += write.begun_at < k;
      key.acknowledged += write.acknowledged_at <= k;
    }
    const Moment moment = recording_.moment_at(k);
    key.goal = moment.command * 4 + moment.begun * 2 + moment.acknowledged;
    return key;
  }

  // What an image is one of, and every how many of them one is run.
  struct Class {
    const char* name;
    uint64_t every;
  };
  Class class_of(const CrashId& id, bool rolls_back) const {
    using Shape = CrashId::Shape;
    switch (id.shape) {
      case Shape::whole: return {"prefixes", profile_.whole_every};
      case Shape::torn: return {"torn calls", profile_.torn_every};
      case Shape::keep: return {"suffixes lost", profile_.suffix_every};
      case Shape::keep_none: return {"nothing unsynced", profile_.none_every};
      case Shape::random: return {"random subsets", profile_.random_every};
      case Shape::lose: break;
    }
    using Part = sim::Loss::Part;
    const Part part = id.losses.empty() ? Part::all : id.losses[0].part;
    if (part == Part::sector) return {"single sectors", profile_.sector_every};
    if (part != Part::all) return {"parts of an operation", profile_.part_every};
    return rolls_back ? Class{"single omissions in rollbacks", profile_.single_back_every} : Class{"single omissions", profile_.single_every};
  }

  void crashes() {
    const bool drilled = wants(fault::Kind::crash);
    sim::CrashOptions options{.first = recording_.first_drilled(), .randoms = profile_.randoms, .seed = recording_.seed};
    sim::CrashImages images(recording_.trace(), options.model);
    std::unordered_set<Key, KeyHash> known;
    const auto visit = [&](const CrashId& id, sim::LazyImage& image) {
      const Cell of = recording_.cell_at(id.after, fault::Kind::crash);
      const Class kind = class_of(id, of.direction == "rollback");
      if (drilled && !takes(of, kind.name, kind.every)) return leave_out(of, kind.name), true;
      if (!drilled && id.shape != CrashId::Shape::whole && id.shape != CrashId::Shape::keep_none) return true;
      if (!known.insert(key_at(id.after, image.digest())).second) return drilled ? prune(of) : void(), true;
      if (drilled) add(of, {id}, kind.name);
      firsts_.push_back(id);
      return true;
    };
    for (uint64_t k = options.first; k <= recording_.trace().size(); ++k) {
      options.first = options.last = k;
      const sim::CrashCounts counts = images.for_each(options, visit);
      if (!drilled) continue;
      const Cell of = recording_.cell_at(k, fault::Kind::crash);
      leave_out(of, fmt::format("torn calls: more than {} cuts of one call", options.splits_max), counts.splits_left_out);
      leave_out(of, fmt::format("single sectors: more than {} of one call", options.sectors_max), counts.sectors_left_out);
    }
  }

  void deaths() {
    for (uint64_t k = recording_.first_drilled(); k <= recording_.trace().size(); ++k) {
      const Cell of = recording_.cell_at(k, fault::Kind::process_death);
      of.direction == "rollback" ? sample(of, {fault::ProcessDeath{k}}, "process deaths in rollbacks", profile_.death_back_every)
                                 : sample(of, {fault::ProcessDeath{k}}, "process deaths", profile_.death_every);
    }
  }

  void io_errors() {
    using Kind = fault::IoError::Kind;
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      const sim::Operation& operation = *recording_.trace().operations[k];
      std::vector<fault::IoError> errors = {{.kind = Kind::nothing_done, .at = k}};
      const bool write = operation.call == sim::Call::write;
      // A first part that ends where a sector of the disk does: within one, nothing is ever half written (lib/os, and any disk).
      const uint64_t to_sector = (operation.offset + operation.length / 2) / 512 * 512;
      if (write && to_sector > operation.offset) errors.push_back({.kind = Kind::part_done, .at = k, .bytes = to_sector - operation.offset});
      if (write || operation.call == sim::Call::create || operation.call == sim::Call::preallocate || operation.call == sim::Call::make_directory) {
        errors.push_back({.kind = Kind::no_space, .at = k});
      }
      if (operation.call == sim::Call::sync) errors.push_back({.kind = Kind::pages_lost, .at = k});
      const Cell of = recording_.cell_at(k, fault::Kind::io_error);
      for (const auto& error : errors) sample(of, {error}, "failed calls", profile_.io_every);
      sample(of, {fault::IoError{.kind = Kind::no_changes, .at = k}}, "disks that take no changes from some call on", profile_.io_from_every);
    }
    for (const Look& look : recording_.looks) {
      const Cell of = recording_.cell_at(look.at, fault::Kind::io_error);
      // Its name would be that of a call at the beginning of the next command.
      if (look.at >= recording_.log.commands[look.command].ended_at) {
        leave_out(of, "failed looks: behind the last change of a command", 2);
        continue;
      }
      sample(of, {fault::IoError{.kind = Kind::read_fails, .at = look.at, .read = look.number}}, "failed looks", profile_.look_every);
      sample(of, {fault::IoError{.kind = Kind::disk_gone, .at = look.at, .read = look.number}}, "disks that are gone from some look on", profile_.look_from_every);
    }
  }

  // Of a seeded sample of first crashes, and of deaths, each operation of its recovery.
  void second_crashes() {
    std::unordered_set<Key, KeyHash> known;
    const auto crash = [](const std::vector<CrashId>& firsts) { return [&](uint64_t n) { return fault::SecondCrash::First(firsts[n]); }; };
    std::vector<CrashId> plain;
    if (profile_.second_all) {
      const auto others = std::stable_partition(firsts_.begin(), firsts_.end(), [](const CrashId& id) { return id.shape == CrashId::Shape::whole || id.shape == CrashId::Shape::keep_none; });
      plain.assign(firsts_.begin(), others);
      firsts_.erase(firsts_.begin(), others);
    }
    const uint64_t first = recording_.first_drilled(), deaths = recording_.trace().size() + 1 - first;
    const auto death = [&](uint64_t n) { return fault::SecondCrash::First(fault::ProcessDeath{first + n}); };
    sample_firsts(plain.size(), plain.size(), "first crashes", known, crash(plain));
    sample_firsts(firsts_.size(), profile_.second_firsts, "first crashes", known, crash(firsts_));
    sample_firsts(deaths, profile_.second_all ? deaths : profile_.second_firsts, "first deaths", known, death);
  }

  // One from each of as many equal slices, so that the sample covers the whole story. How many crashes the recoveries of the others have
  // nobody knows: each of them counts as one that was left out.
  void sample_firsts(uint64_t count, uint64_t most, const char* what, std::unordered_set<Key, KeyHash>& known, const std::function<fault::SecondCrash::First(uint64_t)>& first_at) {
    const uint64_t wanted = std::min(most, count);
    for (uint64_t n = 0; n < wanted; ++n) {
      const uint64_t from = count * n / wanted, to = count * (n + 1) / wanted;
      const uint64_t taken = from + sim::scramble(recording_.seed * 7919 + n) % (to - from);
      for (uint64_t other = from; other < to; ++other) {
        if (other == taken) continue;
        Cell of = recording_.cell_at(fault::SecondCrash{first_at(other), {}}.at(), fault::Kind::second_crash);
        of.direction = "recovery";
        leave_out(of, fmt::format("recoveries of {}: sampled by profile {}", what, profile_.name), 1);
      }
      const auto first = first_at(taken);
      if (const sim::SimDisk* recovery = runner_.recovery_from(first)) second_crashes_after(first, recovery->trace(), known);
    }
  }

  void second_crashes_after(const fault::SecondCrash::First& first, const sim::Trace& trace, std::unordered_set<Key, KeyHash>& known) {
    const fault::SecondCrash named{first, {}};
    const uint64_t begun = named.after_death() ? named.at() : 0;
    if (trace.size() == begun) return;  // nothing to recover from
    sim::CrashImages images(trace, sim::Model::strict);
    sim::CrashOptions options{.first = begun, .torn = false, .singles = false, .parts = false, .sectors = false, .suffixes = false};
    // What the recovery saw of the dead process may be gone in part: also each unsynced operation by itself.
    options.torn = options.singles = named.after_death();
    images.for_each(options, [&](const CrashId& id, sim::LazyImage& image) {
      const Cell of = cell_in_recovery(recording_.cell_at(named.at(), fault::Kind::second_crash), trace, id.after);
      const bool plain = id.shape == CrashId::Shape::whole || id.shape == CrashId::Shape::keep_none;
      const uint64_t every = plain ? profile_.second_every : profile_.second_every * profile_.second_part_every;
      if (seen_[plain ? "second" : "parts of a second"]++ % every != 0) return leave_out(of, "crashes of a recovery"), true;
      if (!known.insert(key_at(named.at(), image.digest())).second) return prune(of), true;
      add(of, {fault::SecondCrash{first, id}}, "crashes of a recovery");
      return true;
    });
  }

  // While a command holds the lock: not before it has it, nor after it has let it go at the end. Its end belongs to that: the seal is written there.
  void intruders() {
    using Who = fault::Intruder::Who;
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      const Cell of = recording_.cell_at(k, fault::Kind::intruder);
      if (of.step == "open" || of.step == "write" || recording_.has_let_go(k)) continue;
      if (of.direction == "rollback") {
        sample(of, {fault::Intruder{k}}, "second actors", profile_.intruder_every);
      } else if (of.direction == "forward") {
        sample_of("second actors", of, {fault::Intruder{k}}, "second actors on the way forward", profile_.intruder_forward_every);
      }
      sample_of("second actors", of, {fault::Intruder{k, Who::recover}}, "recoveries beside a command", profile_.intruder_forward_every);
      sample_of("second actors", of, {fault::Intruder{k, Who::cancel}}, "requests to cancel", profile_.cancel_every);
    }
    for (const uint64_t at : recording_.log.old_writer_points) {
      if (at < recording_.first_drilled() || at >= recording_.trace().size()) continue;
      add(recording_.cell_at(at, fault::Kind::intruder), {fault::Intruder{at, Who::old_route}}, "writers with an old route");
    }
  }

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
      const sim::Image image = recording_.disk->after_process_death(k)->now();
      const uint64_t earlier = earlier_than(k);
      const sim::Image then = recording_.disk->after_process_death(earlier)->now();
      const auto files = image.files();
      for (size_t i = 0; i < files.size(); ++i) {
        const std::string bytes = *image.read(files[i]);
        damages_of(k, between, files[i], bytes);
        const auto old = then.read(files[i]);
        for (const auto& damage : variants_of(k, files[i], bytes, old ? *old : "", earlier)) {
          if (between || !takes_last_batch(damage, bytes)) {
            plan_damage(k, between, damage);
          } else {
            leave_out(cell_of_file(k, files[i]), "the last batch of a journal that was not closed, as if it had never been written (lib/ASSUMPTIONS.md, 1)", 1);
          }
        }
        // The next file of the same kind, so that both are read by the same reader.
        const std::string kind = class_of_file(files[i]);
        if (kind.empty() || i + 1 == files.size() || class_of_file(files[i + 1]) != kind || *image.read(files[i + 1]) == bytes) continue;
        if ((kind == "source" && recording_.story.source_kind == "network-json") || (kind == "target" && recording_.story.target_kind == "network-json")) {
          leave_out(cell_of_file(k, files[i]), "two network files in each other's place: the same records, which is noted and is no damage (lib/migrate/foreign.h)", 1);
          continue;
        }
        plan_damage(k, between, {.kind = fault::Damage::Kind::swap, .after = k, .path = files[i], .other = files[i + 1]});
      }
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

  Cell cell_of_file(uint64_t k, const std::string& file) const {
    Cell of = recording_.cell_at(k, fault::Kind::corruption);
    of.step = class_of_file(file);
    return of;
  }

  // Behind what it makes stale nothing was written yet.
  bool takes_last_batch(const fault::Damage& damage, const std::string& bytes) const {
    return damage.kind == fault::Damage::Kind::stale && class_of_file(damage.path) == "journal" && bytes.find_first_not_of('\0', damage.number + fault::Damage::kBlock) == std::string::npos;
  }

  // What a checksum finds only if it knows where and when: the content is sound, and belongs elsewhere.
  std::vector<fault::Damage> variants_of(uint64_t k, const std::string& file, const std::string& bytes, const std::string& then, uint64_t earlier) const {
    using Damage = fault::Damage;
    using Kind = Damage::Kind;
    std::vector<Damage> all;
    const std::string kind = class_of_file(file);
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
    if (class_of_file(file).empty() || size == 0) return;
    using Kind = fault::Damage::Kind;
    std::set<std::pair<Kind, uint64_t>> each = {{Kind::flip, 0}, {Kind::flip, size / 2}, {Kind::flip, size - 1}, {Kind::cut, 0}, {Kind::cut, size / 2}, {Kind::cut, size - 1},
                                                {Kind::zero, 0}, {Kind::zero, size / 2 / 512 * 512}, {Kind::lose, 0}};
    for (uint64_t n = 0; n < profile_.flips; ++n) each.insert({Kind::flip, sim::scramble(recording_.seed * 31 + k * 1009 + n) % size});
    for (const auto& [kind, number] : each) {
      // Zeros in the place of zeros are no damage.
      if (kind == Kind::zero && bytes.find_first_not_of('\0', number) >= number + 512) continue;
      plan_damage(k, between, {.kind = kind, .after = k, .path = file, .number = number});
    }
  }

  void plan_damage(uint64_t k, bool between, const fault::Damage& damage) {
    const Cell of = cell_of_file(k, damage.path);
    const bool compared = between && compares_everything(*recording_.command_beginning_at(k));
    if (!compared && (of.step == "source" || of.step == "target")) return leave_out(of, "damage to a store before something that does not compare all of it (lib/ASSUMPTIONS.md)", 1);
    if (may_be_its_owners(of, k, damage)) {
      return leave_out(of, "damage that leaves other, sound records in files without checksums, where nothing has begun: its owner may have written them (lib/ASSUMPTIONS.md)", 1);
    }
    if (k == 0 && of.step == "source") return leave_out(of, "damage to the source before the first command has seen it (lib/ASSUMPTIONS.md)", 1);
    const bool variant = damage.kind > fault::Damage::Kind::lose;
    if (between) return sample(of, {damage}, variant ? "sound content in the wrong place, between two commands" : "damage between two commands", variant ? profile_.variant_every : profile_.damage_every);
    sample(of, {damage}, variant ? "sound content in the wrong place, before a recovery" : "damage before a recovery", variant ? profile_.variant_dead_every : profile_.damage_dead_every);
  }

  // Allocations are too many to be counted one by one: those that no stride hits are left out in one go.
  void memory() {
    using Kind = fault::Memory::Kind;
    for (const AllocationRun& run : recording_.allocations) {
      const Cell of = recording_.cell_at(run.at, fault::Kind::memory);
      // Their names would be those of allocations at the beginning of the next command.
      if (run.at >= recording_.log.commands[run.command].ended_at) {
        leave_out(of, "failed allocations: behind the last change of a command", 2 * run.count);
        continue;
      }
      const bool each = recording_.story.exhaustive_write_allocations && of.step == "write";
      sample_run(of, run, Kind::once, each ? "failed allocations of writes" : "failed allocations", each ? 1 : profile_.allocation_every);
      sample_run(of, run, Kind::from_then_on, "allocations that fail from some point on", profile_.allocation_from_every);
    }
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      const Cell of = recording_.cell_at(k, fault::Kind::memory);
      const auto last_safe_point = recording_.limit_asked_at[recording_.moment_at(k + 1).command];
      if (!last_safe_point || k > *last_safe_point) {
        leave_out(of, "memory over its limit: no safe point behind it, or none that may stop (rollbacks, and what follows the commit record)", 1);
        continue;
      }
      sample_of("memory", of, {fault::Memory{.kind = Kind::over_limit, .at = k}}, "memory over its limit", profile_.over_limit_every);
    }
  }

  void timeouts() {
    using Kind = fault::Timeout::Kind;
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      const Cell of = recording_.cell_at(k, fault::Kind::timeout);
      sample_of("time", of, {fault::Timeout{.at = k}}, "stalled operations", profile_.stall_every);
      for (const Kind kind : {Kind::forward, Kind::back}) sample_of("time", of, {fault::Timeout{.kind = kind, .at = k}}, "clocks that are set", profile_.jump_every);
    }
    for (const Look& look : recording_.looks) {
      const Cell of = recording_.cell_at(look.at, fault::Kind::timeout);
      if (look.at >= recording_.log.commands[look.command].ended_at) {
        leave_out(of, "stalled looks: behind the last change of a command", 1);
        continue;
      }
      const fault::Fault stall{fault::Timeout{.at = look.at, .look = look.number}};
      // The hold is what a clock decides: each of its few looks.
      look.held ? add(of, stall, "looks under the hold") : sample_of("time", of, stall, "stalled looks", profile_.stall_look_every);
    }
  }

  void sample_run(const Cell& of, const AllocationRun& run, fault::Memory::Kind kind, const char* what, uint64_t every) {
    uint64_t& seen = seen_[what];
    uint64_t taken = 0;
    for (uint64_t n = (every - seen % every) % every; n < run.count; n += every, ++taken) {
      add(of, {fault::Memory{.kind = kind, .at = run.at, .allocation = n + 1}}, "memory");
    }
    if (is_missing(of, "memory")) {
      add(of, {fault::Memory{.kind = kind, .at = run.at, .allocation = run.count / 2 + 1}}, "memory");
      ++taken;
    }
    leave_out(of, std::string(what) + ": sampled by profile " + profile_.name, run.count - taken);
    seen += run.count;
  }

  // A single write reads of a table only what it needs, and while a session is interrupted there is no fingerprint to compare with.
  bool compares_everything(size_t command) const {
    const auto kind = recording_.log.commands[command].command.kind;
    return kind == subject::Command::Kind::migrate || kind == subject::Command::Kind::rollback;
  }

  // The way back from validate takes nothing back, and leaves the source as its owner has it: whatever records he has in it.
  bool may_be_its_owners(const Cell& of, uint64_t k, const fault::Damage& damage) const {
    if (recording_.story.source_kind != "network-json" || of.phase != "validate" || of.direction != "rollback" || of.step != "source") return false;
    sim::Image image = recording_.disk->after_process_death(k)->now();
    const auto records = [&] { return check::read_network(image.find(recording_.options.places.source), check::Strictness::lenient); };
    const check::Records before = records();
    damage.apply(image);
    const check::Records after = records();
    return after.readable() && after.sorted != before.sorted;
  }

  // Empty for what is not relied on: locks and reserved space; and the configuration, which belongs to its owner.
  std::string class_of_file(const std::string& file) const {
    const check::Places& places = recording_.options.places;
    const auto below = [&](const std::string& folder) { return file.starts_with(folder + "/"); };
    if (below(places.source)) return "source";
    if (below(places.target)) return "target";
    if (below(places.backups)) return "backup";
    if (below(places.state + "/journal")) return "journal";
    if (file == places.state + "/audit.jsonl") return "audit";
    if (file == places.state + "/notifications.jsonl") return "notifications";
    return "";
  }

  const Recording& recording_;
  CaseRunner& runner_;
  const Profile& profile_;
  const std::string_view pattern_;
  Covered* covered_;
  Plan plan_;
  std::map<std::string, uint32_t> known_;
  std::vector<CrashId> firsts_;
  std::map<std::string, uint64_t> seen_;  // by class
  std::set<std::pair<uint32_t, std::string_view>> tried_;  // cells and classes that have a case to run
};

}  // namespace

uint64_t Counts::excluded_total() const {
  uint64_t total = 0;
  for (const auto& [reason, count] : excluded) total += count;
  return total;
}

Plan plan_cases(const Recording& recording, CaseRunner& runner, const Profile& profile, std::string_view pattern, Covered* covered) {
  return Planner(recording, runner, profile, pattern, covered).plan();
}

}  // namespace rollproof::drill
