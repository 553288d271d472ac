#include "harness/drill/events.h"

#include <fmt/format.h>

#include "harness/drill/case_numbers.h"
#include "lib/os/paths.h"

namespace rollproof::drill {
namespace {

using Json = OrderedJson;

constexpr uint64_t kFileMax = 8ull << 30;

Json violations_json(const CaseResult& result) {
  Json list = Json::array();
  for (const auto& violation : result.violations) list.push_back(Json{{"promise", violation.promise}, {"what", violation.what}});
  return list;
}

CaseResult result_of(const Json& event) {
  CaseResult result;
  const std::string verdict = event.at("verdict").get<std::string>();
  result.verdict = verdict == name_of(Verdict::passed) ? Verdict::passed : verdict == name_of(Verdict::failed) ? Verdict::failed : Verdict::inconclusive;
  result.category = event.at("category").get<std::string>();
  result.images = event.at("images").get<uint64_t>();
  result.recovery_ms = event.value("recovery_ms", int64_t{0});
  if (event.contains("recovery_parts")) result.parts = parts_from(event.at("recovery_parts"));
  if (event.contains("integrity")) result.integrity = integrity_from(event.at("integrity"));
  result.fired = event.value("fired", uint64_t{0});
  result.recovery.message = event.value("message", "");
  for (const Json& violation : event.at("violations")) result.violations.push_back({violation.at("promise").get<int>(), violation.at("what").get<std::string>()});
  return result;
}

Result<std::vector<PlannedCell>> cells_of(const Json& event) {
  std::vector<PlannedCell> cells;
  for (const Json& json : event.at("cells")) {
    PlannedCell planned;
    ROLLPROOF_ASSIGN(planned.cell, Cell::parse(json.at("id").get<std::string>()));
    planned.counts.planned = json.at("planned").get<uint64_t>();
    planned.counts.run = json.at("run").get<uint64_t>();
    planned.counts.pruned = json.at("pruned").get<uint64_t>();
    for (const Json& reason : json.at("excluded")) planned.counts.excluded[reason.at("reason").get<std::string>()] = reason.at("count").get<uint64_t>();
    planned.target_ms = json.at("target_ms").get<int64_t>();
    cells.push_back(std::move(planned));
  }
  return cells;
}

Status take(const Json& event, Told& told) {
  const std::string kind = event.at("event").get<std::string>();
  if (kind == "story") {
    told.at_work = event.at("story").get<std::string>();
    told.with_faults = false;
  } else if (kind == "planned") {
    told.with_faults = true;
  } else if (kind == "done") {
    told.at_work.clear();
    ++told.stories_ended;
  } else if (kind == "died") {
    if (!told.at_work.empty()) ++told.stories_ended;
    told.at_work.clear();
  }
  return fold_event(event, told.fold);
}

}  // namespace

Status fold_event(const OrderedJson& event, OutcomeFold& fold) {
  const std::string& kind = event.at("event").get_ref<const std::string&>();
  if (kind == "told") {
    ControlOutcome control{.story = event.at("story").get<std::string>(), .about = event.at("about").get<std::string>(), .operations = event.at("operations").get<uint64_t>(), .result = result_of(event)};
    control.rollback_from = event.at("rollback_from").get<std::vector<std::string>>();
    control.migrates_again = event.at("migrates_again").get<bool>();
    fold.control(std::move(control));
  } else if (kind == "planned") {
    ROLLPROOF_ASSIGN(const auto cells, cells_of(event));
    fold.planned(cells);
  } else if (kind == "case") {
    const std::string& name = event.at("id").get_ref<const std::string&>();
    ROLLPROOF_ASSIGN(const CaseId id, CaseId::parse(name));
    fold.result(id.cell, name, result_of(event));
  } else if (kind == "real") {
    fold.real(real_result_of(event));
  } else if (kind == "done") {
    fold.story_ends(event.at("left_out_because").get<std::string>());
  } else if (kind == "died") {
    const std::string why = event.at("why").get<std::string>();
    if (event.at("blames_library").get<bool>()) {
      CaseResult result{.verdict = Verdict::failed, .category = event.at("execution") == "timed_out" ? "timeout" : "crash", .violations = {{5, why}}};
      fold.control({.story = event.at("story").get<std::string>(), .about = "", .result = std::move(result)});
    }
    fold.story_ends(why);
    fold.died(event.at("execution").get<std::string>(), why);
  } else if (kind != "story" && kind != "run" && kind != "ended") {
    return fail(Code::invalid, fmt::format("\"{}\" is no kind of event", kind));
  }
  return {};
}

OrderedJson story_event(const std::string& story) { return Json{{"event", "story"}, {"story", story}}; }

OrderedJson told_event(const ControlOutcome& control) {
  Json event{{"event", "told"}, {"story", control.story}, {"about", control.about}, {"operations", control.operations}, {"verdict", name_of(control.result.verdict)}, {"category", control.result.category}};
  event["images"] = control.result.images;
  event["violations"] = violations_json(control.result);
  event["rollback_from"] = control.rollback_from;
  event["migrates_again"] = control.migrates_again;
  return event;
}

OrderedJson planned_event(const std::string& story, const std::vector<PlannedCell>& cells) {
  Json list = Json::array();
  for (const PlannedCell& planned : cells) {
    Json excluded = Json::array();
    for (const auto& [reason, count] : planned.counts.excluded) excluded.push_back(Json{{"reason", reason}, {"count", count}});
    list.push_back(Json{{"id", planned.cell.to_string()}, {"planned", planned.counts.planned}, {"run", planned.counts.run}, {"pruned", planned.counts.pruned},
                        {"excluded", std::move(excluded)}, {"target_ms", planned.target_ms}});
  }
  return Json{{"event", "planned"}, {"story", story}, {"cells", std::move(list)}};
}

OrderedJson case_event(const std::string& case_id, const CaseResult& result) {
  Json event{{"event", "case"}, {"id", case_id}, {"verdict", name_of(result.verdict)}, {"category", result.category}, {"recovery_ms", result.recovery_ms}, {"recovery_parts", to_json(result.parts)}, {"fired", result.fired}, {"images", result.images}, {"integrity", to_json(result.integrity)}};
  event["violations"] = violations_json(result);
  if (result.verdict != Verdict::passed && result.violations.empty()) event["message"] = result.recovery.message;
  return event;
}

OrderedJson done_event(const std::string& story, const std::string& left_out_because) {
  return Json{{"event", "done"}, {"story", story}, {"left_out_because", left_out_because}};
}

OrderedJson died_event(const std::string& story, const std::string& execution, const std::string& why, bool blame_library) {
  return Json{{"event", "died"}, {"story", story}, {"execution", execution}, {"why", why}, {"blames_library", blame_library}};
}

Result<EventLog> EventLog::open(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
  if (!there) {
    ROLLPROOF_ASSIGN(auto file, files.create_new(path));
    return EventLog(std::move(file), 0);
  }
  ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path, kFileMax));
  const size_t last = text.rfind('\n');
  const uint64_t size = last == std::string::npos ? 0 : last + 1;
  ROLLPROOF_ASSIGN(auto file, files.open_write(path));
  ROLLPROOF_TRY(file->truncate(size));
  return EventLog(std::move(file), size);
}

Status EventLog::append(const OrderedJson& event) {
  const std::string line = event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  ROLLPROOF_TRY(file_->write_at(size_, line));
  size_ += line.size();
  return {};
}

Status EventLog::sync() { return file_->sync(); }

Result<std::vector<OrderedJson>> read_events(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path, kFileMax));
  std::vector<Json> events;
  size_t start = 0;
  for (size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    events.push_back(Json::parse(text.begin() + start, text.begin() + end, nullptr, false));
    if (!events.back().is_object() || !events.back().contains("event")) return fail(Code::invalid, fmt::format("line {} is no event", events.size()), path);
  }
  return events;
}

Result<Told> fold_events(const std::vector<OrderedJson>& events) {
  Told told;
  for (size_t i = 0; i < events.size(); ++i) {
    try {
      if (auto taken = take(events[i], told); !taken) {
        taken.error().message = fmt::format("event {}: {}", i + 1, taken.error().message);
        return fail(taken.error());
      }
    } catch (const nlohmann::json::exception& error) {
      return fail(Code::invalid, fmt::format("event {}: {}", i + 1, error.what()));
    }
  }
  return told;
}

}  // namespace rollproof::drill
