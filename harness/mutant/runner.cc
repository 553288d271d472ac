#include "harness/mutant/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "harness/process/program.h"
#include "lib/base/exit_code.h"
#include "lib/base/words.h"
#include "lib/os/paths.h"

namespace rollproof::mutant {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kAbout = ".mutant";
constexpr const char* kProgram = "mutant.";
constexpr const char* kRecord = "run.json";

// The "word: rest of the line" lines before the first file.
std::map<std::string, std::string, std::less<>> header_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> header;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = line.find(": ");
    if (line.starts_with("file:") || colon == std::string_view::npos) break;
    header.emplace(line.substr(0, colon), line.substr(line.find_first_not_of(' ', colon + 1)));
  }
  return header;
}

struct Violation {
  int promise = 0;
  std::string case_id;
  std::string what;
};

// A record that can not be read is an error: it must not look like a run in which nothing was violated.
Result<std::vector<Violation>> violations_in(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path));
  std::vector<Violation> found;
  try {
    const Json record = Json::parse(text);
    for (const Json& violation : record.at("violations")) {
      found.push_back({violation.at("promise").get<int>(), violation.at("case").get<std::string>(), violation.at("what").get<std::string>()});
    }
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::corruption, fmt::format("is no record of a drill: {}", error.what()), path);
  }
  return found;
}

const Violation* of_promise(const std::vector<Violation>& violations, int promise) {
  const auto found = std::find_if(violations.begin(), violations.end(), [&](const Violation& violation) { return violation.promise == promise; });
  return found == violations.end() ? nullptr : &*found;
}

std::string others(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += fmt::format("{}promise {} in {}: {}", text.empty() ? "" : "; ", violation.promise, violation.case_id, violation.what);
    if (text.size() > 500) break;
  }
  return text;
}

// One mutant from its control to its replay.
class Trial {
 public:
  Trial(os::FileSystem& files, const std::string& directory, const Options& options, Outcome& outcome)
      : files_(files),
        program_(os::join(directory, kProgram + outcome.mutant.name)),
        scratch_(os::join(options.scratch, outcome.mutant.name)),
        options_(options),
        outcome_(outcome) {}

  Status run() {
    ROLLPROOF_ASSIGN(const bool built, os::exists(files_, program_));
    if (!built) return verdict(Verdict::broken, "was not built; build the target `mutants`");
    const std::string& stories = outcome_.mutant.stories;
    ROLLPROOF_ASSIGN(const auto control, program(program_, "control", {"run", "--scenario", stories, "--control-only"}));
    if (!control.ok()) return verdict(Verdict::control_failed, control.to_string());
    const std::string promise = std::to_string(outcome_.mutant.promise);
    ROLLPROOF_ASSIGN(const auto drill, program(program_, "drill", {"run", "--scenario", stories, "--stop-at-promise", promise}));
    if (drill.timed_out) return verdict(Verdict::broken, drill.to_string());
    ROLLPROOF_ASSIGN(const auto violations, record("drill"));
    const Violation* caught = of_promise(violations, outcome_.mutant.promise);
    if (caught == nullptr) return nothing_caught(drill, violations);
    if (drill.exit_code != static_cast<int>(ExitCode::safety_violated)) {
      return verdict(Verdict::broken, fmt::format("a violation, and yet {}", drill.to_string()));
    }
    outcome_.case_id = caught->case_id;
    outcome_.replay = fmt::format("{} replay '{}'", program_, caught->case_id);
    return replay(*caught);
  }

 private:
  Result<process::Finished> program(const std::string& path, const char* folder, std::vector<std::string> arguments) {
    const std::string out = os::join(scratch_, folder);
    ROLLPROOF_TRY(os::make_directories(files_, out));
    arguments.insert(arguments.begin(), path);
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    arguments.insert(arguments.end(), {"--out", out});
    ROLLPROOF_ASSIGN(auto finished, process::run({.arguments = std::move(arguments)}, options_.limit_ms));
    outcome_.duration_ms += finished.duration_ms;
    return finished;
  }

  Result<std::vector<Violation>> record(const char* folder) { return violations_in(files_, os::join(os::join(scratch_, folder), kRecord)); }

  Status verdict(Verdict verdict, std::string detail) {
    outcome_.verdict = verdict;
    outcome_.detail = std::move(detail);
    return {};
  }

  Status nothing_caught(const process::Finished& drill, const std::vector<Violation>& violations) {
    if (!violations.empty()) return verdict(Verdict::wrong_promise, others(violations));
    if (drill.ok()) return verdict(Verdict::missed, "every case passed");
    return verdict(Verdict::broken, drill.to_string());
  }

  Status replay(const Violation& caught) {
    ROLLPROOF_ASSIGN(const auto again, program(program_, "replay", {"replay", caught.case_id}));
    ROLLPROOF_ASSIGN(const bool same, violates(again, "replay", caught.promise));
    if (!same) return verdict(Verdict::not_replayed, fmt::format("{}; replayed: {}", caught.what, again.to_string()));
    if (!options_.program.empty()) {
      // Where the edit moved the operations the same name is another case, or none; then it is no violation either.
      ROLLPROOF_ASSIGN(const auto real, program(options_.program, "real", {"replay", caught.case_id}));
      ROLLPROOF_ASSIGN(const bool too, violates(real, "real", caught.promise));
      if (too) return verdict(Verdict::not_its_own, caught.what);
    }
    return verdict(Verdict::caught, caught.what);
  }

  Result<bool> violates(const process::Finished& replayed, const char* folder, int promise) {
    if (replayed.exit_code != static_cast<int>(ExitCode::safety_violated)) return false;
    ROLLPROOF_ASSIGN(const auto violations, record(folder));
    return of_promise(violations, promise) != nullptr;
  }

  os::FileSystem& files_;
  const std::string program_;
  const std::string scratch_;
  const Options& options_;
  Outcome& outcome_;
};

}  // namespace

Result<Mutant> Mutant::parse(std::string name, std::string_view text) {
  const auto header = header_of(text);
  Mutant mutant{.name = std::move(name)};
  for (const auto& [key, into] : {std::pair{"mistake", &mutant.mistake}, std::pair{"stories", &mutant.stories}}) {
    const auto found = header.find(key);
    if (found == header.end() || found->second.empty()) return fail(Code::invalid, fmt::format("mutant {}: no line \"{}\"", mutant.name, key));
    *into = found->second;
  }
  const auto promise = header.find("promise");
  const std::string number = promise == header.end() ? "" : promise->second;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), mutant.promise);
  if (error != std::errc() || end != number.data() + number.size() || mutant.promise < 1 || mutant.promise > 10) {
    return fail(Code::invalid, fmt::format("mutant {}: promise '{}' is none of 1 to 10", mutant.name, number));
  }
  return mutant;
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::caught: return "caught";
    case Verdict::missed: return "missed";
    case Verdict::wrong_promise: return "wrong promise";
    case Verdict::control_failed: return "control failed";
    case Verdict::not_replayed: return "not replayed";
    case Verdict::not_its_own: return "not its own";
    case Verdict::broken: return "broken";
  }
  return "unknown";
}

Result<std::vector<Outcome>> run_mutants(os::FileSystem& files, const std::string& directory, const Options& options) {
  std::vector<Outcome> outcomes;
  const auto names = files.list(directory);
  if (!names && names.error().code != Code::not_found) return fail(names.error());
  if (!names) return fail(Code::not_found, "no mutants were built", directory, "Build the target `mutants`; a sanitized build has none.");
  for (const std::string& file : *names) {
    if (!file.ends_with(kAbout)) continue;
    std::string name = file.substr(0, file.size() - kAbout.size());
    if (!options.only.empty() && !matches(options.only, name)) continue;
    ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, os::join(directory, file), 1 << 20));
    Outcome outcome;
    ROLLPROOF_ASSIGN(outcome.mutant, Mutant::parse(std::move(name), text));
    // One that can not be run is planned and not caught; the others still show what they show.
    if (auto run = Trial(files, directory, options, outcome).run(); !run) outcome.detail = run.error().to_string();
    if (options.progress) options.progress(outcome);
    outcomes.push_back(std::move(outcome));
  }
  if (outcomes.empty()) return fail(Code::not_found, "no mutant to run", directory, "Build the target `mutants`.");
  return outcomes;
}

Json score_of(const std::vector<Outcome>& outcomes) {
  Json score{{"planned", outcomes.size()}, {"caught", 0}, {"missed", Json::array()}, {"caught_by", Json::array()}};
  uint64_t caught = 0;
  for (const Outcome& outcome : outcomes) {
    Json row{{"name", outcome.mutant.name}, {"promise", outcome.mutant.promise}, {"mistake", outcome.mutant.mistake}};
    if (outcome.verdict == Verdict::caught) {
      ++caught;
      row.update(Json{{"case", outcome.case_id}, {"replay", outcome.replay}, {"duration_ms", outcome.duration_ms}});
      score["caught_by"].push_back(std::move(row));
    } else {
      row.update(Json{{"verdict", name_of(outcome.verdict)}, {"detail", outcome.detail}});
      score["missed"].push_back(std::move(row));
    }
  }
  score["caught"] = caught;
  return score;
}

std::string table_of(const std::vector<Outcome>& outcomes) {
  std::string text;
  size_t caught = 0;
  for (const Outcome& outcome : outcomes) {
    const bool good = outcome.verdict == Verdict::caught;
    caught += good ? 1 : 0;
    text += fmt::format("{:14}  promise {:2}  {:6} ms  {}: {}\n", name_of(outcome.verdict), outcome.mutant.promise, outcome.duration_ms,
                        outcome.mutant.name, outcome.mutant.mistake);
    text += good ? fmt::format("{:16}{}\n", "", outcome.replay) : fmt::format("{:16}{}\n", "", outcome.detail);
  }
  return text + fmt::format("{} of {} mutants caught\n", caught, outcomes.size());
}

}  // namespace rollproof::mutant
