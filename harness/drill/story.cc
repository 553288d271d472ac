#include "harness/drill/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/base64.h"
#include "lib/base/words.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/record/utf8.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr uint64_t kFileMax = 64 << 20;

const std::vector<std::string> kKeys = {"name", "about", "fixture", "source", "target", "source_mounted", "target_folder", "before", "drilled", "records", "faults", "cases", "exhaustive", "goes_on", "limit_minutes"};

Result<std::vector<subject::Command>> commands_of(const Json& list) {
  std::vector<subject::Command> commands;
  for (const Json& text : list) {
    ROLLPROOF_ASSIGN(auto command, subject::Command::parse(text.get<std::string>()));
    commands.push_back(std::move(command));
  }
  return commands;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// {"key": "text"}, or {"key_base64": "…"}.
Result<std::string> bytes_of(const Json& record, const std::string& name) {
  const bool plain = record.contains(name), coded = record.contains(name + "_base64");
  if (plain == coded) return fail(Code::invalid, fmt::format("a record has one of \"{0}\" and \"{0}_base64\"", name));
  if (plain) return record.at(name).get<std::string>();
  auto bytes = from_base64(record.at(name + "_base64").get<std::string>());
  if (!bytes) return fail(Code::invalid, fmt::format("{}_base64 is no base64", name));
  return *std::move(bytes);
}

Result<std::vector<StoryRecord>> records_of(const Json& list) {
  std::vector<StoryRecord> records;
  std::set<std::string> keys;
  for (const Json& json : list) {
    for (const auto& [key, value] : json.items()) {
      if (key != "key" && key != "value" && key != "key_base64" && key != "value_base64") return fail(Code::invalid, fmt::format("\"{}\" is nothing that a record has", key));
    }
    StoryRecord record;
    ROLLPROOF_ASSIGN(record.key, bytes_of(json, "key"));
    ROLLPROOF_ASSIGN(record.value, bytes_of(json, "value"));
    if (!keys.insert(record.key).second) return fail(Code::invalid, fmt::format("two records have the key \"{}\"", record.key));
    records.push_back(std::move(record));
  }
  return records;
}

Status read_exhaustive(const Json& json, Story& story) {
  const std::string text = json.is_string() ? json.get<std::string>() : "";
  if (!json.is_boolean() && text != "looks" && text != "allocations" && text != "allocations of writes") {
    return fail(Code::invalid, fmt::format("{} is no \"exhaustive\"", json.dump(-1, ' ', false, Json::error_handler_t::replace)), "", "Known: true, false, \"looks\", \"allocations\", \"allocations of writes\".");
  }
  story.exhaustive = json == true;
  story.exhaustive_looks = text == "looks";
  story.exhaustive_allocations = text == "allocations";
  story.exhaustive_write_allocations = text == "allocations of writes";
  return {};
}

Status read_faults(const Json& list, Story& story) {
  story.faults.clear();
  story.names_faults = true;
  for (const Json& name : list) {
    ROLLPROOF_ASSIGN(const auto kind, fault::kind_named(name.get<std::string>()));
    if (kind == fault::Kind::connection) return fail(Code::invalid, std::string(kNoDatabase), "", "Leave \"connection\" out; it stands in the record as not applicable.");
    story.faults.insert(kind);
  }
  if (story.faults.empty()) return fail(Code::invalid, "\"faults\" is empty: nothing could fire", "", "Leave it out for all of them.");
  return {};
}

Status read_cases(const Json& list, Story& story) {
  for (const Json& text : list) {
    ROLLPROOF_ASSIGN(auto fault, fault::Fault::parse(text.get<std::string>()));
    if (fault.kind() == fault::Kind::connection) return fail(Code::invalid, std::string(kNoDatabase));
    story.cases.push_back(std::move(fault));
  }
  if (story.cases.empty()) return fail(Code::invalid, "\"cases\" is empty: nothing could fire", "", "Leave it out for those of the profile.");
  return {};
}

void put_bytes(OrderedJson& json, const std::string& name, const std::string& bytes) {
  if (record::is_utf8(bytes)) {
    json[name] = bytes;
    return;
  }
  std::string coded;
  append_base64(coded, bytes);
  json[name + "_base64"] = coded;
}

Result<Story> story_of(const Json& json) {
  Story story;
  if (!json.is_object()) return fail(Code::invalid, "a story is a JSON object");
  for (const auto& [key, value] : json.items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
    return fail(Code::invalid, fmt::format("unknown key \"{}\"", key), "", nearest_or_known(key, kKeys));
  }
  story.name = json.at("name").get<std::string>();
  if (!is_name(story.name)) return fail(Code::invalid, fmt::format("\"{}\": a name is made of lower-case letters, digits and hyphens", story.name));
  story.about = json.value("about", "");
  story.fixture = json.value("fixture", story.fixture);
  if (!is_name(story.fixture)) return fail(Code::invalid, fmt::format("\"{}\" is no name of a fixture", story.fixture));
  story.source_kind = json.value("source", story.source_kind);
  story.target_kind = json.value("target", story.target_kind);
  for (const std::string& kind : {story.source_kind, story.target_kind}) {
    if (kind == "unified-json" || kind == "network-json" || kind == "leveldb") continue;
    return fail(Code::invalid, fmt::format("\"{}\" is no kind of store", kind), "", "Known: unified-json, network-json, leveldb.");
  }
  if (json.contains("before")) {
    ROLLPROOF_ASSIGN(story.before, commands_of(json.at("before")));
  }
  ROLLPROOF_ASSIGN(story.drilled, commands_of(json.at("drilled")));
  if (story.drilled.empty()) return fail(Code::invalid, "nothing is drilled");
  for (const subject::Command& command : story.drilled) {
    if (!command.dies_in.empty()) return fail(Code::invalid, fmt::format("\"{}\" is drilled, and dies by itself", command.to_string()), "", "Tell it in \"before\", and drill what follows, \"recover\" first.");
  }
  if (json.contains("records")) {
    ROLLPROOF_ASSIGN(story.records, records_of(json.at("records")));
    if (json.contains("fixture")) return fail(Code::invalid, "\"records\" and \"fixture\" are both there", "", "Leave one of them out.");
  }
  if (json.contains("exhaustive")) ROLLPROOF_TRY(read_exhaustive(json.at("exhaustive"), story));
  story.goes_on = json.value("goes_on", false);
  story.source_mounted = json.value("source_mounted", false);
  story.target_folder = json.value("target_folder", false);
  if (json.contains("faults")) ROLLPROOF_TRY(read_faults(json.at("faults"), story));
  if (json.contains("cases")) ROLLPROOF_TRY(read_cases(json.at("cases"), story));
  if (json.contains("limit_minutes")) {
    for (const auto& [phase, minutes] : json.at("limit_minutes").items()) {
      if (!story.limit_minutes.contains(phase)) return fail(Code::invalid, fmt::format("\"{}\" is no phase", phase));
      story.limit_minutes[phase] = minutes.get<int>();
    }
  }
  return story;
}

}  // namespace

Result<Story> Story::parse(const std::string& text, const std::string& path) {
  try {
    auto story = story_of(Json::parse(text, nullptr, true, true));
    if (!story) {
      story.error().path = path;
      story.error().code = Code::invalid;
    }
    return story;
  } catch (const nlohmann::json::exception& error) {
    // Without the library's own name for it.
    const std::string_view what = error.what();
    return fail(Code::invalid, fmt::format("is no story: {}", what.substr(what.find("] ") == std::string_view::npos ? 0 : what.find("] ") + 2)), path);
  }
}

Story Story::without_deaths() const {
  Story story = *this;
  for (subject::Command& command : story.before) command.dies_in.clear();
  return story;
}

bool Story::tells_of_others() const {
  const auto foreign = [](const subject::Command& command) { return command.kind == subject::Command::Kind::foreign; };
  return std::any_of(before.begin(), before.end(), foreign) || std::any_of(drilled.begin(), drilled.end(), foreign);
}

std::string Story::to_json() const {
  const Story plain;
  OrderedJson json{{"name", name}, {"about", about}};
  if (records) {
    json["records"] = OrderedJson::array();
    for (const StoryRecord& record : *records) {
      OrderedJson one;
      put_bytes(one, "key", record.key);
      put_bytes(one, "value", record.value);
      json["records"].push_back(std::move(one));
    }
  } else if (fixture != plain.fixture) {
    json["fixture"] = fixture;
  }
  if (source_kind != plain.source_kind) json["source"] = source_kind;
  if (target_kind != plain.target_kind) json["target"] = target_kind;
  for (const auto& [key, commands] : {std::pair{"before", &before}, {"drilled", &drilled}}) {
    for (const subject::Command& command : *commands) json[key].push_back(command.to_string());
  }
  if (names_faults) {
    for (const fault::Kind kind : faults) json["faults"].push_back(fault::name_of(kind));
  }
  for (const fault::Fault& fault : cases) json["cases"].push_back(fault.to_string());
  if (exhaustive) json["exhaustive"] = true;
  if (exhaustive_looks) json["exhaustive"] = "looks";
  if (exhaustive_allocations) json["exhaustive"] = "allocations";
  if (exhaustive_write_allocations) json["exhaustive"] = "allocations of writes";
  if (goes_on) json["goes_on"] = true;
  if (source_mounted) json["source_mounted"] = true;
  if (target_folder) json["target_folder"] = true;
  if (limit_minutes != plain.limit_minutes) json["limit_minutes"] = limit_minutes;
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

Result<Story> load_story(const std::string& path) {
  os::PosixFileSystem files;
  auto text = os::read_file(files, path, kFileMax);
  if (!text) return fail(Code::invalid, "can not be read as a story: " + text.error().message, path);
  return Story::parse(*text, path);
}

Result<std::vector<Story>> load_stories(const std::string& folder) {
  os::PosixFileSystem files;
  std::vector<Story> stories;
  for (const std::string& place : {folder, os::join(folder, "regressions")}) {
    ROLLPROOF_ASSIGN(const bool there, os::exists(files, place));
    if (!there) continue;
    ROLLPROOF_ASSIGN(const auto names, files.list(place));
    for (const std::string& name : names) {
      if (!name.ends_with(".json")) continue;
      const std::string path = os::join(place, name);
      ROLLPROOF_ASSIGN(auto story, load_story(path));
      stories.push_back(std::move(story));
    }
  }
  std::sort(stories.begin(), stories.end(), [](const Story& a, const Story& b) { return a.name < b.name; });
  for (size_t i = 1; i < stories.size(); ++i) {
    if (stories[i].name == stories[i - 1].name) return fail(Code::invalid, fmt::format("two stories are named \"{}\"", stories[i].name), folder);
  }
  return stories;
}

}  // namespace rollproof::drill
