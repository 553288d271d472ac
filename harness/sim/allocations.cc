#include "harness/sim/allocations.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <unwind.h>

#include <array>
#include <csetjmp>
#include <cstdlib>
#include <exception>
#include <new>

namespace rollproof::sim {
namespace {

constexpr size_t kCallersMax = 96;

// Zero when the program starts, before any constructor allocates.
struct Gate {
  bool counting;
  bool armed;
  bool from_then_on;
  uint64_t at;      // changes
  uint64_t number;  // of the allocation that fails
  uint64_t changes;
  uint64_t seen;    // since the last change
  uint64_t fired;
  size_t callers;
  std::array<uintptr_t, kCallersMax> caller;
};
constinit thread_local Gate gate{};
constinit thread_local std::jmp_buf* way_out = nullptr;

_Unwind_Reason_Code note_caller(_Unwind_Context* context, void*) {
  if (gate.callers == kCallersMax) return _URC_END_OF_STACK;
  gate.caller[gate.callers++] = _Unwind_GetIP(context);
  return _URC_NO_REASON;
}

bool fails_now() {
  ++gate.seen;
  if (!gate.armed) return false;
  if (gate.fired != 0) return gate.from_then_on;
  return gate.changes == gate.at && gate.seen == gate.number;
}

void fail_if_asked_to() {
  if (!gate.counting || !fails_now()) return;
  ++gate.fired;
  gate.callers = 0;
  _Unwind_Backtrace(note_caller, nullptr);
  throw std::bad_alloc();
}

void* allocate(std::size_t size) {
  fail_if_asked_to();
  if (void* got = std::malloc(size == 0 ? 1 : size)) return got;
  throw std::bad_alloc();
}

// As the library of C++ has it: whoever asks this way hears of a failure by null.
void* allocate_or_null(std::size_t size) noexcept {
  try {
    return allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

[[noreturn]] void leave() {
  if (way_out == nullptr || gate.fired == 0) std::abort();
  std::longjmp(*way_out, 1);
}

}  // namespace

void Allocations::arm(uint64_t changes, uint64_t number, bool from_then_on) {
  const bool counting = gate.counting;
  gate = Gate{};
  gate.counting = counting;
  gate.armed = true;
  gate.at = changes;
  gate.number = number;
  gate.from_then_on = from_then_on;
}

void Allocations::disarm() { gate.armed = false; }

void Allocations::change(uint64_t changes) {
  gate.changes = changes;
  gate.seen = 0;
}

uint64_t Allocations::since_change() { return gate.seen; }
uint64_t Allocations::fired() { return gate.fired; }

std::string Allocations::callers() {
  const UncountedAllocations ours;
  std::string text;
  for (size_t i = 0; i < gate.callers; ++i) {
    Dl_info info{};
    if (dladdr(reinterpret_cast<void*>(gate.caller[i] - 1), &info) == 0) continue;
    const std::string file = info.dli_fname == nullptr ? "" : info.dli_fname;
    int status = -1;
    char* plain = info.dli_sname == nullptr ? nullptr : abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
    text += file.substr(file.rfind('/') + 1) + ": " + (plain != nullptr ? plain : info.dli_sname != nullptr ? info.dli_sname : "?") + "\n";
    std::free(plain);
  }
  return text;
}

CountedAllocations::CountedAllocations() : before_(gate.counting) { gate.counting = true; }
CountedAllocations::~CountedAllocations() { gate.counting = before_; }
UncountedAllocations::UncountedAllocations() : before_(gate.counting) { gate.counting = false; }
UncountedAllocations::~UncountedAllocations() { gate.counting = before_; }

bool died_of_memory(const std::function<void()>& work) {
  std::jmp_buf out;
  std::jmp_buf* const before = way_out;
  const bool counting = gate.counting;
  const std::terminate_handler handler = std::set_terminate(leave);
  way_out = &out;
  // Nothing local changes between here and the jump back.
  const bool died = setjmp(out) != 0;
  if (!died) work();
  way_out = before;
  gate.counting = counting;
  std::set_terminate(handler);
  return died;
}

}  // namespace rollproof::sim

void* operator new(std::size_t size) { return rollproof::sim::allocate(size); }
void* operator new[](std::size_t size) { return rollproof::sim::allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return rollproof::sim::allocate_or_null(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return rollproof::sim::allocate_or_null(size); }
void operator delete(void* pointer) noexcept { std::free(pointer); }
void operator delete[](void* pointer) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { std::free(pointer); }
void operator delete[](void* pointer, std::size_t) noexcept { std::free(pointer); }
void operator delete(void* pointer, const std::nothrow_t&) noexcept { std::free(pointer); }
void operator delete[](void* pointer, const std::nothrow_t&) noexcept { std::free(pointer); }
