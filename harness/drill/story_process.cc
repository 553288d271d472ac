#include "harness/drill/story_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "harness/drill/pipes.h"

namespace rollproof::drill {
namespace {

using Json = OrderedJson;

void say(int fd, const Json& message) { write_all(fd, message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"); }

void wait_for_go(int fd) {
  char byte;
  for (;;) {
    const ssize_t got = ::read(fd, &byte, 1);
    if (got == 1) return;
    if (got < 0 && errno == EINTR) continue;
    ::_exit(3);
  }
}

[[noreturn]] void tell(Telling telling, int out, int in) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  telling.say = [out](const Json& event) { say(out, {{"said", event}}); };
  telling.ready = [out, in](const Covered& covered) {
    say(out, {{"ready", covered}});
    wait_for_go(in);
  };
  const auto end = tell_story(std::move(telling));
  if (end) {
    say(out, {{"end", {{"planned", end->planned}, {"stopped", end->stopped}, {"in_time", end->in_time}}}});
  } else {
    const Error& error = end.error();
    say(out, {{"error", {{"code", static_cast<int>(error.code)}, {"message", error.message}, {"path", error.path}, {"hint", error.hint}}}});
  }
  ::_exit(0);
}

StoryProcess::Message message_of(Json json) {
  StoryProcess::Message message;
  if (const auto said = json.find("said"); said != json.end()) message.event = std::move(*said);
  if (const auto ready = json.find("ready"); ready != json.end()) message.ready = ready->get<Covered>();
  if (const auto end = json.find("end"); end != json.end()) message.end = Telling::End{end->at("planned").get<bool>(), end->at("stopped").get<bool>(), end->at("in_time").get<bool>()};
  if (const auto error = json.find("error"); error != json.end()) {
    message.error = Error{static_cast<Code>(error->at("code").get<int>()), error->at("message").get<std::string>(), error->at("path").get<std::string>(), error->at("hint").get<std::string>()};
  }
  return message;
}

}  // namespace

Result<StoryProcess> StoryProcess::begin(Telling telling) {
  int out[2], in[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return fail(Code::io, fmt::format("there is no pipe for a story: {}", std::strerror(errno)));
  if (::pipe2(in, O_CLOEXEC) != 0) {
    const int why = errno;
    ::close(out[0]), ::close(out[1]);
    return fail(Code::io, fmt::format("there is no pipe for a story: {}", std::strerror(why)));
  }
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  const int why = errno;
  if (pid == 0) {
    ::close(out[0]), ::close(in[1]);
    tell(std::move(telling), out[1], in[0]);
  }
  ::close(out[1]), ::close(in[0]);
  StoryProcess begun(pid, out[0], in[1]);
  if (pid < 0) return fail(Code::io, fmt::format("there is no process for a story: {}", std::strerror(why)));
  return begun;
}

StoryProcess::StoryProcess(StoryProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)), out_(std::exchange(other.out_, -1)), in_(std::exchange(other.in_, -1)), text_(std::move(other.text_)), read_(other.read_) {}

StoryProcess::~StoryProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_ >= 0) ::close(out_);
  if (in_ >= 0) ::close(in_);
}

void StoryProcess::go() {
  if (in_ < 0) return;
  // A process that is gone is noticed where it is heard.
  [[maybe_unused]] const ssize_t written = ::write(in_, "g", 1);
  ::close(in_);
  in_ = -1;
}

bool StoryProcess::hear() {
  if (out_ < 0) return false;
  char buffer[65536];
  const ssize_t got = ::read(out_, buffer, sizeof buffer);
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) {
    ::close(out_);
    out_ = -1;
    return false;
  }
  text_.erase(0, read_);
  read_ = 0;
  text_.append(buffer, static_cast<size_t>(got));
  return true;
}

Result<std::optional<StoryProcess::Message>> StoryProcess::next() {
  const size_t end = text_.find('\n', read_);
  if (end == std::string::npos) return std::nullopt;
  const std::string_view line = std::string_view(text_).substr(read_, end - read_);
  read_ = end + 1;
  try {
    return message_of(Json::parse(line));
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::internal, fmt::format("a story's process said what nobody understands: {}", error.what()));
  }
}

Error StoryProcess::last_words() {
  int status = 0;
  if (pid_ > 0) {
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  if (WIFSIGNALED(status)) {
    ::signal(WTERMSIG(status), SIG_DFL);
    ::raise(WTERMSIG(status));
  }
  return {Code::internal, fmt::format("a story's process ended with {} and said nothing", WEXITSTATUS(status)), "", ""};
}

}  // namespace rollproof::drill
