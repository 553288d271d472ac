// Where running out of memory becomes an error value: at the edge of a piece of work, whose half-done state is dropped with it.
#pragma once

#include <new>
#include <utility>

#include "lib/base/result.h"

namespace rollproof {

// Code::outcome_unknown. Needs no memory itself: the message fits into the string, and the hint is left out if there is none for it.
inline Error out_of_memory() {
  Error error{Code::outcome_unknown, "out of memory", {}, {}};
  try {
    error.hint = "Run `rollproof recover`, with more memory.";
  } catch (const std::bad_alloc&) {
  }
  return error;
}

// What `work` answers (a Status or Result), or out_of_memory() if an allocation in it failed. `abandon` is called then, and must not allocate:
// objects that `work` was changing may be half changed and must not be used for anything durable any more.
template <class Work, class Abandon>
auto within_memory(Work&& work, Abandon&& abandon) -> decltype(work()) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    std::forward<Abandon>(abandon)();
    return fail(out_of_memory());
  }
}

template <class Work>
auto within_memory(Work&& work) -> decltype(work()) {
  return within_memory(std::forward<Work>(work), [] {});
}

}  // namespace rollproof
