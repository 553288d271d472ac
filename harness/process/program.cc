#include "harness/process/program.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>

namespace rollproof::process {
namespace {

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string contents_of(int descriptor) {
  std::string text;
  char buffer[4096];
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(descriptor, buffer, sizeof buffer, at);
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
    at += got;
  }
}

}  // namespace

std::string Finished::to_string() const {
  const std::string how = timed_out ? "did not end" : signal != 0 ? fmt::format("ended by signal {}", signal) : fmt::format("exit {}", exit_code);
  return fmt::format("{}: {}{}", how, output.substr(0, 2000), errors.substr(0, 4000));
}

void become(const Program& program, int output, int errors) {
  std::vector<char*> arguments;
  for (const std::string& argument : program.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  for (const auto& [name, value] : program.environment) ::setenv(name.c_str(), value.c_str(), 1);
  const rlimit space{program.address_space_bytes, program.address_space_bytes};
  if (program.address_space_bytes != 0 && ::setrlimit(RLIMIT_AS, &space) != 0) return;
  if (!program.folder.empty() && ::chdir(program.folder.c_str()) != 0) return;
  if (::dup2(output, 1) == -1 || ::dup2(errors, 2) == -1) return;
  ::execv(arguments[0], arguments.data());
}

Result<Running> Running::start(const Program& program) {
  Running running;
  running.output_ = ::memfd_create("output", MFD_CLOEXEC);
  running.errors_ = ::memfd_create("errors", MFD_CLOEXEC);
  if (running.output_ == -1 || running.errors_ == -1) return fail(Code::io, std::string("memfd_create: ") + std::strerror(errno));
  running.started_ms_ = now_ms();
  running.pid_ = ::fork();
  if (running.pid_ == -1) return fail(Code::io, std::string("fork: ") + std::strerror(errno));
  if (running.pid_ == 0) {
    become(program, running.output_, running.errors_);
    ::_exit(126);
  }
  return running;
}

Running::Running(Running&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      started_ms_(other.started_ms_),
      reaped_(other.reaped_),
      status_(other.status_) {}

Running::~Running() {
  if (pid_ > 0 && !reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_ != -1) ::close(output_);
  if (errors_ != -1) ::close(errors_);
}

Status Running::send(int signal) const {
  if (::kill(pid_, signal) == 0) return {};
  return fail(Code::io, fmt::format("signal {} to {}: {}", signal, pid_, std::strerror(errno)));
}

bool Running::hold() const {
  if (!send(SIGSTOP)) return false;
  for (int i = 0; i < 10'000; ++i) {
    std::ifstream in(fmt::format("/proc/{}/stat", pid_));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.find(") T ") != std::string::npos) return true;
    if (text.empty() || text.find(") Z ") != std::string::npos) return false;
    ::usleep(300);
  }
  return false;
}

bool Running::ended() {
  if (!reaped_) reaped_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return reaped_;
}

Result<Finished> Running::wait(int64_t limit_ms) {
  Finished finished;
  if (!ended()) {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (handle == -1) return fail(Code::io, std::string("pidfd_open: ") + std::strerror(errno));
    pollfd wanted{handle, POLLIN, 0};
    finished.timed_out = ::poll(&wanted, 1, static_cast<int>(limit_ms)) == 0;
    ::close(handle);
    if (finished.timed_out) ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    reaped_ = true;
  }
  finished.duration_ms = now_ms() - started_ms_;
  if (WIFEXITED(status_)) finished.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) finished.signal = WTERMSIG(status_);
  finished.output = contents_of(output_);
  finished.errors = contents_of(errors_);
  return finished;
}

Result<Finished> run(const Program& program, int64_t limit_ms) {
  ROLLPROOF_ASSIGN(Running running, Running::start(program));
  return running.wait(limit_ms);
}

}  // namespace rollproof::process
