#include "harness/process/traced.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <set>
#include <thread>

namespace rollproof::process {
namespace {

enum class Names { descriptor, path, at_path };  // where a call says which file it means

struct Interesting {
  int number;
  const char* name;
  Names names;
};

constexpr std::array kInteresting = {
    Interesting{SYS_write, "write", Names::descriptor},         Interesting{SYS_pwrite64, "pwrite64", Names::descriptor},
    Interesting{SYS_writev, "writev", Names::descriptor},       Interesting{SYS_pwritev, "pwritev", Names::descriptor},
    Interesting{SYS_fsync, "fsync", Names::descriptor},         Interesting{SYS_fdatasync, "fdatasync", Names::descriptor},
    Interesting{SYS_ftruncate, "ftruncate", Names::descriptor}, Interesting{SYS_fallocate, "fallocate", Names::descriptor},
    Interesting{SYS_rename, "rename", Names::path},             Interesting{SYS_renameat, "renameat", Names::at_path},
    Interesting{SYS_renameat2, "renameat2", Names::at_path},    Interesting{SYS_unlink, "unlink", Names::path},
    Interesting{SYS_unlinkat, "unlinkat", Names::at_path},      Interesting{SYS_mkdir, "mkdir", Names::path},
    Interesting{SYS_mkdirat, "mkdirat", Names::at_path},        Interesting{SYS_rmdir, "rmdir", Names::path},
    Interesting{SYS_openat, "openat", Names::at_path},          Interesting{SYS_open, "open", Names::path},
};

constexpr sock_filter load(uint32_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset); }
constexpr uint32_t argument(int index) { return static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * static_cast<size_t>(index)); }

// Of opens only those that may create a file, of writes only those to files: descriptors 0 to 2 are the terminal's.
std::vector<sock_filter> filter() {
  std::vector<sock_filter> program;
  const auto trace_if = [&](int number, std::vector<sock_filter> condition) {
    program.push_back(load(offsetof(seccomp_data, nr)));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, static_cast<uint8_t>(condition.size() + 1)));
    program.insert(program.end(), condition.begin(), condition.end());
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  };
  for (const Interesting& call : kInteresting) {
    if (call.number == SYS_openat || call.number == SYS_open) {
      trace_if(call.number, {load(argument(call.number == SYS_openat ? 2 : 1)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT, 0, 1)});
    } else if (call.number == SYS_write || call.number == SYS_writev) {
      trace_if(call.number, {load(argument(0)), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 2, 0, 1)});
    } else {
      trace_if(call.number, {});
    }
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return program;
}

constexpr int kNotPermitted = 125;

[[noreturn]] void become_traced(const Program& program, std::vector<sock_filter>& instructions, int output, int errors) {
  ::setenv("LSAN_OPTIONS", "detect_leaks=0", 1);  // in a sanitizer's build: looking for leaks needs ptrace for itself
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == -1) ::_exit(kNotPermitted);
  ::raise(SIGSTOP);  // the tracer sets its options now: without them the filter's calls would fail
  const sock_fprog filters{static_cast<unsigned short>(instructions.size()), instructions.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filters) == -1) ::_exit(kNotPermitted);
  become(program, output, errors);
  ::_exit(126);
}

std::string text_at(int pid, uint64_t address) {
  std::string text(4096, '\0');
  // Up to the end of the page: what lies behind it may not be there.
  const size_t length = 4096 - address % 4096;
  iovec local{text.data(), length}, remote{reinterpret_cast<void*>(address), length};
  const ssize_t got = ::process_vm_readv(pid, &local, 1, &remote, 1, 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text.substr(0, text.find('\0'));
}

std::string descriptor_path(int pid, uint64_t descriptor) {
  char target[4096];
  const ssize_t length = ::readlink(fmt::format("/proc/{}/fd/{}", pid, static_cast<int>(descriptor)).c_str(), target, sizeof target);
  return length > 0 ? std::string(target, static_cast<size_t>(length)) : std::string();
}

Call look_at(int thread, uint64_t ordinal) {
  Call call{ordinal, "unknown", ""};
  __ptrace_syscall_info info{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0) return call;
  const auto found = std::find_if(kInteresting.begin(), kInteresting.end(),
                                  [&](const Interesting& item) { return static_cast<uint64_t>(item.number) == info.seccomp.nr; });
  if (found == kInteresting.end()) return call;
  call.name = found->name;
  call.path = found->names == Names::descriptor ? descriptor_path(thread, info.seccomp.args[0])
                                                : text_at(thread, info.seccomp.args[found->names == Names::path ? 0 : 1]);
  return call;
}

std::string contents_of(int descriptor) {
  std::string text(1 << 16, '\0');
  const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

tl::unexpected<Error> not_permitted(const char* what) {
  return fail(Code::no_permission, fmt::format("this environment does not permit {}: {}", what, std::strerror(errno)), "",
              "Run it where a process may trace its child (in a container: with the capability SYS_PTRACE).");
}

// Waits for stops and lets the process go on until it is gone.
class Tracer {
 public:
  Tracer(int pid, const std::function<bool(const Call&, int)>& before, TracedEnd& end) : pid_(pid), before_(before), end_(end) {}

  void follow() {
    ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr);
    for (;;) {
      int status = 0;
      const int thread = ::waitpid(-1, &status, __WALL);
      if (thread == -1 && errno == EINTR) continue;
      if (thread == -1) return;
      if (WIFSTOPPED(status)) {
        stopped(thread, status);
      } else if (thread == pid_) {
        if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
        return;
      }
    }
  }

 private:
  void stopped(int thread, int status) {
    const int event = status >> 16;
    int signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_SECCOMP) {
      if (!end_.killed && !before_(look_at(thread, ++end_.calls), pid_)) {
        end_.killed = true;
        ::kill(pid_, SIGKILL);
        return;
      }
      signal = 0;
    } else if (event != 0 || (signal == SIGSTOP && threads_.insert(thread).second && thread != pid_)) {
      signal = 0;  // our own events, and the stop that a new thread begins with
    } else if (signal != SIGSTOP) {
      end_.delivered.push_back(signal);
    }
    ::ptrace(PTRACE_CONT, thread, nullptr, signal);
  }

  int pid_;
  const std::function<bool(const Call&, int)>& before_;
  TracedEnd& end_;
  std::set<int> threads_;
};

struct Descriptor {
  int number;
  ~Descriptor() { ::close(number); }
};

// Kills a process that does not come to its end. The tracer itself only wakes up for stops, and a process that hangs makes none.
class Watchdog {
 public:
  Watchdog(int pid, int64_t limit_ms) : process_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
    if (process_ == -1) return;
    thread_ = std::thread([this, limit_ms] {
      pollfd wanted{process_, POLLIN, 0};
      if (::poll(&wanted, 1, static_cast<int>(limit_ms)) != 0) return;
      bitten_ = true;
      ::syscall(SYS_pidfd_send_signal, process_, SIGKILL, nullptr, 0);
    });
  }
  // REQUIRES: the process has ended.
  bool bitten() {
    if (thread_.joinable()) thread_.join();
    return bitten_;
  }
  ~Watchdog() {
    bitten();
    if (process_ != -1) ::close(process_);
  }

 private:
  int process_;
  std::atomic<bool> bitten_{false};
  std::thread thread_;
};

}  // namespace

Result<TracedEnd> run_traced(const Program& program, const std::function<bool(const Call&, int pid)>& before, int64_t limit_ms) {
  std::vector<sock_filter> instructions = filter();
  const Descriptor output{::memfd_create("output", MFD_CLOEXEC)}, errors{::memfd_create("errors", MFD_CLOEXEC)};
  const int pid = ::fork();
  if (pid == -1) return fail(Code::io, std::string("fork: ") + std::strerror(errno));
  if (pid == 0) become_traced(program, instructions, output.number, errors.number);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status)) return not_permitted("tracing");
  const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SETOPTIONS, pid, nullptr, options) == -1) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    return not_permitted("following calls and threads");
  }
  TracedEnd end;
  Watchdog watchdog(pid, limit_ms);
  Tracer(pid, before, end).follow();
  end.timed_out = watchdog.bitten();
  if (end.exit_code == kNotPermitted) return not_permitted("a seccomp filter");
  end.output = contents_of(output.number);
  end.errors = contents_of(errors.number);
  return end;
}

}  // namespace rollproof::process
