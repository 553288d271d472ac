#include "harness/drill/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/drill/workers.h"
#include "lib/base/words.h"

namespace rollproof::drill {
namespace {

constexpr std::string_view kControl = ":control";
constexpr uint64_t kAround = 8;  // operations shown before and behind the fault

Result<const Story*> story_named(const std::vector<Story>& stories, const std::string& name) {
  std::vector<std::string> names;
  for (const Story& story : stories) {
    if (story.name == name) return &story;
    names.push_back(story.name);
  }
  return fail(Code::invalid, fmt::format("there is no story \"{}\"", name), "", nearest_or_known(name, names));
}

std::string trace_around(const sim::Trace& trace, uint64_t at) {
  std::string text;
  const uint64_t first = at > kAround ? at - kAround : 0;
  for (uint64_t k = first; k < std::min<uint64_t>(trace.size(), at + kAround); ++k) {
    if (k == at) text += "  ---- the fault ----\n";
    text += "  " + trace.operations[k]->to_string() + "\n";
  }
  return at >= trace.size() ? text + "  ---- the fault ----\n" : text;
}

// Which call it is that fails without being a change, and so is in no trace.
std::string look_text(const Recording& recording, const fault::Fault& fault) {
  const auto* error = std::get_if<fault::IoError>(&fault.what);
  const Look* look = error == nullptr ? nullptr : recording.look_at(error->at, error->read);
  return look == nullptr ? "" : fmt::format("  the call that only looks: {} {}\n", sim::name_of(look->call), *look->path);
}

// Damage between two commands meets the second one.
std::string command_text(const Recording& recording, const fault::Fault& fault) {
  const auto next = recording.command_beginning_at(fault.at());
  const bool before = fault.kind() == fault::Kind::corruption && next;
  const size_t command = before ? *next : recording.moment_at(fault.at()).command;
  return fmt::format("{} \"{}\"", before ? "before" : "during", recording.log.commands[command].command.to_string());
}

std::string answer_text(const char* whose, const check::Answer& answer) {
  if (answer.ok) return fmt::format("{}: done\n", whose);
  if (answer.message.empty()) return "";
  return fmt::format("{}: {}, {}{}\n", whose, name_of(answer.code), answer.message, answer.path.empty() ? "" : " (" + answer.path + ")");
}

std::string told(const CaseResult& result) {
  std::string text = answer_text("the command", result.command) + answer_text("recovery", result.recovery) + answer_text("second recovery", result.second);
  text += fmt::format("{} ms of simulated time, {} disk contents checked, fault went off {} times\n", result.recovery_ms, result.images, result.fired);
  for (const auto& violation : result.violations) text += fmt::format("✗ promise {}: {}\n", violation.promise, violation.what);
  return text + fmt::format("{} ({})\n", name_of(result.verdict), result.category);
}

std::string commands_text(const Recording& recording) {
  std::string text;
  for (size_t i = 0; i < recording.log.commands.size(); ++i) {
    const auto& logged = recording.log.commands[i];
    text += fmt::format("  {} {:<34} operations {} to {}\n", i < recording.first_drilled_command ? "before " : "drilled", logged.command.to_string(), logged.begun_at, logged.ended_at);
  }
  return text;
}

}  // namespace

Result<Replay> replay_case(const std::vector<Story>& stories, const std::string& id, const DrillOptions& options) {
  Replay replay{.case_id = id};
  if (id.ends_with(kControl)) {
    ROLLPROOF_ASSIGN(const Story* story, story_named(stories, id.substr(0, id.size() - kControl.size())));
    ROLLPROOF_ASSIGN(const Recording recording, recording_of(*story, options));
    replay.result = CaseRunner(recording, options.judge).control();
    replay.text = commands_text(recording) + told(replay.result);
    return replay;
  }
  ROLLPROOF_ASSIGN(const CaseId wanted, CaseId::parse(id));
  ROLLPROOF_ASSIGN(const Story* story, story_named(stories, wanted.story));
  ROLLPROOF_ASSIGN(const Recording recording, recording_of(*story, options));
  // As in a run: a library that dies or hangs in the case is what the case says, and no end of this program.
  const auto results = run_cases(recording, {{0, wanted.fault}}, {.jobs = 1, .judge = options.judge});
  if (!results[0]) return fail(Code::internal, "the case gave no result", id);
  replay.result = *results[0];
  // An id of another build: the story has other operations since.
  const Cell now = recording.cell_at(wanted.fault.at(), wanted.cell.fault);
  const bool simple = wanted.cell.fault == fault::Kind::crash || wanted.cell.fault == fault::Kind::process_death || wanted.cell.fault == fault::Kind::io_error;
  replay.elsewhere = simple && now.to_string() != wanted.cell.to_string();
  if (replay.elsewhere) replay.text = fmt::format("note: this point of the story is one of {} now, so the id is of another build\n", now.to_string());
  replay.text += wanted.fault.in_words() + "\n" + look_text(recording, wanted.fault) + trace_around(recording.trace(), wanted.fault.at());
  CaseRunner runner(recording, options.judge);
  if (const auto* second = std::get_if<fault::SecondCrash>(&wanted.fault.what); second != nullptr && !replay.result.died()) {
    if (const sim::SimDisk* recovery = runner.recovery_from(second->first)) {
      replay.text += (second->after_death() ? "the recovery, counting on:\n" : "the recovery:\n") + trace_around(recovery->trace(), second->second.after);
    }
  }
  replay.text += told(replay.result);
  return replay;
}

Result<std::string> explain(const std::vector<Story>& stories, const std::string& id, const DrillOptions& options) {
  if (id.find('/') == std::string::npos) {
    ROLLPROOF_ASSIGN(const Cell cell, Cell::parse(id));
    const bool damaged = cell.fault == fault::Kind::corruption;
    std::string text = fmt::format("phase {}, {}, {} \"{}\"{}, from {}: fault \"{}\".\n", cell.phase, cell.direction, damaged ? "in files of the" : "while", cell.step,
                                   damaged ? "" : " is at work", cell.store, name_of(cell.fault));
    text += "After it the library recovers twice, and all ten promises are checked. Stories that drill it:\n";
    for (const Story& story : stories) {
      if (story.store() == cell.store && story.drills(cell.fault)) text += fmt::format("  {:<26} {}\n", story.name, story.about);
    }
    return text;
  }
  ROLLPROOF_ASSIGN(const CaseId wanted, CaseId::parse(id));
  ROLLPROOF_ASSIGN(const Story* story, story_named(stories, wanted.story));
  ROLLPROOF_ASSIGN(const Recording recording, recording_of(*story, options));
  return fmt::format("{}: {}\n{}{}, {}.\n{}", story->name, story->about, commands_text(recording), wanted.fault.in_words(),
                     command_text(recording, wanted.fault), look_text(recording, wanted.fault) + trace_around(recording.trace(), wanted.fault.at()));
}

}  // namespace rollproof::drill
