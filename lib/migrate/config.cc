#include "lib/migrate/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/words.h"
#include "lib/migrate/config_id.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

constexpr uint64_t kConfigBytesMax = 1 << 20;
const std::vector<std::string> kKeys = {"source", "target", "backups", "legacy_json", "known_exceptions", "checks", "enforce_performance", "memory_limit_mib",
                                        "memory_limit_percent", "migration_id"};

Result<store::Where> place(const nlohmann::json& document, const char* key, const std::string& directory, const std::string& path,
                           std::string& as_written) {
  if (!document.contains(key) || !document[key].is_string()) {
    return fail(Code::invalid, fmt::format("\"{}\" is missing or not a text", key), path,
                fmt::format("Write \"{}\": \"leveldb:./path\" or another KIND:PATH.", key));
  }
  as_written = document[key].get<std::string>();
  auto where = store::parse_where(as_written);
  if (!where) {
    Error error = std::move(where).error();
    error.message = fmt::format("\"{}\": {}", key, error.message);
    error.path = path;
    return fail(std::move(error));
  }
  if (!where->path.starts_with('/') && directory != ".") where->path = os::join(directory, where->path);
  return where;
}

std::string under(const std::string& directory, const std::string& path) {
  return path.starts_with('/') || directory == "." ? path : os::join(directory, path);
}

Status read_optional_text(const nlohmann::json& document, const char* key, const std::string& path, std::string& out) {
  if (!document.contains(key)) return {};
  if (!document[key].is_string() || document[key].get<std::string>().empty()) {
    return fail(Code::invalid, fmt::format("\"{}\" is {}", key, document[key].is_string() ? "empty" : "not a text"), path);
  }
  out = document[key].get<std::string>();
  return {};
}

// The components of a path, "." left out and ".." taken back where something can be.
std::vector<std::string> components_of(std::string_view path) {
  std::vector<std::string> components;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part == ".." && !components.empty() && components.back() != "..") {
      components.pop_back();
    } else if (!part.empty() && part != ".") {
      components.emplace_back(part);
    }
    at = end + 1;
  }
  return components;
}

bool is_within(const std::string& path, const std::string& folder) {
  if (path.starts_with('/') != folder.starts_with('/')) return false;  // then only links could tell
  const auto inner = components_of(path), outer = components_of(folder);
  return inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

Status read_optional_number(const nlohmann::json& document, const char* key, const std::string& path, uint64_t least, uint64_t most, uint64_t& out) {
  if (!document.contains(key)) return {};
  const auto& value = document[key];
  if (!value.is_number_unsigned() || value.get<uint64_t>() < least || value.get<uint64_t>() > most) {
    return fail(Code::invalid, fmt::format("\"{}\" is no whole number from {} to {}", key, least, most), path);
  }
  out = value.get<uint64_t>();
  return {};
}

// A store is read, copied and removed as a whole folder: nothing else of ours may lie in it.
Status check_apart(const Config& config) {
  if (components_of(config.source.path) == components_of(config.target.path)) return fail(Code::invalid, "source and target are the same path", config.path);
  const auto apart = [&](const char* one, const std::string& path, const char* other, const std::string& folder) -> Status {
    if (!is_within(path, folder)) return {};
    return fail(Code::invalid, fmt::format("{} {} lies inside the {} {}", one, path, other, folder), config.path, "Give each a folder of its own.");
  };
  ROLLPROOF_TRY(apart("target", config.target.path, "source", config.source.path));
  ROLLPROOF_TRY(apart("source", config.source.path, "target", config.target.path));
  for (const auto& [name, folder] : {std::pair{"source", config.source.path}, std::pair{"target", config.target.path}}) {
    ROLLPROOF_TRY(apart("folder of the backups", config.backups, name, folder));
    ROLLPROOF_TRY(apart("configuration", config.path, name, folder));
    ROLLPROOF_TRY(apart(name, folder, "state folder", config.state_directory()));
  }
  ROLLPROOF_TRY(apart("folder of the backups", config.backups, "state folder", config.state_directory()));
  return {};
}

}  // namespace

std::string Config::state_directory() const { return os::join(directory, ".rollproof"); }

Result<Config> read_config(os::FileSystem& files, const std::string& path) {
  auto read = os::read_file_twice(files, path, kConfigBytesMax);
  if (!read) {
    if (read.error().code != Code::not_found) return fail(std::move(read).error());
    return fail(Code::invalid, "no configuration", path, "Run `rollproof init --source KIND:WHERE --target KIND:WHERE` first, or name one with --config.");
  }
  // The parser takes it for the end, and whoever takes the migration's id out again would not.
  if (const size_t nul = read->find('\0'); nul != std::string::npos) {
    return fail(Code::invalid, fmt::format("not valid JSON: a byte of zero at offset {}", nul), path, "Correct the file there; an editor that was interrupted may have left it.");
  }
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(*read, nullptr, true, true);
  } catch (const nlohmann::json::parse_error& error) {
    const size_t offset = std::min<size_t>(error.byte > 0 ? error.byte - 1 : 0, read->size());
    const size_t line = 1 + static_cast<size_t>(std::count(read->begin(), read->begin() + static_cast<long>(offset), '\n'));
    const size_t newline = offset == 0 ? std::string::npos : read->rfind('\n', offset - 1);
    const size_t column = offset - (newline == std::string::npos ? 0 : newline + 1) + 1;
    return fail(Code::invalid, fmt::format("not valid JSON at line {}, column {}", line, column), path, "Correct the file there; comments are allowed, trailing commas are not.");
  } catch (const nlohmann::json::exception&) {
    return fail(Code::invalid, "not valid JSON", path);
  }
  if (!document.is_object()) return fail(Code::invalid, "the configuration is not a JSON object", path);
  for (const auto& [key, value] : document.items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
    const std::string near = nearest(key, kKeys);
    return fail(Code::invalid, fmt::format("unknown key \"{}\"", key), path,
                near.empty() ? fmt::format("Known keys: {}.", fmt::join(kKeys, ", ")) : fmt::format("Did you mean \"{}\"?", near));
  }
  Config config;
  config.path = path;
  config.directory = os::parent_of(path);
  ROLLPROOF_ASSIGN(config.source, place(document, "source", config.directory, path, config.source_text));
  ROLLPROOF_ASSIGN(config.target, place(document, "target", config.directory, path, config.target_text));
  config.backups = "backups";
  ROLLPROOF_TRY(read_optional_text(document, "backups", path, config.backups));
  ROLLPROOF_TRY(read_optional_text(document, "legacy_json", path, config.legacy_json));
  ROLLPROOF_TRY(read_optional_text(document, "migration_id", path, config.migration_id));
  config.backups = under(config.directory, config.backups);
  if (!config.legacy_json.empty()) config.legacy_json = under(config.directory, config.legacy_json);
  ROLLPROOF_TRY(check_apart(config));
  if (document.contains("known_exceptions")) {
    if (!document["known_exceptions"].is_array()) return fail(Code::invalid, "\"known_exceptions\" is not a list", path, "Write \"known_exceptions\": [\"31337\"].");
    for (const auto& item : document["known_exceptions"]) {
      if (!item.is_string() && !item.is_number_unsigned()) return fail(Code::invalid, "\"known_exceptions\" holds something that is neither a name nor a chain id", path);
      config.known_exceptions.push_back(item.is_string() ? item.get<std::string>() : std::to_string(item.get<uint64_t>()));
    }
  }
  if (document.contains("checks")) {
    ROLLPROOF_ASSIGN(config.checks, read_user_checks(document["checks"], path));
  }
  if (document.contains("enforce_performance")) {
    if (!document["enforce_performance"].is_boolean()) return fail(Code::invalid, "\"enforce_performance\" is neither true nor false", path);
    config.enforce_performance = document["enforce_performance"].get<bool>();
  }
  uint64_t memory_limit_mib = 0;
  ROLLPROOF_TRY(read_optional_number(document, "memory_limit_mib", path, 1, 1 << 30, memory_limit_mib));
  config.memory_limit_bytes = memory_limit_mib << 20;
  ROLLPROOF_TRY(read_optional_number(document, "memory_limit_percent", path, 1, 100, config.memory_limit_percent));
  config.sealed_text = without_migration_id(*read);
  return config;
}

std::string render_config(const store::Where& source, const store::Where& target) {
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  return fmt::format(R"({{
  // Where the records live today, and where they shall live. KIND: leveldb, network-json, unified-json. Paths are relative to this file.
  "source": {},
  "target": {},

  // Verified backups are kept here; nothing in this folder is ever overwritten or deleted by a migration.
  "backups": "backups",

  // Your own commands, each run on a copy of the store (its place is in ROLLPROOF_STORE_PATH); each has to end with 0. "when": prove (a
  // copy of the target), rollback (a copy of the source, before anything is cleared).
  // "checks": ["node scripts/count.js", {{"name": "smoke", "command": "make smoke", "timeout_s": 120, "when": ["prove", "rollback"]}}],

  // false: a target that is slower than the documents allow, or a source that is slower behind a rollback than before, is recorded and not refused.
  // "enforce_performance": true,

  // Memory of this process above which a migration stops at its next safe point, resumable (exit 25): a share of the limit that the system or the
  // container sets, or of your own in MiB.
  // "memory_limit_percent": 90, "memory_limit_mib": 2048,

  // Spaces (chain ids or names) whose oddities are known and accepted; they are copied like all others.
  "known_exceptions": ["31337"]
}}
)",
                     quoted(source.to_string()), quoted(target.to_string()));
}

Status write_migration_id(os::FileSystem& files, const std::string& path, std::string_view id) {
  ROLLPROOF_ASSIGN(const std::string text, os::read_file_twice(files, path, kConfigBytesMax));
  const std::string wanted = with_migration_id(text, id);
  if (wanted.empty()) return fail(Code::invalid, "the configuration is not a JSON object", path);
  if (wanted == text) return {};
  return os::replace_file(files, path, wanted);
}

Status remove_migration_id(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const std::string text, os::read_file_twice(files, path, kConfigBytesMax));
  const std::string sealed = without_migration_id(text);
  if (sealed != text) ROLLPROOF_TRY(os::replace_file(files, path, sealed));
  // A text that is no JSON at the moment may carry it as well: who saved it mends it first.
  auto config = read_config(files, path);
  if (!config) {
    config.error().hint += " Then run `rollproof rollback --execute`.";
    return fail(std::move(config).error());
  }
  if (config->migration_id.empty()) return {};
  return fail(Code::refused, fmt::format("the id {} could not be taken out of the configuration", config->migration_id), path, "Remove the member \"migration_id\" from it, then run `rollproof rollback --execute`.");
}

}  // namespace rollproof::migrate
