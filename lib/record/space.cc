#include "lib/record/space.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace rollproof::record {

namespace {

constexpr std::array<std::pair<uint64_t, std::string_view>, 6> kNetworks = {{
    {56, "bscmainnet"},
    {97, "bsctestnet"},
    {84532, "basesepolia"},
    {11155420, "optimismsepolia"},
    {23295, "sapphiretestnet"},
    {31337, "test"},  // the documents' known exception: what unit tests leave behind
}};
constexpr std::string_view kChain = "chain-";
constexpr std::string_view kOther = "other";

std::optional<uint64_t> chain_id(std::string_view text) {
  if (text.empty() || text.size() > 15 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  uint64_t chain = 0;
  std::from_chars(text.data(), text.data() + text.size(), chain);
  return chain;
}

Group group_of(std::string_view contract) {
  const size_t colon = contract.rfind(':');
  const std::string_view name = colon == std::string_view::npos ? contract : contract.substr(colon + 1);
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (is_one_of({"LookCoin", "SupplyOracle"})) return Group::core;
  if (name.ends_with("Module")) return Group::protocol;
  if (is_one_of({"CrossChainRouter", "FeeManager", "SecurityManager", "ProtocolRegistry"})) return Group::infrastructure;
  return Group::legacy;
}

}  // namespace

std::string_view name_of(Group group) {
  switch (group) {
    case Group::core: return "core";
    case Group::protocol: return "protocol";
    case Group::infrastructure: return "infrastructure";
    case Group::legacy: return "legacy";
  }
  return "legacy";
}

std::string network_of_chain(uint64_t chain) {
  for (const auto& [id, name] : kNetworks) {
    if (id == chain) return std::string(name);
  }
  return std::string(kChain) + std::to_string(chain);
}

Space space_of(std::string_view key) {
  const size_t dash = key.find('-');
  const auto chain = dash == std::string_view::npos ? std::nullopt : chain_id(key.substr(0, dash));
  if (!chain || dash + 1 == key.size()) return {std::string(kOther), std::nullopt, key, group_of(key)};
  const std::string_view contract = key.substr(dash + 1);
  return {network_of_chain(*chain), chain, contract, group_of(contract)};
}

std::optional<uint64_t> chain_of_space(std::string_view name) {
  for (const auto& [id, network] : kNetworks) {
    if (network == name) return id;
  }
  if (!name.starts_with(kChain)) return std::nullopt;
  const auto chain = chain_id(name.substr(kChain.size()));
  return chain && network_of_chain(*chain) == name ? chain : std::nullopt;
}

bool is_space_name(std::string_view name) { return name == kOther || chain_of_space(name); }

}  // namespace rollproof::record
