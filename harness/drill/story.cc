#include "harness/drill/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/words.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::json;

const std::vector<std::string> kKeys = {"name", "about", "fixture", "source", "target", "before", "drilled", "faults", "exhaustive", "limit_minutes"};

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

Result<Story> story_of(const Json& json) {
  Story story;
  if (!json.is_object()) return fail(Code::invalid, "a story is a JSON object");
  for (const auto& [key, value] : json.items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
    const std::string near = nearest(key, kKeys);
    return fail(Code::invalid, fmt::format("unknown key \"{}\"", key), "", near.empty() ? fmt::format("Known: {}.", fmt::join(kKeys, ", ")) : fmt::format("Did you mean \"{}\"?", near));
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
  if (json.contains("exhaustive")) {
    story.exhaustive_looks = json.at("exhaustive") == "looks";
    story.exhaustive_allocations = json.at("exhaustive") == "allocations";
    story.exhaustive = story.exhaustive_looks || story.exhaustive_allocations ? false : json.at("exhaustive").get<bool>();
  }
  if (json.contains("faults")) {
    story.faults.clear();
    for (const Json& name : json.at("faults")) {
      ROLLPROOF_ASSIGN(const auto kind, fault::kind_named(name.get<std::string>()));
      if (kind == fault::Kind::connection) return fail(Code::invalid, std::string(kNoDatabase), "", "Leave \"connection\" out; it stands in the record as not applicable.");
      story.faults.insert(kind);
    }
  }
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
    return fail(Code::invalid, fmt::format("is no story: {}", error.what()), path);
  }
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
      ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path, 1 << 20));
      ROLLPROOF_ASSIGN(auto story, Story::parse(text, path));
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
