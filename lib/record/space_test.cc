#include "lib/record/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollproof::record {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string where(const std::string& key) {
  const Space space = space_of(key);
  EXPECT_TRUE(is_space_name(space.name)) << space.name;
  return space.name + "/" + std::string(name_of(space.group)) + "/" + std::string(space.contract);
}

TEST(Space, FollowsChainIdAndContractName) {
  EXPECT_EQ(where("56-LookCoin"), "bscmainnet/core/LookCoin");
  EXPECT_EQ(where("97-SupplyOracle"), "bsctestnet/core/SupplyOracle");
  EXPECT_EQ(where("84532-LayerZeroModule"), "basesepolia/protocol/LayerZeroModule");
  EXPECT_EQ(where("11155420-FeeManager"), "optimismsepolia/infrastructure/FeeManager");
  EXPECT_EQ(where("23295-a-b"), "sapphiretestnet/legacy/a-b");
  EXPECT_EQ(where("31337-LookCoin"), "test/core/LookCoin");
  EXPECT_EQ(where("1-x"), "chain-1/legacy/x");
  EXPECT_EQ(where("97-contracts/xchain/CrossChainRouter.sol:CrossChainRouter"),
            "bsctestnet/infrastructure/contracts/xchain/CrossChainRouter.sol:CrossChainRouter");
}

TEST(Space, IsOther_WhenTheKeyHasAnotherShape) {
  for (const std::string key : {"", "-", "56", "56-", "-LookCoin", "056-LookCoin", "+56-x", "bsc-x", "1234567890123456-x", " 56-x"}) {
    EXPECT_EQ(space_of(key).name, "other") << key;
    EXPECT_EQ(space_of(key).contract, key);
  }
}

TEST(Space, HasNoNamesButItsOwn) {
  for (const char* name : {"", "chain-", "chain-056", "chain-56", "chain-x", "legacy", "BSCMAINNET", "other2"}) EXPECT_FALSE(is_space_name(name)) << name;
}

std::vector<std::string> odd(const std::string& key, const std::string& value) {
  std::vector<std::string> lines;
  for (const Oddity& oddity : oddities_of({key, value})) {
    EXPECT_EQ(oddity.key, key);
    lines.push_back(oddity.field + ": " + oddity.what);
  }
  return lines;
}

const std::string kAddress = "0x" + std::string(40, 'a');
const std::string kHash = "0x" + std::string(64, 'b');

std::string sound() {
  return R"({"contractName":"LookCoin","chainId":56,"networkName":"bscmainnet","address":")" + kAddress + R"(","factoryByteCodeHash":")" + kHash +
         R"(","implementationHash":")" + kHash + R"(","proxyAddress":")" + kAddress + R"(","timestamp":1754062104177})";
}

TEST(Oddities, AreNone_WhenTheRecordIsSound) { EXPECT_THAT(odd("56-LookCoin", sound()), IsEmpty()); }

TEST(Oddities, NameEachField) {
  EXPECT_THAT(odd("31337-LookCoin", R"({"contractName":"LookCoin","chainId":31337,"networkName":"test","address":"0xefgh","factoryByteCodeHash":"","timestamp":1})"),
              UnorderedElementsAre("$.address: '0xefgh' is not 0x and 40 hexadecimal digits",
                                   "$.factoryByteCodeHash: '' is not 0x and 64 hexadecimal digits", "$.implementationHash: missing"));
  std::string value = sound();
  value.replace(value.find("bscmainnet"), 10, "bsc");
  EXPECT_THAT(odd("56-LookCoin", value), UnorderedElementsAre("$.networkName: 'bsc', chain 56 is bscmainnet"));
  EXPECT_THAT(odd("97-LookCoin", sound()),
              UnorderedElementsAre("$.chainId: 56, the key says 97", "$.networkName: 'bscmainnet', chain 97 is bsctestnet"));
  EXPECT_THAT(odd("56-Look", sound()), UnorderedElementsAre("$.contractName: 'LookCoin' is not that of the key"));
  value = sound();
  value.insert(1, R"("chainId":56,"x":1e400,)");
  EXPECT_THAT(odd("56-LookCoin", value), UnorderedElementsAre("$.chainId: the name occurs more than once", "$.x: 1e400 is not what JavaScript would write for it"));
}

TEST(Oddities, NameWhatIsNoJson) {
  EXPECT_THAT(odd("56-x", "{"), UnorderedElementsAre(": the value is not JSON: byte 1: expected a name in quotes or '}', found the end of the text"));
  EXPECT_THAT(odd("56-x", "\"\xff\""), UnorderedElementsAre(": the value is not UTF-8 at byte 1"));
  EXPECT_THAT(odd("56-x", "[]"), UnorderedElementsAre(": the value is not an object"));
  EXPECT_THAT(odd("\xff", "1"), UnorderedElementsAre(": the key is not UTF-8", ": the key is not of the form <chainId>-<contractName>"));
  EXPECT_THAT(odd("5-x", "1"), UnorderedElementsAre(": chain 5 has no known network", ": the value is not an object"));
}

}  // namespace
}  // namespace rollproof::record
