#include "harness/drill/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <unordered_set>

#include "harness/drill/plan_book.h"
#include "harness/drill/plan_damage.h"
#include "harness/drill/plan_pressure.h"
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

constexpr uint64_t kEndOperations = 12;

class Planner {
 public:
  Planner(const Recording& recording, CaseRunner& runner, const Profile& profile, std::string_view pattern, Covered* covered)
      : recording_(recording), runner_(runner), profile_(profile), pattern_(pattern), book_(profile, covered, drawn_by(recording.seed, recording.story.name)) {}

  Plan plan() {
    using Kind = fault::Kind;
    if (!recording_.story.cases.empty()) {
      for (const fault::Fault& fault : recording_.story.cases) book_.add(cell_of_fault(fault), fault, "named");
    } else {
      if (wants(Kind::crash) || wants(Kind::second_crash)) crashes();
      if (wants(Kind::process_death)) deaths();
      if (wants(Kind::io_error)) io_errors();
      if (wants(Kind::second_crash)) second_crashes();
      if (wants(Kind::intruder)) intruders(), other_programs();
      if (wants(Kind::corruption)) plan_damages(recording_, profile_, book_);
      if (wants(Kind::memory)) plan_memory(recording_, profile_, book_);
      if (wants(Kind::timeout)) plan_timeouts(recording_, profile_, book_);
    }
    keep_matching();
    return std::move(book_.plan());
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
    Plan& plan = book_.plan();
    std::vector<bool> fits;
    for (size_t i = 0; i < plan.cells.size(); ++i) {
      fits.push_back(matches(pattern_, plan.cells[i].to_string()));
      if (!fits[i]) plan.counts[i] = {};
    }
    std::erase_if(plan.cases, [&](const Planned& planned) { return !fits[planned.cell]; });
  }

  Cell cell_of_fault(const fault::Fault& fault) const {
    if (const auto* damage = std::get_if<fault::Damage>(&fault.what)) return cell_of_file(recording_, damage->after, damage->path);
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
    if (part == Part::all && !id.losses.empty() && recording_.trace().operations[id.losses[0].ordinal]->call == sim::Call::rename) return {"single omissions of a rename", profile_.single_name_every};
    return rolls_back ? Class{"single omissions in rollbacks", profile_.single_back_every} : Class{"single omissions", profile_.single_every};
  }

  void crashes() {
    const bool drilled = wants(fault::Kind::crash);
    sim::CrashOptions options{.first = recording_.first_drilled(), .randoms = profile_.randoms, .seed = recording_.seed};
    sim::CrashImages images(recording_.trace(), options.model);
    const auto visit = [&](const CrashId& id, sim::LazyImage& image) {
      const Cell of = recording_.cell_at(id.after, fault::Kind::crash);
      const Class kind = class_of(id, of.direction == "rollback");
      if (drilled && !book_.takes(of, kind.name, kind.every)) return book_.leave_out(of, kind.name), true;
      if (!drilled && id.shape != CrashId::Shape::whole && id.shape != CrashId::Shape::keep_none) return true;
      if (!known_.insert(key_at(id.after, image.digest())).second) return drilled ? book_.prune(of) : void(), true;
      if (drilled) book_.add(of, {id}, kind.name);
      firsts_.push_back(id);
      return true;
    };
    for (uint64_t k = options.first; k <= recording_.trace().size(); ++k) {
      if (k > options.first && recording_.is_of_others(k) && recording_.is_of_others(k - 1)) continue;
      options.first = options.last = k;
      const sim::CrashCounts counts = images.for_each(options, visit);
      if (!drilled) continue;
      const Cell of = recording_.cell_at(k, fault::Kind::crash);
      book_.leave_out(of, fmt::format("torn calls: more than {} cuts of one call", options.splits_max), counts.splits_left_out);
      book_.leave_out(of, fmt::format("single sectors: more than {} of one call", options.sectors_max), counts.sectors_left_out);
    }
    if (!drilled) known_.clear();  // none of them is a case
  }

  void deaths() {
    for (uint64_t k = recording_.first_drilled(); k <= recording_.trace().size(); ++k) {
      if (k > 0 && recording_.is_of_others(k) && recording_.is_of_others(k - 1)) continue;
      const Cell of = recording_.cell_at(k, fault::Kind::process_death);
      of.direction == "rollback" ? book_.sample(of, {fault::ProcessDeath{k}}, "process deaths in rollbacks", profile_.death_back_every)
                                 : book_.sample(of, {fault::ProcessDeath{k}}, "process deaths", profile_.death_every);
    }
  }

  void io_errors() {
    using Kind = fault::IoError::Kind;
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      if (recording_.is_of_others(k)) continue;
      const sim::Operation& operation = *recording_.trace().operations[k];
      std::vector<fault::IoError> errors = {{.kind = Kind::nothing_done, .at = k}};
      const bool write = operation.call == sim::Call::write;
      // A first part that ends where a sector of the disk does: within one, nothing is ever half written (lib/os, and any disk).
      const uint64_t to_sector = (operation.offset + operation.length / 2) / 512 * 512;
      if (write && to_sector > operation.offset) errors.push_back({.kind = Kind::part_done, .at = k, .bytes = to_sector - operation.offset});
      if (operation.grows != 0 || operation.call == sim::Call::create || operation.call == sim::Call::preallocate || operation.call == sim::Call::make_directory) {
        errors.push_back({.kind = Kind::no_space, .at = k});
      }
      if (operation.call == sim::Call::sync) errors.push_back({.kind = Kind::pages_lost, .at = k});
      const Cell of = recording_.cell_at(k, fault::Kind::io_error);
      if (recording_.command_beginning_at(k)) {
        const auto needed = runner_.room_needed(k);
        std::set<uint64_t> rooms;
        if (needed) rooms.insert(0);
        if (needed.value_or(0) != 0) rooms.insert({*needed / 4, *needed / 2, *needed * 3 / 4, *needed - 1});
        for (const uint64_t left : rooms) book_.sample(of, {fault::IoError{.kind = Kind::full, .at = k, .bytes = left}}, "full disks", profile_.full_every);
      }
      for (const auto& error : errors) book_.sample(of, {error}, "failed calls", profile_.io_every);
      book_.sample(of, {fault::IoError{.kind = Kind::no_changes, .at = k}}, "disks that take no changes from some call on", profile_.io_from_every);
    }
    for (const Look& look : recording_.looks) {
      const Cell of = recording_.cell_at(look.at, fault::Kind::io_error);
      // Its name would be that of a call at the beginning of the next command.
      if (look.at >= recording_.log.commands[look.command].ended_at) {
        book_.leave_out(of, "failed looks: behind the last change of a command", 2);
        continue;
      }
      book_.sample(of, {fault::IoError{.kind = Kind::read_fails, .at = look.at, .read = look.number}}, "failed looks", profile_.look_every);
      book_.sample(of, {fault::IoError{.kind = Kind::disk_gone, .at = look.at, .read = look.number}}, "disks that are gone from some look on", profile_.look_from_every);
    }
  }

  // Prefixes, torn calls, and what loses one operation, one sector of it, or all that was not synced: what is enumerated and neither drawn nor a combination.
  static bool has_all_seconds(const CrashId& id) {
    using Shape = CrashId::Shape;
    if (id.shape == Shape::lose) return !id.losses.empty() && (id.losses[0].part == sim::Loss::Part::all || id.losses[0].part == sim::Loss::Part::sector);
    return id.shape == Shape::whole || id.shape == Shape::keep_none || id.shape == Shape::torn;
  }

  // Of a seeded sample of first crashes, and of deaths, each operation of its recovery. What a recovery leaves half done may be what some first crash has left.
  void second_crashes() {
    const auto crash = [](const std::vector<CrashId>& firsts) { return [&](uint64_t n) { return fault::SecondCrash::First(firsts[n]); }; };
    std::vector<CrashId> all;
    if (profile_.second_all) {
      const auto others = std::stable_partition(firsts_.begin(), firsts_.end(), [this](const CrashId& id) { return profile_.second_all_shapes || has_all_seconds(id); });
      all.assign(firsts_.begin(), others);
      firsts_.erase(firsts_.begin(), others);
    }
    const uint64_t first = recording_.first_drilled(), deaths = recording_.trace().size() + 1 - first;
    const auto death = [&](uint64_t n) { return fault::SecondCrash::First(fault::ProcessDeath{first + n}); };
    sample_firsts(all.size(), all.size(), "first crashes", crash(all));
    sample_firsts(firsts_.size(), profile_.second_firsts, profile_.second_all ? "first crashes that lose a part of an operation, a suffix or a random subset" : "first crashes", crash(firsts_));
    sample_firsts(deaths, profile_.second_all ? deaths : profile_.second_firsts, "first deaths", death);
  }

  // One from each of as many equal slices, so that the sample covers the whole story. How many crashes the recoveries of the others have
  // nobody knows: each of them counts as one that was left out.
  void sample_firsts(uint64_t count, uint64_t most, const char* what, const std::function<fault::SecondCrash::First(uint64_t)>& first_at) {
    const uint64_t wanted = std::min(most, count);
    for (uint64_t n = 0; n < wanted; ++n) {
      const uint64_t from = count * n / wanted, to = count * (n + 1) / wanted;
      const uint64_t taken = from + sim::scramble(recording_.seed * 7919 + n) % (to - from);
      for (uint64_t other = from; other < to; ++other) {
        if (other == taken) continue;
        Cell of = recording_.cell_at(fault::SecondCrash{first_at(other), {}}.at(), fault::Kind::second_crash);
        of.direction = "recovery";
        book_.leave_out(of, fmt::format("recoveries of {}: sampled by profile {}", what, profile_.name), 1);
      }
      const auto first = first_at(taken);
      if (const sim::SimDisk* recovery = runner_.recovery_from(first)) second_crashes_after(first, recovery->trace());
    }
  }

  void second_crashes_after(const fault::SecondCrash::First& first, const sim::Trace& trace) {
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
      if (book_.seen(plain ? "second" : "parts of a second", every)++ % every != 0) return book_.leave_out(of, "crashes of a recovery"), true;
      if (!known_.insert(key_at(named.at(), image.digest())).second) return book_.prune(of), true;
      book_.add(of, {fault::SecondCrash{first, id}}, "crashes of a recovery");
      return true;
    });
  }

  // While a command holds the lock: not before it has it, nor after it has let it go at the end. Its end belongs to that: the seal is written there.
  void intruders() {
    using Who = fault::Intruder::Who;
    for (size_t i = recording_.first_drilled_command; i < recording_.log.commands.size(); ++i) {
      const uint64_t begun_at = recording_.log.commands[i].begun_at;
      if (begun_at >= recording_.trace().size() || recording_.log.commands[i].ended_at == begun_at) continue;
      // A backup restored without a migration drops later writes, as it says; and what is damaged may stop whoever comes.
      if (recording_.log.commands[i].command.kind == subject::Command::Kind::restore || recording_.log.commands[i].command.of_others() || runner_.damages_something()) continue;
      const Cell of = recording_.cell_at(begun_at, fault::Kind::intruder);
      for (const Who who : {Who::earlier_put, Who::earlier_rollback}) book_.sample_of("commands between look and lock", of, {fault::Intruder{begun_at, who}}, "commands between look and lock", profile_.thin ? 16 : 1);
      for (const auto& [who, what] : {std::pair(Who::older_state, "state folders that are put back as they were"), std::pair(Who::older_journal, "journals that are put back as they were")}) {
        if (runner_.can_fire({.at = begun_at, .who = who})) book_.sample_of(what, of, {fault::Intruder{.at = begun_at, .who = who}}, what, profile_.thin ? 16 : 1);
      }
      const fault::Intruder edit{begun_at, Who::earlier_edit};
      if (runner_.can_fire(edit)) book_.sample_of("edits between look and lock", of, {edit}, "edits between look and lock", profile_.thin ? 16 : 1);
    }
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      const Cell of = recording_.cell_at(k, fault::Kind::intruder);
      if (of.step == "open" || of.step == "write" || recording_.is_of_others(k) || recording_.has_let_go(k)) continue;
      if (of.direction == "rollback") {
        book_.sample(of, {fault::Intruder{k}}, "second actors", profile_.intruder_every);
      } else if (of.direction == "forward") {
        book_.sample_of("second actors", of, {fault::Intruder{k}}, "second actors on the way forward", profile_.intruder_forward_every);
      }
      book_.sample_of("second actors", of, {fault::Intruder{k, Who::recover}}, "recoveries beside a command", profile_.intruder_forward_every);
      requests_before_death(of, k);
      // At its end a command still looks for one, and no longer obeys.
      const bool ends = recording_.log.commands[recording_.moment_at(k + 1).command].ended_at <= k + kEndOperations;
      if (ends) {
        book_.sample_of("requests to cancel at the end", of, {fault::Intruder{k, Who::cancel}}, "requests to cancel at the end of a command", std::max<uint64_t>(1, profile_.cancel_every / 48));
      } else {
        book_.sample_of("requests to cancel", of, {fault::Intruder{k, Who::cancel}}, "requests to cancel", profile_.cancel_every);
      }
    }
    for (const uint64_t at : recording_.log.old_writer_points) {
      if (at < recording_.first_drilled() || at >= recording_.trace().size()) continue;
      book_.add(recording_.cell_at(at, fault::Kind::intruder), {fault::Intruder{at, Who::old_route}}, "writers with an old route");
    }
  }

  // The holder dies before it has obeyed, or while it does.
  void requests_before_death(const Cell& of, uint64_t k) {
    const uint64_t later = std::array<uint64_t, 4>{0, 2, 9, 30}[k % 4];
    const fault::Intruder intruder{.at = k, .who = fault::Intruder::Who::cancel_death, .later = later};
    if (book_.seen("requests before a death", profile_.cancel_every)++ % profile_.cancel_every != 0) return book_.leave_out(of, "requests to cancel before a death");
    if (!runner_.can_fire(intruder)) return book_.leave_out(of, "requests to cancel before a death: nobody would obey, or whoever was asked has ended before", 1);
    book_.add(of, {intruder}, "requests to cancel before a death");
  }

  // While nobody of ours is at work: between two commands, and behind a death.
  void other_programs() {
    using Who = fault::Intruder::Who;
    struct Kind {
      Who who;
      const char* what;  // with the stores
      uint64_t every;
    };
    using Stores = fault::Intruder::Stores;
    const uint64_t every = profile_.foreign_every;
    const Kind kinds[] = {{Who::foreign, "other programs that write to the {}", every},
                          {Who::holds, "other programs that have the {} open", every * 2},
                          {Who::read_only, "{}s that nobody can write to for a while", every * 2},
                          {Who::full, "{}s whose own disk is full for a while", every * 2},
                          {Who::gone, "{}s that are not there for a while", every * 2},
                          {Who::other, "configurations that name another {}", every * 2},
                          {Who::older, "{}s that are put back as they were", every * 2}};
    struct Sampled {
      fault::Intruder intruder;
      std::string what;
      uint64_t every;
    };
    std::vector<Sampled> classes;
    for (const Kind& kind : kinds) {
      for (const Stores stores : {Stores::source, Stores::target}) classes.push_back({{.who = kind.who, .stores = stores}, fmt::format(fmt::runtime(kind.what), stores == Stores::source ? "source" : "target"), kind.every});
    }
    classes.push_back({{.who = Who::foreign, .stores = Stores::both}, "other programs that write to both stores", every * 2});
    if (runner_.damages_something()) return;
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      if (recording_.is_of_others(k) || drops_writes(recording_.moment_at(k + 1).command)) continue;
      const Cell of = recording_.cell_at(k, fault::Kind::intruder);
      for (const auto& [kind, what, taken] : classes) {
        fault::Intruder intruder = kind;
        intruder.at = k;
        // A store is held, or another one named, while a command is at work: at its beginning more often than behind a death.
        const bool begins = !intruder.is_foreign() && recording_.command_beginning_at(k).has_value();
        const uint64_t every = begins ? std::max<uint64_t>(1, taken / 64) : taken;
        if (book_.seen(what.c_str(), taken)++ % every != 0) {
          book_.leave_out(of, what.c_str());
        } else if (const std::string why = impossible(intruder); !why.empty()) {
          book_.leave_out(of, why, 1);
        } else {
          book_.add(of, {intruder}, what.c_str());
        }
      }
    }
  }

  // A backup that is restored where the source answers drops what nobody journaled, as it says.
  bool drops_writes(size_t command) const {
    const auto& commands = recording_.log.commands;
    if (commands[command].command.kind != subject::Command::Kind::restore) return false;
    bool target_answers = false;
    for (size_t i = 0; i < command; ++i) {
      const subject::Command& before = commands[i].command;
      if (before.kind == subject::Command::Kind::migrate) target_answers = before.argument == "cutover";
      if (before.kind == subject::Command::Kind::rollback) target_answers = false;
    }
    return !target_answers;
  }

  // Why what another program does can not happen there, or shows nothing; empty if it can.
  std::string impossible(const fault::Intruder& intruder) {
    const auto any_is = [&](const std::string& kind) { return (intruder.of_source() && recording_.story.source_kind == kind) || (intruder.of_target() && recording_.story.target_kind == kind); };
    if (intruder.is_foreign() && any_is("unified-json")) return "other programs that write to a unified file: it carries a checksum over all of it, and none does";
    if (intruder.holds() && !any_is("leveldb")) return "other programs that have a store of JSON files open: nobody is kept out by that";
    if (runner_.can_fire(intruder)) return "";
    if (intruder.puts_back()) return "stores that are put back as they were: there is no older one of this migration with a backup, or it is the same, or nobody opens it there (lib/ASSUMPTIONS.md)";
    if (intruder.is_foreign()) return "other programs that write to a store: it is not there, or half made";
    if (intruder.gone()) return "stores that are not there for a while: nobody of ours comes to it with a write there, and for others it is lost (damage)";
    return intruder.out_of_reach() ? "stores that nobody can open or write to for a while: nobody of ours does there" : "configurations that name another store: no migration has begun";
  }

  const Recording& recording_;
  CaseRunner& runner_;
  const Profile& profile_;
  const std::string_view pattern_;
  PlanBook book_;
  std::vector<CrashId> firsts_;
  std::unordered_set<Key, KeyHash> known_;  // what cases that crash find, to be recovered from
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
