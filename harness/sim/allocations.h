// Memory that runs out: every allocation that the program makes with `new` while it is counted has a number, and the one that is asked for
// fails with std::bad_alloc. It is a replacement of operator new in programs that link this room; the production program does not.
//
// Only allocations inside a CountedAllocations scope count, and those of the harness within it (the disk, the log) do not. What is got with malloc
// (OpenSSL) is not seen. Where the exception meets code that can not unwind, std::terminate ends the process: `died_of_memory` runs the work
// such that this is an answer and not the end of the harness.
//
// One thread. Everything here is static, because operator new is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace rollproof::sim {

class Allocations {
 public:
  // From here on allocation number `number` (from 1) since the `changes`-th changing operation of the disk fails; with `from_then_on` all
  // counted ones after it as well.
  static void arm(uint64_t changes, uint64_t number, bool from_then_on);
  static void disarm();
  // `changes` operations have been done: numbers start anew at 1.
  static void change(uint64_t changes);

  static uint64_t since_change();  // counted since the last change()
  static uint64_t fired();         // how many have failed since arm(): the proof
  // Who was asking at the last failure, innermost first, names of functions and of foreign libraries, as far as the program knows them.
  static std::string callers();
};

// While this is there, allocations of the calling code count; the other one takes them out again. Scopes nest.
class CountedAllocations {
 public:
  CountedAllocations();
  ~CountedAllocations();
  CountedAllocations(const CountedAllocations&) = delete;
  CountedAllocations& operator=(const CountedAllocations&) = delete;

 private:
  const bool before_;
};

class UncountedAllocations {
 public:
  UncountedAllocations();
  ~UncountedAllocations();
  UncountedAllocations(const UncountedAllocations&) = delete;
  UncountedAllocations& operator=(const UncountedAllocations&) = delete;

 private:
  const bool before_;
};

// Runs `work`. True if std::terminate ended it after an allocation had failed: then nothing behind that point has happened, nothing was unwound,
// and what it held is leaked, as by a process that has died. std::terminate for any other reason ends the program.
bool died_of_memory(const std::function<void()>& work);

}  // namespace rollproof::sim
