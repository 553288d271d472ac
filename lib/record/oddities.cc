// What is odd about a record: found, never mended.
#include <algorithm>

#include "lib/record/canonical.h"
#include "lib/record/javascript.h"
#include "lib/record/json.h"
#include "lib/record/space.h"
#include "lib/record/utf8.h"

namespace rollproof::record {

namespace {

using json::Kind;
using json::Value;

bool is_hex(std::string_view text, size_t digits) {
  return text.size() == digits + 2 && text.starts_with("0x") &&
         text.substr(2).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string shortened(std::string_view text) {
  constexpr size_t kShown = 100;
  if (text.size() <= kShown) return std::string(text);
  return std::string(text.substr(0, valid_utf8_prefix(text.substr(0, kShown)))) + "…";
}

class Look {
 public:
  explicit Look(const Record& record) : key_(record.key), space_(space_of(key_)) {}

  void at_key() {
    if (!is_utf8(key_)) add("", "the key is not UTF-8");
    if (!space_.chain) {
      add("", "the key is not of the form <chainId>-<contractName>");
    } else if (space_.name == "chain-" + std::to_string(*space_.chain)) {
      add("", "chain " + std::to_string(*space_.chain) + " has no known network");
    }
  }

  void at_value(std::string_view value) {
    if (const size_t valid = valid_utf8_prefix(value); valid != value.size()) {
      return add("", "the value is not UTF-8 at byte " + std::to_string(valid));
    }
    const auto document = json::Document::parse(value);
    if (!document) return add("", "the value is not JSON: " + document.error().message);
    for (std::string& path : duplicate_names_of(*document)) add(std::move(path), "the name occurs more than once");
    numbers("$", document->root());
    // Only records of a contract on a chain are expected to have the fields of one.
    if (!space_.chain) return;
    if (document->root().kind() != Kind::object) return add("", "the value is not an object");
    fields(document->root());
  }

  std::vector<Oddity> take() { return std::move(found_); }

 private:
  void add(std::string field, std::string what) { found_.push_back({key_, std::move(field), std::move(what)}); }

  void numbers(const std::string& path, const Value& value) {
    if (value.kind() == Kind::number && !number_survives_javascript(value.raw())) {
      add(path, shortened(value.raw()) + " is not what JavaScript would write for it");
    }
    size_t index = 0;
    for (const Value& child : value.children()) {
      numbers(value.kind() == Kind::array ? path + "[" + std::to_string(index++) + "]" : path + "." + json::to_utf8(child.name()).value_or("?"), child);
    }
  }

  // The member as text; nothing, and an oddity, if it is something else.
  std::optional<std::string> text_of(const Value& value, const std::string& field) {
    if (value.kind() == Kind::string) {
      if (auto text = json::to_utf8(value.raw())) return text;
    }
    add(field, "expected text, found " + shortened(value.raw()));
    return std::nullopt;
  }

  void fields(const Value& object) {
    const std::string chain = std::to_string(*space_.chain);
    if (const auto id = object.find("chainId"); !id) {
      add("$.chainId", "missing");
    } else if (id->raw() != chain) {
      add("$.chainId", shortened(id->raw()) + ", the key says " + chain);
    }
    if (const auto network = object.find("networkName"); !network) {
      add("$.networkName", "missing");
    } else if (const auto text = text_of(*network, "$.networkName"); text && *text != space_.name) {
      add("$.networkName", "'" + shortened(*text) + "', chain " + chain + " is " + space_.name);
    }
    if (const auto contract = object.find("contractName"); !contract) {
      add("$.contractName", "missing");
    } else if (const auto text = text_of(*contract, "$.contractName"); text && *text != space_.contract) {
      add("$.contractName", "'" + shortened(*text) + "' is not that of the key");
    }
    hexadecimal(object, "address", 40, true);
    hexadecimal(object, "proxyAddress", 40, false);
    hexadecimal(object, "factoryByteCodeHash", 64, false);
    hexadecimal(object, "implementationHash", 64, true);
    if (const auto arguments = object.find("deploymentArgs"); arguments && arguments->kind() != Kind::array) {
      add("$.deploymentArgs", "expected a list, found " + shortened(arguments->raw()));
    }
    if (const auto time = object.find("timestamp"); time && (time->kind() != Kind::number || time->raw().find_first_not_of("0123456789") != std::string_view::npos)) {
      add("$.timestamp", "expected milliseconds, found " + shortened(time->raw()));
    }
  }

  void hexadecimal(const Value& object, const std::string& name, size_t digits, bool expected) {
    const std::string field = "$." + name;
    const auto value = object.find(name);
    if (!value) {
      if (expected) add(field, "missing");
      return;
    }
    const auto text = text_of(*value, field);
    if (text && !is_hex(*text, digits)) add(field, "'" + shortened(*text) + "' is not 0x and " + std::to_string(digits) + " hexadecimal digits");
  }

  const std::string key_;
  const Space space_;
  std::vector<Oddity> found_;
};

}  // namespace

std::vector<Oddity> oddities_of(const Record& record) {
  Look look(record);
  look.at_key();
  look.at_value(record.value);
  return look.take();
}

}  // namespace rollproof::record
