#include "harness/drill/supervisor.h"

#include <fmt/format.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace rollproof::drill {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;
volatile std::sig_atomic_t process_at_work = 0;

void pass_on(int signal) {
  asked_to_stop = signal;
  if (process_at_work > 0) ::kill(process_at_work, signal);
}

// While this is alive a signal that asks to stop ends the process at work, and not this one.
class Shield {
 public:
  Shield() {
    struct sigaction action {};
    action.sa_handler = pass_on;
    ::sigaction(SIGINT, &action, &before_[0]);
    ::sigaction(SIGTERM, &action, &before_[1]);
  }
  ~Shield() {
    ::sigaction(SIGINT, &before_[0], nullptr);
    ::sigaction(SIGTERM, &before_[1], nullptr);
  }

 private:
  struct sigaction before_[2];
};

// Until the process closes its end. False if it hangs.
bool listen(int in, int64_t limit_ms) {
  for (std::string text;;) {
    pollfd end{in, POLLIN, 0};
    const int ready = ::poll(&end, 1, static_cast<int>(std::min<int64_t>(limit_ms, 1 << 30)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return false;
    char buffer[4096];
    const ssize_t got = ::read(in, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    text.append(buffer, static_cast<size_t>(got));
    const size_t last = text.rfind('\n');
    if (last == std::string::npos) continue;
    const size_t before = last == 0 ? std::string::npos : text.rfind('\n', last - 1);
    limit_ms = std::strtoll(text.c_str() + (before == std::string::npos ? 0 : before + 1), nullptr, 10);
    text.erase(0, last + 1);
  }
}

}  // namespace

void Lifeline::expect_within(int64_t limit_ms) const {
  const std::string line = std::to_string(limit_ms) + "\n";
  // Nobody listens any more: then nobody waits either.
  [[maybe_unused]] const ssize_t written = ::write(out_, line.data(), line.size());
}

Ending run_supervised(const std::function<int(const Lifeline&)>& work, int64_t first_limit_ms) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {.execution = "crashed", .why = fmt::format("there is no pipe for the drill's process: {}", std::strerror(errno))};
  std::fflush(nullptr);
  asked_to_stop = 0;
  const Shield shield;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
    ::signal(SIGPIPE, SIG_IGN);
    ::close(ends[0]);
    const int code = work(Lifeline(ends[1]));
    std::fflush(nullptr);
    ::_exit(code);
  }
  ::close(ends[1]);
  Ending ending;
  if (pid < 0) {
    ending = {.execution = "crashed", .why = fmt::format("there is no process for the drill: {}", std::strerror(errno))};
  } else {
    process_at_work = pid;
    if (asked_to_stop != 0) ::kill(pid, asked_to_stop);  // it came before there was a process to send it to
    const bool hung = !listen(ends[0], first_limit_ms);
    if (hung) ::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    process_at_work = 0;
    ending.exited = WIFEXITED(status);
    ending.code = ending.exited ? WEXITSTATUS(status) : 0;
    ending.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (hung) {
      ending = {.execution = "timed_out", .why = "the drill's process hung and was killed", .signal = SIGKILL};
    } else if (!ending.exited && asked_to_stop != 0 && ending.signal == asked_to_stop) {
      ending.execution = "interrupted";
      ending.why = fmt::format("the drill was stopped by {}", ending.signal == SIGINT ? "Ctrl-C" : "SIGTERM");
    } else if (!ending.exited) {
      ending.execution = "crashed";
      ending.why = fmt::format("the drill's process died of signal {} ({})", ending.signal, ::strsignal(ending.signal));
    }
  }
  ::close(ends[0]);
  return ending;
}

}  // namespace rollproof::drill
