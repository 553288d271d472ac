// How LookCoin's records are grouped: key `<chainId>-<contractName>`, one space per network, four groups of contracts in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/record/record.h"

namespace rollproof::record {

// In the order of the unified files.
enum class Group : uint8_t { core, protocol, infrastructure, legacy };
inline constexpr Group kGroups[] = {Group::core, Group::protocol, Group::infrastructure, Group::legacy};
std::string_view name_of(Group group);

struct Space {
  std::string name;                 // "bscmainnet", "chain-1" for a chain without a name, "other" for a key of another shape
  std::optional<uint64_t> chain;    // none in space "other"
  std::string_view contract;        // the key after the first '-' (part of the key that was given); the whole key in space "other"
  Group group = Group::legacy;
};

// Total: every key belongs to exactly one space. A chain id is 1 to 15 digits without a leading zero and the contract name is not
// empty; any other key belongs to "other". The name of the contract decides the group: what follows its last ':'.
Space space_of(std::string_view key);

// "bscmainnet" for 56, "chain-1" for a chain without a name of its own.
std::string network_of_chain(uint64_t chain);

// True for every name that space_of can give.
bool is_space_name(std::string_view name);

// The chain of a space with that name; nothing for "other" and for names that space_of never gives.
std::optional<uint64_t> chain_of_space(std::string_view name);

// Something about a record that a person should know and that no migration changes.
struct Oddity {
  std::string key;
  std::string field;  // "$.address"; empty if it concerns the key or the whole value
  std::string what;   // "'bsc', chain 56 is bscmainnet"
  bool operator==(const Oddity&) const = default;
};

// Network name not the canonical one of its chain, chain id or contract name not those of the key, malformed addresses and hashes,
// missing implementation hash, numbers that JavaScript changes, duplicate names, value not JSON or not UTF-8, key of another shape.
std::vector<Oddity> oddities_of(const Record& record);

}  // namespace rollproof::record
