#include "lib/cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>

#include "lib/cli/context.h"
#include "lib/cli/say.h"

namespace rollproof::cli {
namespace {

constexpr int64_t kTerminalEveryMs = 100;
constexpr int64_t kPlainEveryMs = 30'000;
std::atomic<bool> stop{false};

void on_signal(int number) {
  if (stop.exchange(true)) _exit(128 + number);
}

int terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return stop; }

ProgressBar::ProgressBar(os::Clock& clock) : clock_(clock), terminal_(isatty(STDERR_FILENO) == 1) {
  if (!terminal_) last_ms_ = clock_.monotonic_ms();  // a command that is done sooner says nothing
}

ProgressBar::~ProgressBar() {
  if (drawn_) say(stderr, "\r\x1b[K");
}

std::string ProgressBar::line(const migrate::Progress& progress) const {
  const int64_t elapsed_ms = std::max<int64_t>(1, clock_.monotonic_ms() - step_started_ms_);
  std::string text = fmt::format("{}/{}", progress.phase, progress.step);
  if (progress.records == 0) return text;
  const uint64_t rate = progress.records * 1000 / static_cast<uint64_t>(elapsed_ms);
  text += fmt::format("  {} records, {}/s", grouped(progress.records), grouped(rate));
  if (progress.records_total >= progress.records && rate > 0 && elapsed_ms > 1000) {
    text += fmt::format(", {} s left", (progress.records_total - progress.records) / rate);
  }
  return text;
}

void ProgressBar::show(const migrate::Progress& progress) {
  const int64_t now = clock_.monotonic_ms();
  const bool new_step = step_ != progress.phase + "/" + progress.step;
  if (new_step) {
    step_ = progress.phase + "/" + progress.step;
    step_started_ms_ = now;
  }
  const int64_t every = terminal_ ? kTerminalEveryMs : kPlainEveryMs;
  if (last_ms_ >= 0 && now - last_ms_ < every) return;
  last_ms_ = now;
  std::string text = line(progress);
  if (!terminal_) {
    say(stderr, "{}\n", text);
    return;
  }
  const int columns = terminal_columns();
  if (progress.records_total > 0 && columns > 60) {
    const int width = 20;
    const int full = static_cast<int>(std::min<uint64_t>(width, progress.records * width / progress.records_total));
    text = fmt::format("[{}{}] {}", std::string(full, '#'), std::string(width - full, '-'), text);
  }
  if (static_cast<int>(text.size()) >= columns) text.resize(columns - 1);
  say(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace rollproof::cli
