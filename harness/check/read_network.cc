#include "harness/check/read_network.h"

#include <fmt/format.h>

#include <set>

#include "harness/check/json_scan.h"
#include "harness/check/read_unified.h"

namespace rollproof::check {
namespace {

constexpr std::string_view kBeside = ".rollproof.json";

bool may_be_network(std::string_view name) {
  return name.ends_with(".json") && !name.ends_with(kBeside) && !name.ends_with(".unified.json") && !name.starts_with('.');
}

// What one file says, read as far as it is an object.
struct Scanned {
  bool json = false;
  std::string_view contracts;  // empty unless an object
  int contracts_named = 0, chains_named = 0;
  std::optional<uint64_t> chain;
};

Scanned scan(std::string_view text) {
  Scanned file;
  size_t at = 0;
  const auto whole = scan_value(text, at);
  file.json = whole && text.substr(at).find_first_not_of(" \r\n\t") == std::string_view::npos;
  if (!file.json || !whole->starts_with('{')) return file;
  (void)for_each_member(*whole, [&](const std::string& name, std::string_view value) {
    if (name == "contracts") {
      ++file.contracts_named;
      if (value.starts_with('{')) file.contracts = value;
    }
    if (name == "chainId") {
      ++file.chains_named;
      file.chain = value.size() <= 15 ? decode_number(value) : std::nullopt;
    }
    return true;
  });
  return file;
}

std::string read_file(std::string_view text, Records& records, const std::set<std::string>& beside) {
  const Scanned file = scan(text);
  if (!file.json) return "not one whole JSON value";
  if (file.contracts.empty()) return "";
  records.there = true;
  if (file.contracts_named != 1 || file.chains_named != 1 || !file.chain) return "not one \"contracts\" and one whole \"chainId\"";
  std::set<std::string> names;
  bool sound = true;
  const bool whole = for_each_member(file.contracts, [&](const std::string& name, std::string_view value) {
    sound = sound && !name.empty() && names.insert(name).second;
    Record record{fmt::format("{}-{}", *file.chain, name), std::string(value)};
    if (!beside.contains(record.key)) records.sorted.push_back(std::move(record));
    return true;
  });
  return whole && sound ? "" : "a contract without a name of its own";
}

}  // namespace

std::optional<NetworkParts> network_parts(std::string_view text) {
  const Scanned file = scan(text);
  if (!file.json || file.contracts.empty() || !file.chain) return std::nullopt;
  const size_t at = static_cast<size_t>(file.contracts.data() - text.data());
  return NetworkParts{*file.chain, text.substr(0, at), file.contracts, text.substr(at + file.contracts.size())};
}

Records read_network(const sim::Node* folder, Strictness strictness) {
  Records records = read_unified(folder, kBeside);
  if (folder == nullptr || !folder->directory || !records.readable()) return records;
  std::set<std::string> beside;
  if (strictness == Strictness::lenient) {
    for (const Record& record : records.sorted) beside.insert(record.key);
  }
  for (const sim::Entry& entry : folder->entries) {
    const std::string& name = entry.name->text;
    if (entry.node->directory || !may_be_network(name)) continue;
    const std::string wrong = read_file(entry.node->content.text(), records, beside);
    if (wrong.empty()) continue;
    records.there = true;
    records.error = name + ": " + wrong;
    return records;
  }
  sort_by_key(records);
  return records;
}

}  // namespace rollproof::check
