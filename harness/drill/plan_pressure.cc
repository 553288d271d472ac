#include "harness/drill/plan_pressure.h"

namespace rollproof::drill {
namespace {

class PressurePlanner {
 public:
  PressurePlanner(const Recording& recording, const Profile& profile, PlanBook& book) : recording_(recording), profile_(profile), book_(book) {}

  // Allocations are too many to be counted one by one: those that no stride hits are left out in one go.
  void memory() {
    using Kind = fault::Memory::Kind;
    for (const AllocationRun& run : recording_.allocations) {
      const Cell of = recording_.cell_at(run.at, fault::Kind::memory);
      // Their names would be those of allocations at the beginning of the next command.
      if (run.at >= recording_.log.commands[run.command].ended_at) {
        book_.leave_out(of, "failed allocations: behind the last change of a command", 2 * run.count);
        continue;
      }
      const bool each = recording_.story.exhaustive_write_allocations && of.step == "write";
      sample_run(of, run, Kind::once, each ? "failed allocations of writes" : "failed allocations", each ? 1 : profile_.allocation_every);
      sample_run(of, run, Kind::from_then_on, "allocations that fail from some point on", profile_.allocation_from_every);
    }
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      if (recording_.is_of_others(k)) continue;
      const Cell of = recording_.cell_at(k, fault::Kind::memory);
      const auto last_safe_point = recording_.limit_asked_at[recording_.moment_at(k + 1).command];
      if (!last_safe_point || k > *last_safe_point) {
        book_.leave_out(of, "memory over its limit: no safe point behind it, or none that may stop (rollbacks, and what follows the commit record)", 1);
        continue;
      }
      book_.sample_of("memory", of, {fault::Memory{.kind = Kind::over_limit, .at = k}}, "memory over its limit", profile_.over_limit_every);
    }
  }

  void timeouts() {
    using Kind = fault::Timeout::Kind;
    for (uint64_t k = recording_.first_drilled(); k < recording_.trace().size(); ++k) {
      if (recording_.is_of_others(k)) continue;
      const Cell of = recording_.cell_at(k, fault::Kind::timeout);
      book_.sample_of("time", of, {fault::Timeout{.at = k}}, "stalled operations", profile_.stall_every);
      for (const Kind kind : {Kind::forward, Kind::back}) book_.sample_of("time", of, {fault::Timeout{.kind = kind, .at = k}}, "clocks that are set", profile_.jump_every);
    }
    for (const Look& look : recording_.looks) {
      const Cell of = recording_.cell_at(look.at, fault::Kind::timeout);
      if (look.at >= recording_.log.commands[look.command].ended_at) {
        book_.leave_out(of, "stalled looks: behind the last change of a command", 1);
        continue;
      }
      const fault::Fault stall{fault::Timeout{.at = look.at, .look = look.number}};
      // The hold is what a clock decides: each of its few looks.
      look.held ? book_.add(of, stall, "looks under the hold") : book_.sample_of("time", of, stall, "stalled looks", profile_.stall_look_every);
    }
  }

  void sample_run(const Cell& of, const AllocationRun& run, fault::Memory::Kind kind, const char* what, uint64_t every) {
    uint64_t& seen = book_.seen(what, every);
    uint64_t taken = 0;
    for (uint64_t n = (every - seen % every) % every; n < run.count; n += every, ++taken) {
      book_.add(of, {fault::Memory{.kind = kind, .at = run.at, .allocation = n + 1}}, "memory");
    }
    if (book_.is_missing(of, "memory")) {
      book_.add(of, {fault::Memory{.kind = kind, .at = run.at, .allocation = run.count / 2 + 1}}, "memory");
      ++taken;
    }
    book_.leave_out(of, std::string(what) + ": sampled by profile " + profile_.name, run.count - taken);
    seen += run.count;
  }

  const Recording& recording_;
  const Profile& profile_;
  PlanBook& book_;
};

}  // namespace

void plan_memory(const Recording& recording, const Profile& profile, PlanBook& book) { PressurePlanner(recording, profile, book).memory(); }
void plan_timeouts(const Recording& recording, const Profile& profile, PlanBook& book) { PressurePlanner(recording, profile, book).timeouts(); }

}  // namespace rollproof::drill
