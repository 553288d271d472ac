#include "lib/migrate/trial.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

using Json = nlohmann::ordered_json;

class Trial : public ::testing::TestWithParam<std::string> {
 protected:
  Trial() {
    auto store = store::open(posix_.world(), where_, {.create = true});
    EXPECT_TRUE(store) << store.error().to_string();
    for (const char* key : {"56-LookCoin", "56-Oracle", "97-LookCoin", "no space at all"}) {
      EXPECT_TRUE((*store)->apply({{record::Change::Kind::put, key, "{\"a\":0.10}"}}));
    }
    EXPECT_TRUE((*store)->close());
    before_ = *store::take_fingerprint(posix_.world(), where_, nullptr);
  }
  ~Trial() override { EXPECT_TRUE(*store::take_fingerprint(posix_.world(), where_, nullptr) == before_) << "a trial changed the store"; }

  os::PosixWorld posix_{true};
  os::ScratchDirectory scratch_;
  const store::Where where_{GetParam(), scratch_ / "store"};
  store::Fingerprint before_;
  Json facts_ = Json::object();
};

TEST_P(Trial, OfOperations_TriesEverySpace) {
  const auto outcome = try_operations(posix_.world(), where_, "", facts_);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(facts_["spaces_tried"], 3);
}

TEST_P(Trial, OfADamagedFile_SeesTheDamageNamed) {
  const auto outcome = try_damaged_file(posix_.world(), where_, "", facts_);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_FALSE(facts_["damaged_files"].empty());
  bool noticed = false;
  for (const auto& file : facts_["damaged_files"]) noticed = noticed || file["outcome"] != "exact records";
  EXPECT_TRUE(noticed) << facts_.dump();
}

TEST_P(Trial, OfRecovery_FindsWhatWasDurable) {
  const auto outcome = try_recovery(posix_.world(), where_, "", facts_);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(facts_["recovered"], true);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Trial, ::testing::Values("leveldb", "unified-json", "network-json"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace rollproof::migrate
