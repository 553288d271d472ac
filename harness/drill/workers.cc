#include "harness/drill/workers.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <deque>
#include <nlohmann/json.hpp>

#include "harness/drill/pipes.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr size_t kChunkMax = 64;  // neighbours share images; so many go to one worker before the next one's turn

Json json_of(const check::Answer& answer) { return {answer.ok, static_cast<int>(answer.code), answer.message, answer.path}; }

check::Answer answer_of(const Json& json) {
  return {json.at(0).get<bool>(), static_cast<Code>(json.at(1).get<int>()), json.at(2).get<std::string>(), json.at(3).get<std::string>()};
}

[[noreturn]] void work(const Recording& recording, const std::vector<Planned>& cases, const std::deque<size_t>& share, const Judge& judge, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  CaseRunner runner(recording, judge);
  for (const size_t index : share) write_all(out, print_result(index, runner.run(cases[index].fault)));
  _exit(0);
}

struct Worker {
  pid_t pid = -1;
  int in = -1;
  std::string text;             // an unfinished line
  std::deque<size_t> waiting;   // what it has not answered, in order
  Clock::time_point heard;
};

class Crew {
 public:
  Crew(const Recording& recording, const std::vector<Planned>& cases, const WorkOptions& options)
      : recording_(recording), cases_(cases), options_(options), results_(cases.size()), workers_(std::max(1u, options.jobs)) {}

  std::vector<std::optional<CaseResult>> run() {
    // Of few cases each worker has its share as well.
    const size_t chunk = std::clamp<size_t>(cases_.size() / (4 * workers_.size()), 1, kChunkMax);
    for (size_t i = 0; i < cases_.size(); ++i) workers_[i / chunk % workers_.size()].waiting.push_back(i);
    for (Worker& worker : workers_) start(worker);
    while (!stopped_ && std::any_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.in >= 0; })) turn();
    for (Worker& worker : workers_) end(worker, true);
    return std::move(results_);
  }

 private:
  void start(Worker& worker) {
    if (worker.waiting.empty()) return;
    int ends[2];
    if (::pipe(ends) != 0) return fail_all(worker, "no pipe for a worker");
    std::fflush(nullptr);
    worker.pid = ::fork();
    if (worker.pid == 0) {
      ::close(ends[0]);
      work(recording_, cases_, worker.waiting, options_.judge, ends[1]);
    }
    ::close(ends[1]);
    if (worker.pid < 0) {
      ::close(ends[0]);
      return fail_all(worker, "no process for a worker");
    }
    worker.in = ends[0];
    worker.heard = Clock::now();
  }

  void fail_all(Worker& worker, const char* why) {
    CaseResult result;
    result.verdict = Verdict::inconclusive;
    result.category = "harness_error";
    result.recovery.message = why;
    for (const size_t index : worker.waiting) results_[index] = result;
    worker.waiting.clear();
  }

  void turn() {
    std::vector<pollfd> ends;
    std::vector<Worker*> who;
    for (Worker& worker : workers_) {
      if (worker.in < 0) continue;
      ends.push_back({worker.in, POLLIN, 0});
      who.push_back(&worker);
    }
    if (::poll(ends.data(), ends.size(), 200) < 0 && errno != EINTR) stopped_ = true;
    if (options_.keep_going && !options_.keep_going()) stopped_ = true;
    for (size_t i = 0; i < ends.size() && !stopped_; ++i) {
      if (ends[i].revents != 0) {
        read(*who[i]);
      } else if (Clock::now() - who[i]->heard > std::chrono::milliseconds(options_.case_limit_ms)) {
        blame(*who[i], "timeout", "the library hung: no answer for " + std::to_string(options_.case_limit_ms / 1000) + " s");
      }
    }
  }

  void read(Worker& worker) {
    char buffer[65536];
    const ssize_t got = ::read(worker.in, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) {
      if (worker.waiting.empty()) return end(worker, false);
      int status = 0;
      ::waitpid(worker.pid, &status, 0);
      worker.pid = -1;
      return blame(worker, "crash", WIFSIGNALED(status) ? fmt::format("the process died of signal {}", WTERMSIG(status)) : fmt::format("the process ended with {}", WEXITSTATUS(status)));
    }
    worker.heard = Clock::now();
    worker.text.append(buffer, static_cast<size_t>(got));
    size_t start = 0;
    for (size_t end; !stopped_ && (end = worker.text.find('\n', start)) != std::string::npos; start = end + 1) {
      if (auto result = parse_result(worker.text.substr(start, end - start))) take(worker, result->first, std::move(result->second));
    }
    worker.text.erase(0, start);
  }

  void take(Worker& worker, size_t index, CaseResult result) {
    // A worker answers in the order of its share.
    if (worker.waiting.empty() || worker.waiting.front() != index) return;
    worker.waiting.pop_front();
    results_[index] = std::move(result);
    if (options_.arrived && !options_.arrived(index, *results_[index])) stopped_ = true;
  }

  // The case that the worker was at is what killed it.
  void blame(Worker& worker, const char* category, const std::string& what) {
    end(worker, true);
    CaseResult result;
    result.verdict = Verdict::failed;
    result.category = category;
    result.fired = 1;
    result.violations.push_back({5, what});
    result.recovery = {false, Code::internal, what, ""};
    take(worker, worker.waiting.front(), std::move(result));
    if (!stopped_) start(worker);
  }

  void end(Worker& worker, bool kill) {
    if (worker.pid > 0) {
      if (kill) ::kill(worker.pid, SIGKILL);
      ::waitpid(worker.pid, nullptr, 0);
    }
    if (worker.in >= 0) ::close(worker.in);
    worker.pid = worker.in = -1;
    worker.text.clear();
  }

  const Recording& recording_;
  const std::vector<Planned>& cases_;
  const WorkOptions& options_;
  std::vector<std::optional<CaseResult>> results_;
  std::vector<Worker> workers_;
  bool stopped_ = false;
};

}  // namespace

std::string print_result(size_t index, const CaseResult& result) {
  Json json = {index, static_cast<int>(result.verdict), result.category, result.recovery_ms, result.fired, result.images};
  json.push_back({result.parts.detect, result.parts.decide, result.parts.undo, result.parts.verify});
  json.push_back({result.integrity.checked, result.integrity.missing, result.integrity.extra, result.integrity.changed, result.integrity.duplicated});
  Json violations = Json::array();
  for (const auto& violation : result.violations) violations.push_back({violation.promise, violation.what});
  json.push_back(std::move(violations));
  for (const auto* answer : {&result.command, &result.recovery, &result.second}) json.push_back(json_of(*answer));
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::optional<std::pair<size_t, CaseResult>> parse_result(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_array() || json.size() != 12) return std::nullopt;
  CaseResult result;
  result.verdict = static_cast<Verdict>(json[1].get<int>());
  result.category = json[2].get<std::string>();
  result.recovery_ms = json[3].get<int64_t>();
  result.fired = json[4].get<uint64_t>();
  result.images = json[5].get<uint64_t>();
  result.parts = {json[6].at(0).get<int64_t>(), json[6].at(1).get<int64_t>(), json[6].at(2).get<int64_t>(), json[6].at(3).get<int64_t>()};
  result.integrity = {json[7].at(0).get<uint64_t>(), json[7].at(1).get<uint64_t>(), json[7].at(2).get<uint64_t>(), json[7].at(3).get<uint64_t>(), json[7].at(4).get<uint64_t>()};
  for (const Json& violation : json[8]) result.violations.push_back({violation.at(0).get<int>(), violation.at(1).get<std::string>()});
  result.command = answer_of(json[9]);
  result.recovery = answer_of(json[10]);
  result.second = answer_of(json[11]);
  return std::pair{json[0].get<size_t>(), std::move(result)};
}

std::vector<std::optional<CaseResult>> run_cases(const Recording& recording, const std::vector<Planned>& cases, const WorkOptions& options) {
  return Crew(recording, cases, options).run();
}

}  // namespace rollproof::drill
