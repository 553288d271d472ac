#include "lib/os/posix_commands.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "lib/os/posix.h"

extern char** environ;

namespace rollproof::os {
namespace {

constexpr int kLookEvery_ms = 100;
constexpr int kGrace_ms = 2000;  // between asking a command to end and ending it

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Pipe {
 public:
  Pipe() { good_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool good() const { return good_; }
  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }
  void close_writing() { close_end(1); }

 private:
  void close_end(int which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }
  std::array<int, 2> ends_ = {-1, -1};
  bool good_ = false;
};

// Ours with the request's on top; the strings live in `texts`.
std::vector<char*> environment_of(const CommandRequest& request, std::vector<std::string>& texts) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const bool replaced = std::any_of(request.environment.begin(), request.environment.end(),
                                      [&](const auto& variable) { return text.starts_with(variable.first + "="); });
    if (!replaced) texts.push_back(text);
  }
  for (const auto& [name, value] : request.environment) texts.push_back(name + "=" + value);
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In a process group of its own, so that it can be ended with all that it started, and our Ctrl-C is not its.
Result<pid_t> start(const CommandRequest& request, const Pipe& output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.writing(), 1);
  posix_spawn_file_actions_adddup2(&actions, output.writing(), 2);
  if (!request.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, request.directory.c_str());
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> texts;
  const std::vector<char*> environment = environment_of(request, texts);
  std::string shell = "/bin/sh", flag = "-c", command = request.command;
  char* arguments[] = {shell.data(), flag.data(), command.data(), nullptr};
  pid_t child = -1;
  const int error = ::posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(error_of_errno(error, "start command", request.command));
  return child;
}

class Running {
 public:
  Running(pid_t child, int output, const CommandRequest& request) : child_(child), output_(output), request_(request) {}

  CommandOutcome wait() {
    const int64_t started = now_ms();
    int64_t deadline = started + request_.timeout_ms;
    while (!ended_) {
      read_what_is_there();
      look();
      if (ended_) break;
      const int64_t now = now_ms();
      if (!asked_ && request_.cancelled && request_.cancelled()) {
        outcome_.cancelled = true;
        ask_to_end(now, deadline);
      } else if (now >= deadline) {
        if (asked_) {
          ::kill(-child_, SIGKILL);
        } else {
          outcome_.timed_out = true;
          ask_to_end(now, deadline);
        }
      }
    }
    read_what_is_there(0);
    // Nothing that it left in its group may go on over stores that we are about to open.
    ::kill(-child_, SIGKILL);
    outcome_.duration_ms = now_ms() - started;
    return std::move(outcome_);
  }

 private:
  void ask_to_end(int64_t now, int64_t& deadline) {
    ::kill(-child_, SIGTERM);
    asked_ = true;
    deadline = now + kGrace_ms;
  }

  void look() {
    int status = 0;
    const pid_t found = ::waitpid(child_, &status, WNOHANG);
    if (found == 0 || (found < 0 && errno == EINTR)) return;
    ended_ = true;
    outcome_.exit_code = found < 0 ? 127 : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  // Until nothing is there at the moment; the pipe may stay open behind the command, if something else holds it.
  void read_what_is_there(int wait_ms = kLookEvery_ms) {
    std::array<char, 1 << 16> piece;
    for (;;) {
      pollfd look{output_, POLLIN, 0};
      if (closed_) {
        ::poll(nullptr, 0, std::min(wait_ms, 5));
        return;
      }
      if (::poll(&look, 1, wait_ms) <= 0) return;
      const ssize_t got = ::read(output_, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        closed_ = true;
        return;
      }
      keep({piece.data(), static_cast<size_t>(got)});
      wait_ms = 0;
      if (outcome_.output_bytes > next_look_) {  // a command that never stops writing must not keep us from the clock
        next_look_ = outcome_.output_bytes + (1 << 20);
        return;
      }
    }
  }

  void keep(std::string_view piece) {
    outcome_.output_bytes += piece.size();
    outcome_.output += piece;
    if (outcome_.output.size() > request_.output_bytes_max) outcome_.output.erase(0, outcome_.output.size() - request_.output_bytes_max);
  }

  const pid_t child_;
  const int output_;
  const CommandRequest& request_;
  CommandOutcome outcome_;
  uint64_t next_look_ = 1 << 20;
  bool ended_ = false;
  bool asked_ = false;
  bool closed_ = false;
};

}  // namespace

Result<CommandOutcome> PosixCommands::run(const CommandRequest& request) {
  Pipe output;
  if (!output.good()) return fail(error_of_errno(errno, "pipe", request.command));
  ROLLPROOF_ASSIGN(const pid_t child, start(request, output));
  output.close_writing();
  return Running(child, output.reading(), request).wait();
}

}  // namespace rollproof::os
