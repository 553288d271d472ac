#include "harness/drill/plan.h"

#include <unordered_set>

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
  Planner(const Recording& recording, CaseRunner& runner, const Profile& profile)
      : recording_(recording), runner_(runner), profile_(profile) {}

  Plan plan() {
    const Story& story = recording_.story;
    if (story.drills(fault::Kind::crash) || story.drills(fault::Kind::second_crash)) crashes();
    if (story.drills(fault::Kind::process_death)) deaths();
    if (story.drills(fault::Kind::io_error)) io_errors();
    if (story.drills(fault::Kind::second_crash)) second_crashes();
    if (story.drills(fault::Kind::intruder)) intruders();
    return std::move(plan_);
  }

 private:
  uint32_t cell(const Cell& cell) {
    const auto [found, fresh] = known_.emplace(cell.to_string(), static_cast<uint32_t>(plan_.cells.size()));
    if (fresh) {
      plan_.cells.push_back(cell);
      plan_.counts.emplace_back();
    }
    return found->second;
  }

  void add(const Cell& of, fault::Fault fault) {
    const uint32_t index = cell(of);
    ++plan_.counts[index].planned;
    ++plan_.counts[index].run;
    plan_.cases.push_back({index, std::move(fault)});
  }
  void leave_out(const Cell& of, const char* what) {
    Counts& counts = plan_.counts[cell(of)];
    ++counts.planned;
    ++counts.excluded[std::string(what) + ": sampled by profile " + profile_.name];
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
    const bool drilled = recording_.story.drills(fault::Kind::crash);
    sim::CrashOptions options{.first = recording_.first_drilled(), .randoms = profile_.randoms, .seed = recording_.seed};
    sim::CrashImages images(recording_.trace(), options.model);
    std::unordered_set<Key, KeyHash> known;
    images.for_each(options, [&](const CrashId& id, sim::LazyImage& image) {
      const Cell of = recording_.cell_at(id.after, fault::Kind::crash);
      const Class kind = class_of(id, of.direction == "rollback");
      if (drilled && seen_[kind.name]++ % kind.every != 0) return leave_out(of, kind.name), true;
      if (!drilled && id.shape != CrashId::Shape::whole && id.shape != CrashId::Shape::keep_none) return true;
      if (!known.insert(key_at(id.after, image.digest())).second) return drilled ? prune(of) : void(), true;
      if (drilled) add(of, {id});
      firsts_.push_back(id);
      return true;
    });
  }

  void deaths() {
    const uint64_t first = recording_.first_drilled();
    for (uint64_t k = first; k <= recording_.trace().size(); ++k) {
      const Cell of = recording_.cell_at(k, fault::Kind::process_death);
      const bool back = of.direction == "rollback";
      (k - first) % (back ? profile_.death_back_every : profile_.death_every) == 0 ? add(of, {fault::ProcessDeath{k}}) : leave_out(of, "process deaths");
    }
  }

  void io_errors() {
    using Kind = fault::IoError::Kind;
    uint64_t turn = 0;
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
      for (const auto& error : errors) turn++ % profile_.io_every == 0 ? add(of, {error}) : leave_out(of, "failed calls");
    }
  }

  // Of a seeded sample of first crashes each operation of its recovery.
  void second_crashes() {
    if (firsts_.empty()) return;
    const uint64_t wanted = std::min<uint64_t>(profile_.second_firsts, firsts_.size());
    std::unordered_set<Key, KeyHash> known;
    for (uint64_t n = 0; n < wanted; ++n) {
      // One from each of as many equal slices, so that the sample covers the whole story.
      const uint64_t from = firsts_.size() * n / wanted, to = firsts_.size() * (n + 1) / wanted;
      const CrashId first = firsts_[from + sim::scramble(recording_.seed * 7919 + n) % std::max<uint64_t>(1, to - from)];
      const sim::SimDisk* recovery = runner_.recovery_from(first);
      if (recovery == nullptr) continue;
      second_crashes_after(first, recovery->trace(), known);
    }
  }

  void second_crashes_after(const CrashId& first, const sim::Trace& trace, std::unordered_set<Key, KeyHash>& known) {
    sim::CrashImages images(trace, sim::Model::strict);
    const sim::CrashOptions options{.torn = false, .singles = false, .parts = false, .sectors = false, .suffixes = false};
    images.for_each(options, [&](const CrashId& id, sim::LazyImage& image) {
      Cell of = recording_.cell_at(first.after, fault::Kind::second_crash);
      of.direction = "recovery";
      if (trace.size() == 0) return true;
      const auto& context = trace.operations[std::min<uint64_t>(id.after, trace.size() - 1)]->context;
      if (context) of.step = context->substr(context->find('/') == std::string::npos ? 0 : context->find('/') + 1);
      if (seen_second_++ % profile_.second_every != 0) return leave_out(of, "crashes of a recovery"), true;
      if (!known.insert(key_at(first.after, image.digest())).second) return prune(of), true;
      add(of, {fault::SecondCrash{first, id}});
      return true;
    });
  }

  // While a rollback holds the lock: not before it has it, nor after it has let it go at the end.
  void intruders() {
    uint64_t turn = 0;
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      const Cell of = recording_.cell_at(k, fault::Kind::intruder);
      if (of.direction != "rollback" || of.step == "open" || of.step == "close") continue;
      turn++ % profile_.intruder_every == 0 ? add(of, {fault::Intruder{k}}) : leave_out(of, "second actors");
    }
  }

  const Recording& recording_;
  CaseRunner& runner_;
  const Profile& profile_;
  Plan plan_;
  std::map<std::string, uint32_t> known_;
  std::vector<CrashId> firsts_;
  std::map<std::string, uint64_t> seen_;  // by class
  uint64_t seen_second_ = 0;
};

}  // namespace

uint64_t Counts::excluded_total() const {
  uint64_t total = 0;
  for (const auto& [reason, count] : excluded) total += count;
  return total;
}

Plan plan_cases(const Recording& recording, CaseRunner& runner, const Profile& profile) { return Planner(recording, runner, profile).plan(); }

}  // namespace rollproof::drill
