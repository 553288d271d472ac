#include "harness/process/in_parallel.h"

#include <fmt/format.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

namespace rollproof::process {
namespace {

constexpr size_t kPiecesMax = 200;  // their numbers are single bytes, and fit into a pipe

struct Pipe {
  int read = -1, write = -1;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Code::io, std::string("pipe: ") + std::strerror(errno));
  return Pipe{ends[0], ends[1]};
}

// All of it, or the process gives up: a parent that is gone needs no results.
void write_all(int to, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(to, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(3);
    done += static_cast<size_t>(written);
  }
}

// A line is the piece's number, a letter for what it is (line, good end, error with its code), and the text.
std::string packed(size_t piece, char what, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return fmt::format("{} {}{}\n", piece, what, text);
}

[[noreturn]] void work_on(const std::vector<Piece>& pieces, int numbers, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (unsigned char number = 0; ::read(numbers, &number, 1) == 1;) {
    const Status ended = pieces[number]([&](const std::string& line) { write_all(out, packed(number, 'l', line)); });
    write_all(out, ended ? packed(number, 'd', "") : packed(number, 'e', fmt::format("{} {}", static_cast<int>(ended.error().code), ended.error().to_string())));
  }
  ::_exit(0);
}

void unpack(const std::string& line, std::vector<PieceDone>& done) {
  size_t piece = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), piece);
  const size_t at = static_cast<size_t>(end - line.data()) + 1;
  if (error != std::errc() || piece >= done.size() || at >= line.size()) return;
  const std::string text = line.substr(at + 1);
  if (line[at] == 'l') done[piece].lines.push_back(text);
  if (line[at] == 'd') done[piece].error.reset();
  if (line[at] != 'e') return;
  int code = 0;
  const auto [behind, ignored] = std::from_chars(text.data(), text.data() + text.size(), code);
  done[piece].error = Error{static_cast<Code>(code), std::string(behind + 1, text.data() + text.size()), "", ""};
}

void read_lines(const std::vector<int>& from, std::vector<PieceDone>& done) {
  std::vector<pollfd> waiting;
  std::vector<std::string> texts(from.size());
  for (const int descriptor : from) waiting.push_back({descriptor, POLLIN, 0});
  for (size_t open = from.size(); open > 0;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    for (size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t got = ::read(waiting[i].fd, buffer, sizeof buffer);
      if (got <= 0) {
        waiting[i].fd = -1;
        --open;
        continue;
      }
      texts[i].append(buffer, static_cast<size_t>(got));
      for (size_t end; (end = texts[i].find('\n')) != std::string::npos; texts[i].erase(0, end + 1)) unpack(texts[i].substr(0, end), done);
    }
  }
}

}  // namespace

Result<AtWork> AtWork::start(const std::vector<Piece>& pieces, uint32_t processes) {
  if (pieces.size() > kPiecesMax) return fail(Code::invalid, fmt::format("{} pieces of work, at most {}", pieces.size(), kPiecesMax));
  AtWork work;
  work.done_.assign(pieces.size(), PieceDone{{}, Error{Code::internal, "its process died", "", ""}});
  ROLLPROOF_ASSIGN(const Pipe numbers, make_pipe());
  std::string all;
  for (size_t i = 0; i < pieces.size(); ++i) all.push_back(static_cast<char>(i));
  write_all(numbers.write, all);
  ::close(numbers.write);
  std::fflush(nullptr);
  for (uint32_t i = 0; i < std::max(1u, processes); ++i) {
    ROLLPROOF_ASSIGN(const Pipe pipe, make_pipe());
    const pid_t pid = ::fork();
    if (pid == 0) work_on(pieces, numbers.read, pipe.write);
    ::close(pipe.write);
    work.outputs_.push_back(pipe.read);
    if (pid == -1) return fail(Code::io, std::string("fork: ") + std::strerror(errno));
    work.pids_.push_back(pid);
  }
  ::close(numbers.read);
  return work;
}

std::vector<PieceDone> AtWork::wait() {
  read_lines(outputs_, done_);
  for (const pid_t pid : std::exchange(pids_, {})) ::waitpid(pid, nullptr, 0);
  return std::move(done_);
}

AtWork::~AtWork() {
  for (const pid_t pid : pids_) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  for (const int output : outputs_) ::close(output);
}

Result<std::vector<PieceDone>> in_parallel(const std::vector<Piece>& pieces, uint32_t processes) {
  ROLLPROOF_ASSIGN(AtWork work, AtWork::start(pieces, processes));
  return work.wait();
}

}  // namespace rollproof::process
