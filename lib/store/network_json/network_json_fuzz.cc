// Any bytes as a network file: reading ends; what is accepted, the splicer writes again byte for byte, gives back every value it is told
// to write, and loses nothing else when members are added and taken out again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/store/network_json/network_text.h"

namespace {

using namespace rollproof::store::network_json;

void require(bool condition) {
  if (!condition) std::abort();
}

std::optional<NetworkText> read(std::string_view text) {
  auto network = read_network_text(text);
  require(network || network.error().code == rollproof::Code::corruption);
  return network ? std::move(*network) : std::nullopt;
}

// `text` with the members that `kept` names (by bits), and `added` members more.
std::string spliced(std::string_view text, const NetworkText& network, uint64_t kept, size_t added, std::string_view value = {}) {
  std::string out;
  Splicer splicer(text, network, [&](std::string_view piece) -> rollproof::Status {
    out += piece;
    return {};
  });
  for (size_t i = 0; i < network.members.size(); ++i) {
    const Member& member = network.members[i];
    if (((kept >> (i % 64)) & 1) == 0) continue;
    const std::string_view own = text.substr(member.value, member.end - member.value);
    require(splicer.keep(member, value.empty() ? own : value).has_value());
    require(std::string_view(out).substr(splicer.value_at()) == (value.empty() ? own : value));
  }
  for (size_t i = 0; i < added; ++i) require(splicer.add("fuzz\"added\n" + std::to_string(i), "{\"n\":[" + std::to_string(i) + "]}").has_value());
  require(splicer.finish().has_value());
  return out;
}

bool holds_added(const NetworkText& network) {
  for (const Member& member : network.members) {
    if (member.contract.starts_with("fuzz\"added\n")) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> rollproof_fuzz_seeds() {
  return {new_network_text(56), "{\"chainId\":5,\"contracts\":{}}", "{\"contracts\":{\"A\":1 , \"B\" : {\"c\":[0.10,\"\\ud800\"]}},\"chainId\":97,\"x\":{\"contracts\":{}}}",
          "{\r\n  \"network\": \"basesepolia\",\r\n  \"chainId\": 84532,\r\n  \"contracts\": {\r\n    \"LookCoin\": {\"proxy\": \"0x01\"},\r\n    \"c/d.sol:E\": null\r\n  },\r\n  \"config\": {}\r\n}",
          "{\"chainId\":56,\"contracts\":{\"A\":1,\"\\u0041\":2}}", "[1,2]"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // As a value: what is said to fit has to come back.
  if (fits("56-LookCoin", text)) {
    const std::string base = "{\"contracts\":{\"LookCoin\":0},\"chainId\":56}";
    const std::string with = spliced(base, *read(base), 1, 1, text);
    const auto again = read(with);
    require(again && again->members.size() == 2);
    require(std::string_view(with).substr(again->members[0].value, again->members[0].end - again->members[0].value) == text);
  }
  const auto network = read(text);
  if (!network || holds_added(*network)) return 0;
  constexpr uint64_t kAll = ~uint64_t{0};
  require(spliced(text, *network, kAll, 0) == text);
  const std::string more = spliced(text, *network, kAll, 2);
  const auto with_more = read(more);
  require(with_more && with_more->chain == network->chain && with_more->members.size() == network->members.size() + 2);
  if (network->members.size() + 2 <= 64) {
    const uint64_t old = (uint64_t{1} << network->members.size()) - 1;
    require(spliced(more, *with_more, old, 0) == text);
  }
  const uint64_t some = size == 0 ? 0 : 0x9e3779b97f4a7c15ull * data[size / 2];
  const std::string fewer = spliced(text, *network, some, 1);
  const auto with_fewer = read(fewer);
  require(with_fewer && with_fewer->chain == network->chain);
  size_t at = 0;
  for (size_t i = 0; i < network->members.size(); ++i) {
    if (((some >> (i % 64)) & 1) == 0) continue;
    const Member& before = network->members[i];
    const Member& after = with_fewer->members.at(at++);
    require(before.contract == after.contract);
    require(text.substr(before.value, before.end - before.value) == fewer.substr(after.value, after.end - after.value));
  }
  require(with_fewer->members.size() == at + 1);
  return 0;
}
