// The way of every call through the simulated disk. Part of SimDisk, included by its two sources only.
#pragma once

#include "harness/sim/disk.h"

namespace rollproof::sim {

inline Status process_is_dead(const std::string& path) { return fail(Code::io, "the process has died", path); }

template <class Resolve>
Status SimDisk::run(Operation& operation, Resolve&& resolve, InjectedError* softened) {
  if (!process_->alive) return process_is_dead(*operation.path);
  operation.context = context_;
  operation.call_ordinal = calls_++;
  Status natural = resolve();
  operation.mutating = natural.has_value() && mutates(operation.call);
  operation.ordinal = trace_.size();
  if (hook_ && !in_hook_) {
    struct Inside {
      bool& flag;
      explicit Inside(bool& f) : flag(f) { flag = true; }
      ~Inside() { flag = false; }
    };
    const uint64_t changes = changes_;
    std::optional<InjectedError> error;
    {
      const Inside inside(in_hook_);
      error = hook_(operation);
    }
    if (changes != changes_) {  // a second actor was here: look again
      natural = resolve();
      operation.mutating = natural.has_value() && mutates(operation.call);
      operation.ordinal = trace_.size();
    }
    if (error) return inject(operation, *error, natural, softened);
  }
  if (operation.mutating) {
    operation.applied = operation.call == Call::write ? operation.length : 1;
    take(operation);
  } else {
    operation.failed = !natural.has_value();
    record(operation);
  }
  return natural;
}

}  // namespace rollproof::sim
