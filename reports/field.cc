#include "reports/field.h"

#include <algorithm>

#include "reports/text.h"

namespace rollproof::reports::field {
namespace {

constexpr uint64_t kMostCounted = uint64_t{1} << 53;
constexpr uint64_t kLongestMs = 1'000'000'000'000'000;

}  // namespace

const Json& member(const Json& object, std::string_view key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(std::string(key));
  return found == object.end() ? nothing : *found;
}

const Json& list(const Json& object, std::string_view key) {
  static const Json empty = Json::array();
  const Json& value = member(object, key);
  return value.is_array() ? value : empty;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return legal_text(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.is_number() ? value.dump() : "";
}

std::string text(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_string() ? text_of(value) : "";
}

uint64_t count(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  if (value.is_number_unsigned()) return std::min(value.get<uint64_t>(), kMostCounted);
  if (value.is_number_integer()) return static_cast<uint64_t>(std::max<int64_t>(0, value.get<int64_t>()));
  return 0;
}

int64_t milliseconds(const Json& object, std::string_view key) { return static_cast<int64_t>(std::min(count(object, key), kLongestMs)); }

bool flag(const Json& object, std::string_view key) {
  const Json& value = member(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts(const Json& object, std::string_view key) {
  std::vector<std::string> found;
  for (const Json& value : list(object, key)) {
    if (value.is_string()) found.push_back(text_of(value));
  }
  return found;
}

}  // namespace rollproof::reports::field
