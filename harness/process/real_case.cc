#include "harness/process/real_case.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/process/real_damage.h"
#include "harness/process/step_watch.h"
#include "lib/base/exit_code.h"

namespace rollproof::process {
namespace {

using Kind = RealFault::Kind;

constexpr int64_t kLimitMs = 20'000;  // for a command that takes a tenth of a second; one that hangs is killed
constexpr int kStillTries = 2000;     // milliseconds
constexpr int kNotLoaded = 127;       // the dynamic loader got no memory, and the program never began
constexpr int64_t kHourMs = 3'600'000;

int64_t wall_ms() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// No thread of it runs, or waits for the disk.
bool is_still(int pid) {
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), error)) {
    const std::string stat = text_of(task.path().string() + "/stat");
    const size_t name_ends = stat.rfind(") ");
    if (name_ends != std::string::npos && (stat[name_ends + 2] == 'R' || stat[name_ends + 2] == 'D')) return false;
  }
  return true;
}

uint64_t address_space_of(int pid) { return std::strtoull(text_of(fmt::format("/proc/{}/statm", pid)).c_str(), nullptr, 10) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)); }

class Trial {
 public:
  Trial(const RealStart& start, const RealCase& what, Workspace workspace) : start_(start), what_(what), workspace_(std::move(workspace)), watch_(workspace_), clock_(workspace_.folder() + ".clock") {}

  Result<RealRun> run() {
    ROLLPROOF_ASSIGN(run_.begun, image_of(workspace_));
    if (is_between()) ROLLPROOF_TRY(damage_and_run());
    began_ms_ = wall_ms();
    if (!is_between()) ROLLPROOF_TRY(run_under_fault());
    ROLLPROOF_TRY(recover());
    return std::move(run_);
  }

 private:
  bool is_between() const { return what_.fault.kind == Kind::damage && what_.fault.number == 0; }

  // No point of the command is looked for: its journal may be what is not readable.
  Status damage_and_run() {
    ROLLPROOF_TRY(damage());
    ROLLPROOF_ASSIGN(run_.begun, image_of(workspace_));
    ROLLPROOF_ASSIGN(run_.command, process::run(workspace_.command(what_.stage.command), kLimitMs));
    run_.fired = true;
    run_.proof = "on the disk: " + damage_text_;
    return {};
  }

  Status run_under_fault() {
    ROLLPROOF_ASSIGN(const TracedEnd end, run_traced(command(), [&](const Call& call, int pid) { return may_go_on(call, pid); }, kLimitMs));
    ROLLPROOF_TRY(broken_);
    run_.killed = end.killed;
    run_.command = {end.exit_code, end.killed ? 0 : end.signal, end.timed_out, end.output, end.errors};
    if (what_.fault.kind == Kind::damage && end.killed) ROLLPROOF_TRY(damage());
    look_for_proof(end);
    return {};
  }

  Program command() const {
    Program program = workspace_.command(what_.stage.command);
    if (what_.fault.moves_clock()) {
      set_clock("+0");
      program.environment = {{"LD_PRELOAD", faketime_library()}, {"FAKETIME_TIMESTAMP_FILE", clock_}, {"FAKETIME_NO_CACHE", "1"}};
      // Somebody sets the wall clock; an hour that passes is seen by both.
      if (what_.fault.kind == Kind::clock) program.environment.emplace_back("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
    // Otherwise the allocator serves a command of this size from what it has already got.
    if (what_.fault.column() == fault::Kind::memory) program.environment = {{"GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=256:glibc.malloc.top_pad=0"}};
    if (what_.fault.kind == Kind::memory_limit) program.address_space_bytes = what_.fault.number << 10;
    return program;
  }

  bool may_go_on(const Call& call, int pid) {
    // libfaketime shares memory with the programs that a program starts; that is no change of ours.
    if (call.path.starts_with("/dev/shm/")) return true;
    auto site = watch_.place(call);
    if (!site) {
      broken_ = fail(std::move(site).error());
      return false;
    }
    last_step_ = site->step;
    if (acted_ && what_.fault.how == "SIGINT twice" && sent_ == 1) send(pid, SIGINT);
    const bool here = !acted_ && what_.fault.number != 0 && what_.fault.kind != Kind::memory_limit && site->step == what_.step && site->in_step == what_.fault.number;
    run_.any_change = run_.any_change || !acted_;
    if (!here) return true;
    acted_ = true;
    run_.step = site->step;
    return act(pid);
  }

  bool act(int pid) {
    switch (what_.fault.kind) {
      case Kind::kill:
      case Kind::damage: return false;
      case Kind::memory: {
        const rlimit space{address_space_of(pid), RLIM_INFINITY};
        limited_ = ::prlimit(pid, RLIMIT_AS, &space, nullptr) == 0;
        return true;
      }
      case Kind::stall: set_clock("+61m"); return true;
      case Kind::clock: set_clock(what_.fault.how == "forward" ? "+1d" : "-1d"); return true;
      case Kind::second: come_beside(pid); return broken_.has_value();
      case Kind::signal: send(pid, what_.fault.how == "SIGTERM" ? SIGTERM : SIGINT); return true;
      case Kind::memory_limit: break;
    }
    return true;
  }

  void send(int pid, int signal) {
    if (::kill(pid, signal) == 0) ++sent_;
  }

  // The first one is held. Its other threads stop at their next change; one that has just been let go has to be through with it.
  void come_beside(int pid) {
    for (int i = 0; i < kStillTries && !is_still(pid); ++i) ::usleep(1000);
    std::vector<std::string> words = {what_.fault.how};
    if (what_.fault.how == "migrate" || what_.fault.how == "rollback") words.emplace_back("--execute");
    const auto before = image_of(workspace_);
    auto finished = process::run(workspace_.command(words), kLimitMs);
    const auto after = image_of(workspace_);
    if (!before || !after || !finished) {
      broken_ = fail(!finished ? finished.error() : !before ? before.error() : after.error());
      return;
    }
    run_.beside_changed = !(*before == *after);
    named_ = (finished->output + finished->errors).find(fmt::format("pid {}", pid)) != std::string::npos;
    run_.beside = std::move(*finished);
  }

  Status damage() {
    ROLLPROOF_ASSIGN(const DoneDamage done, damage_class(workspace_, what_.fault.how));
    run_.damaged = done.path;
    damage_text_ = done.text;
    return {};
  }

  void set_clock(const char* offset) const { std::ofstream(clock_, std::ios::trunc) << offset << "\n"; }

  void look_for_proof(const TracedEnd& end) {
    const auto said = [&](bool fired, const std::string& proof) {
      run_.fired = fired;
      run_.proof = proof;
    };
    if (end.timed_out) said(false, "the command did not end");
    const std::string where = fmt::format("change {} of {}", what_.fault.number, what_.step);
    switch (what_.fault.kind) {
      case Kind::kill:
        said(end.killed && end.signal == SIGKILL, end.killed ? "ended by SIGKILL before " + where : "the command came to its end without " + where);
        break;
      case Kind::damage:
        said(end.killed, end.killed ? fmt::format("ended by SIGKILL before {}, and then on the disk: {}", where, damage_text_) : "the command came to its end without " + where);
        break;
      case Kind::memory:
      case Kind::memory_limit: prove_memory(end, where); break;
      case Kind::stall:
      case Kind::clock: prove_clock(where); break;
      case Kind::second:
        said(run_.beside && named_, run_.beside ? fmt::format("it ended with {} while the first was held before {}, and {} its pid", run_.beside->exit_code, where, named_ ? "named" : "did not name") : "the command came to its end without " + where);
        break;
      case Kind::signal: prove_signals(end, where); break;
    }
  }

  // The tracer hands every signal on, and so has seen it.
  void prove_signals(const TracedEnd& end, const std::string& where) {
    const auto seen = std::count(end.delivered.begin(), end.delivered.end(), what_.fault.how == "SIGTERM" ? SIGTERM : SIGINT);
    const bool twice = what_.fault.how == "SIGINT twice";
    run_.fired = seen == (twice ? 2 : 1) && (!twice || end.exit_code == 130);
    run_.proof = !acted_ ? "the command came to its end without " + where : fmt::format("{} reached the process {} from {} on", what_.fault.how.substr(0, what_.fault.how.find(' ')), seen == 1 ? "once" : fmt::format("{} times", seen), where);
  }

  void prove_memory(const TracedEnd& end, const std::string& where) {
    const bool said_so = end.errors.find("out of memory") != std::string::npos || end.errors.find("bad_alloc") != std::string::npos || end.errors.find("annot allocate memory") != std::string::npos ||
                         end.errors.find("memory_limit") != std::string::npos;
    const bool died = end.signal == SIGABRT || end.signal == SIGSEGV || end.signal == SIGBUS;
    run_.fired = (limited_ || what_.fault.kind == Kind::memory_limit) && (said_so || died);
    if (what_.fault.kind == Kind::memory_limit) run_.step = last_step_;
    const std::string from = what_.fault.kind == Kind::memory_limit ? fmt::format("with {} KiB, in {}", what_.fault.number, last_step_.empty() ? "its start" : last_step_) : "from " + where + " on";
    run_.proof = run_.fired ? fmt::format("an allocation failed {}: {}", from, died ? fmt::format("signal {}", end.signal) : "the command says so")
                            : acted_ || what_.fault.kind == Kind::memory_limit ? "no allocation failed " + from : "the command came to its end without " + where;
  }

  // The audit trail has the time of every event as the command saw it.
  void prove_clock(const std::string& where) {
    const std::string trail = text_of(workspace_.path(".rollproof/audit.jsonl"));
    const int64_t now = wall_ms();
    int64_t first = INT64_MAX, last = 0;
    const std::string name = "\"time_ms\":";
    for (size_t at = trail.find(name); at != std::string::npos; at = trail.find(name, at + 1)) {
      const int64_t seen = std::strtoll(trail.c_str() + at + name.size(), nullptr, 10);
      first = std::min(first, seen);
      last = std::max(last, seen);
    }
    const bool back = what_.fault.how == "back";
    const int64_t moved = back ? first - began_ms_ : last - now;
    const int64_t wanted = what_.fault.kind == Kind::stall ? kHourMs : back ? -23 * kHourMs : 23 * kHourMs;
    run_.fired = acted_ && (back ? moved <= wanted : moved >= wanted);
    run_.proof = acted_ ? fmt::format("the audit trail has a time that lies {} minutes from ours", moved / 60'000) : "the command came to its end without " + where;
  }

  Status recover() {
    ROLLPROOF_ASSIGN(run_.found, image_of(workspace_));
    Footprint before = footprint_of(workspace_.folder());
    for (Finished* finished : {&run_.recovery, &run_.second}) {
      ROLLPROOF_ASSIGN(*finished, process::run(workspace_.command({"recover"}), kLimitMs));
      Footprint after = footprint_of(workspace_.folder());
      (finished == &run_.recovery ? run_.recovery_changed : run_.second_changed) = !difference(before, after).empty();
      if (finished == &run_.recovery) {
        ROLLPROOF_ASSIGN(run_.after, image_of(workspace_));
      }
      before = std::move(after);
    }
    return {};
  }

  const RealStart& start_;
  const RealCase& what_;
  Workspace workspace_;
  StepWatch watch_;
  std::string clock_;
  RealRun run_;
  Status broken_;
  std::string last_step_, damage_text_;
  int64_t began_ms_ = 0;
  bool acted_ = false, limited_ = false, named_ = false;
  int sent_ = 0;
};

}  // namespace

std::string class_of_exit(int exit_code) {
  switch (static_cast<ExitCode>(exit_code)) {
    case ExitCode::done:
    case ExitCode::threshold_missed: return "done";
    case ExitCode::stopped:
    case ExitCode::interrupted:
    case ExitCode::terminated: return "stopped";
    case ExitCode::locked: return "locked";
    case ExitCode::bug: return "bug";
    default: return "refused";
  }
}

namespace {

std::string class_of(const Finished& finished) {
  if (finished.timed_out) return "hung";
  if (finished.exit_code == kNotLoaded) return "died";
  return finished.signal != 0 ? "died" : class_of_exit(finished.exit_code);
}

}  // namespace

std::string RealRun::outcome(const RealFault& fault) const {
  const std::string recovered = class_of(recovery);
  if (killed || fault.column() == fault::Kind::process_death) return recovered;
  return class_of(command) + ", then " + recovered;
}

std::string faketime_library() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return "";
#else
  const std::string path = ROLLPROOF_FAKETIME;
  std::error_code ignored;
  return !path.empty() && std::filesystem::exists(path, ignored) ? path : "";
#endif
}

bool memory_can_be_limited() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return true;
#endif
}

Result<RealRun> run_real(const RealStart& start, const RealCase& what, const std::string& folder) {
  if (what.fault.moves_clock() && faketime_library().empty()) return fail(Code::not_found, "libfaketime is not there, and a clock can not be moved without it", "", "Install libfaketime and configure again.");
  if (what.fault.column() == fault::Kind::memory && !memory_can_be_limited()) return fail(Code::refused, "a build with a sanitizer can not be run in a limited address space");
  ROLLPROOF_ASSIGN(Workspace workspace, start.workspace.copy_to(folder));
  return Trial(start, what, std::move(workspace)).run();
}

}  // namespace rollproof::process
