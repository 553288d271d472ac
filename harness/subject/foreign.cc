#include "harness/subject/foreign.h"

#include <fmt/format.h>

#include "harness/check/read_network.h"
#include "lib/os/paths.h"

namespace rollproof::subject {
namespace {

Status put_leveldb(os::World& world, const store::Where& where, const std::string& key, const std::optional<std::string>& value) {
  ROLLPROOF_ASSIGN(const auto store, store::open(world, where, {.interrupted = true}));  // it looks at no mark, and mends what it finds
  ROLLPROOF_TRY(store->apply({{value ? record::Change::Kind::put : record::Change::Kind::remove, key, value.value_or("")}}));
  ROLLPROOF_TRY(store->close());
  return {};
}

Status put_network(os::World& world, const std::string& folder, const std::string& key, const std::string& value) {
  const size_t dash = key.find('-');
  ROLLPROOF_ASSIGN(const auto names, world.files.list(folder));
  for (const std::string& name : names) {
    if (!name.ends_with(".json") || name.ends_with(".rollproof.json")) continue;
    const std::string path = os::join(folder, name);
    ROLLPROOF_ASSIGN(const std::string text, os::read_file(world.files, path));
    const auto parts = check::network_parts(text);
    if (!parts || std::to_string(parts->chain) != key.substr(0, dash)) continue;
    const std::string contract = fmt::format("\"{}\":", key.substr(dash + 1));
    if (parts->contracts.find(contract) != std::string_view::npos) return fail(Code::invalid, "it is there already", path);
    const bool first = parts->contracts.find_first_not_of(" \r\n\t", 1) == parts->contracts.size() - 1;
    return os::replace_file(world.files, path, fmt::format("{}{{\n    {} {}{}{}{}", parts->front, contract, value, first ? "\n  " : ",", parts->contracts.substr(1), parts->back));
  }
  return fail(Code::not_found, "there is no file of this chain", folder);
}

}  // namespace

Status foreign_change(os::World& world, const store::Where& where, const std::string& key, const std::optional<std::string>& value) {
  if (where.kind == "leveldb") return put_leveldb(world, where, key, value);
  if (where.kind == "network-json" && value) return put_network(world, where.path, key, *value);
  return fail(Code::invalid, "no other program does that to a store of kind " + where.kind, where.path);
}

Status foreign_look(os::World& world, const store::Where& where) {
  ROLLPROOF_ASSIGN(const auto store, store::open(world, where, {.interrupted = true}));
  ROLLPROOF_TRY(store->close());
  return {};
}

}  // namespace rollproof::subject
