// Variables that the documents let people set. Here they are only compared with where the migration really stands.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "lib/cli/doctor.h"

namespace rollproof::cli {
namespace {

enum class Says { source_answers, names_a_backend, dual, data, refused };

struct Variable {
  const char* name;
  Says says;
};

// Seeds 000 and 002. In the order of their precedence.
constexpr Variable kVariables[] = {
    {"EMERGENCY_MODE", Says::source_answers},        {"EMERGENCY_ROLLBACK", Says::source_answers},     {"FORCE_LEVELDB_ONLY", Says::source_answers},
    {"FORCE_LEVELDB", Says::source_answers},         {"FORCE_LEVELDB_FALLBACK", Says::source_answers}, {"FORCE_BACKEND", Says::names_a_backend},
    {"JSON_BACKEND_DISABLED", Says::source_answers}, {"DISABLE_JSON_BACKEND", Says::source_answers},   {"DISABLE_UNIFIED_JSON", Says::source_answers},
    {"PRIMARY_BACKEND", Says::names_a_backend},      {"STATE_BACKEND", Says::names_a_backend},         {"DUAL_WRITE_MODE", Says::dual},
    {"LEVELDB_CORRUPTED", Says::data},               {"LEVELDB_INTACT", Says::data},                   {"SKIP_VALIDATION", Says::refused},
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

bool is_true(const std::string& value) { return value == "true" || value == "1" || value == "yes" || value == "on"; }

// Why it contradicts; empty if it does not.
std::string contradiction(const migrate::State& state, Says says, const std::string& value) {
  const bool source = answers_from_source(state.route);
  switch (says) {
    case Says::source_answers:
      return is_true(value) && !source ? "it asks for the source, and the target answers" : "";
    case Says::names_a_backend: {
      const bool asks_for_source = state.source.empty() ? value == "leveldb" : state.source.starts_with(value);
      if (asks_for_source == source) return "";
      return fmt::format("it asks for {}, and the {} answers", value, source ? "source" : "target");
    }
    case Says::dual:
      if (is_true(value) == is_dual(state.route)) return "";
      return is_true(value) ? "it asks for dual-write, and one store is written" : "it asks for one store, and both are written";
    case Says::data: return is_true(value) ? "what it says about the data is looked at, not believed" : "";
    case Says::refused: return is_true(value) ? "a validation is never skipped: unproven data is how a rollback loses records" : "";
  }
  return "";
}

}  // namespace

std::optional<std::string> environment_of_this_process(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Findings contradicting_environment(const migrate::State& state, const DoctorOptions& options) {
  Findings findings;
  for (const Variable& variable : kVariables) {
    const auto value = options.environment ? options.environment(variable.name) : std::nullopt;
    if (!value || value->empty()) continue;
    const std::string why = contradiction(state, variable.says, lower(*value));
    if (!why.empty()) findings.push_back({"environment", fmt::format("{}={}: {} (route {})", variable.name, *value, why, name_of(state.route)), variable.name, fmt::format("unset {}", variable.name)});
  }
  return findings;
}

}  // namespace rollproof::cli
