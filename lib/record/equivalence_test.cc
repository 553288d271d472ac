#include "lib/record/equivalence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace rollproof::record {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Records = std::vector<Record>;

class ListCursor final : public Cursor {
 public:
  ListCursor(Records records, size_t fail_at) : records_(std::move(records)), fail_at_(fail_at) {}
  Result<bool> next(Record& out) override {
    if (at_ == fail_at_) return fail(Code::corruption, "the stream broke");
    if (at_ == records_.size()) return false;
    out = records_[at_++];
    return true;
  }

 private:
  Records records_;
  size_t fail_at_;
  size_t at_ = 0;
};

// Every scan has another order.
struct Stream {
  Records records;
  size_t fail_at = SIZE_MAX;   // of every scan from the `fails`th on
  size_t fails = 0;
  std::shared_ptr<size_t> scans = std::make_shared<size_t>(0);

  CursorFactory factory() const {
    return [stream = *this]() -> Result<std::unique_ptr<Cursor>> {
      Records shuffled = stream.records;
      std::mt19937_64 random(*stream.scans);
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      return std::make_unique<ListCursor>(shuffled, (*stream.scans)++ >= stream.fails ? stream.fail_at : SIZE_MAX);
    };
  }
};

Records numbered(size_t count) {
  Records records;
  for (size_t i = 0; i < count; ++i) records.push_back({"56-C" + std::to_string(i), "{\"n\":" + std::to_string(i) + "}"});
  return records;
}

Comparison compared(const Records& left, const Records& right, const CompareOptions& options = {}) {
  const auto comparison = compare(Stream{left}.factory(), Stream{right}.factory(), options);
  EXPECT_TRUE(comparison) << comparison.error().to_string();
  return comparison.value_or(Comparison{});
}

std::vector<std::string> lines(const Comparison& comparison) {
  std::vector<std::string> all;
  for (const Difference& difference : comparison.listed) {
    all.push_back(std::string(name_of(difference.kind)) + " " + difference.key);
    for (const std::string& field : difference.fields) all.back() += " " + field;
  }
  return all;
}

TEST(Equivalence, FindsNothing_WhenOnlyTheOrderDiffers) {
  const Stream left{numbered(1000)};
  const Stream right{numbered(1000), SIZE_MAX, 0, std::make_shared<size_t>(77)};
  const auto comparison = compare(left.factory(), right.factory());
  ASSERT_TRUE(comparison);
  EXPECT_TRUE(comparison->equal());
  EXPECT_EQ(comparison->left.count(), 1000u);
  EXPECT_EQ(comparison->left.hex(), comparison->right.hex());
  EXPECT_THAT(comparison->normalisations, IsEmpty());
  EXPECT_EQ(*left.scans, 1u);  // nothing was read twice
}

TEST(Equivalence, NamesKeysAndFields) {
  Records left = numbered(1000);
  Records right = left;
  right[10].value = "{\"n\":10.0}";
  right[20].value = "no json";
  right.erase(right.begin() + 30);
  right.push_back({"56-New", "1"});
  right.push_back(right[40 - 1]);
  const Comparison comparison = compared(left, right);
  EXPECT_FALSE(comparison.equal());
  EXPECT_THAT(lines(comparison), ElementsAre("changed 56-C10 $.n: 10 != 10.0", "changed 56-C20 JSON of 8 bytes != no JSON of 7 bytes, first at byte 0",
                                             "missing 56-C30", "duplicated 56-C40", "extra 56-New"));
  EXPECT_EQ(comparison.difference_count(), 5u);
}

TEST(Equivalence, SeesSwappedValues) {
  Records left = numbered(2);
  Records right = left;
  std::swap(right[0].value, right[1].value);
  EXPECT_EQ(compared(left, right).changed, 2u);
}

TEST(Equivalence, CountsAllAndListsSome_InAsManyRoundsAsMemoryAsks) {
  const Stream left{numbered(3000)};
  Records right = numbered(5000);
  right.erase(right.begin(), right.begin() + 1000);
  for (const size_t memory : {size_t{1}, size_t{100'000}, size_t{64} << 20}) {
    const auto comparison = compare(left.factory(), Stream{right}.factory(), {.listed_max = 7, .memory_bytes_max = memory, .buckets = 64});
    ASSERT_TRUE(comparison);
    EXPECT_EQ(comparison->missing, 1000u);
    EXPECT_EQ(comparison->extra, 2000u);
    EXPECT_EQ(comparison->changed + comparison->duplicated, 0u);
    EXPECT_EQ(comparison->listed.size(), 7u);
  }
}

// Half of a copy lacks more than anybody lists, and what is on its side alone has to be seen all the same.
TEST(Equivalence, ListsWhatIsOnTheRight_WhereNobodyAsksForWhatIsMissing) {
  Records left;
  for (int i = 0; i < 200; ++i) left.push_back({"key " + std::to_string(i), "0"});
  const Records right = {{"key 7", "1"}, {"theirs", "2"}};
  const auto listed = [&](size_t max, bool missing) {
    const auto comparison = compare(Stream{left}.factory(), Stream{right}.factory(), {.listed_max = max, .lists_missing = missing});
    EXPECT_TRUE(comparison);
    EXPECT_EQ(comparison->difference_count(), 201u);
    return std::pair(comparison->listed.size(), comparison->unlisted);
  };
  EXPECT_EQ(listed(2, false), std::pair(size_t{2}, uint64_t{0}));
  EXPECT_EQ(listed(1, false), std::pair(size_t{1}, uint64_t{1}));
  EXPECT_EQ(listed(10, true), std::pair(size_t{10}, uint64_t{191}));
}

TEST(Equivalence, AppliesDeclaredNormalisations_WhenAskedTo) {
  const Records left = {{"a", R"({"x":1,"y":[2]})"}, {"b", "raw"}, {"c", R"({"d":1,"d":2})"}};
  const Records right = {{"a", R"({ "y":[2.0], "x":1 })"}, {"b", "raw"}, {"c", R"({"d":1, "d":2})"}};
  EXPECT_EQ(compared(left, right).changed, 2u);
  const Comparison canonical = compared(left, right, {.canonical = CanonicalOptions{}});
  EXPECT_THAT(lines(canonical), ElementsAre("changed a $.y[0]: 2 != 2.0"));
  EXPECT_EQ(canonical.values_with_duplicate_names, 2u);
  const Comparison decimal = compared(left, right, {.canonical = CanonicalOptions{.decimal_numbers = true}});
  EXPECT_TRUE(decimal.equal());
  EXPECT_EQ(decimal.normalisations.size(), 4u);
}

TEST(Equivalence, SaysThatOnlyTheTextDiffers) {
  EXPECT_THAT(lines(compared({{"a", "[1,2]"}}, {{"a", "[1, 2]"}})), ElementsAre("changed a only whitespace, the order of members or escapes differ"));
}

TEST(Equivalence, Fails_WhenAnyCursorFailsInAnyScan) {
  Records other = numbered(100);
  other[5].value = "{}";
  for (const bool left_fails : {true, false}) {
    for (size_t scan = 0; scan < 3; ++scan) {
      for (const size_t at : {0, 50, 100}) {
        Stream left{numbered(100)};
        Stream right{other};
        Stream& broken = left_fails ? left : right;
        broken.fail_at = at;
        broken.fails = scan;
        const auto comparison = compare(left.factory(), right.factory());
        ASSERT_FALSE(comparison) << scan << " " << at;
        EXPECT_EQ(comparison.error().code, Code::corruption);
      }
    }
  }
  const auto comparison = compare([]() -> Result<std::unique_ptr<Cursor>> { return fail(Code::io, "no cursor"); }, Stream{}.factory());
  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().code, Code::io);
}

TEST(Equivalence, Refuses_WhenRecordsChangeBetweenScans) {
  size_t scans = 0;
  const CursorFactory moving = [&]() -> Result<std::unique_ptr<Cursor>> {
    return std::make_unique<ListCursor>(Records{{"a", std::to_string(scans++)}}, SIZE_MAX);
  };
  const auto comparison = compare(moving, Stream{{{"a", "x"}}}.factory());
  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().code, Code::refused);
}

TEST(Equivalence, AgreesWithAMap_ForRandomStreams) {
  std::mt19937_64 random(7);
  for (int run = 0; run < 300; ++run) {
    std::map<std::string, std::string> left;
    std::map<std::string, std::string> right;
    for (int i = 0; i < 40; ++i) {
      const std::string key = std::to_string(random() % 60);
      const std::string value = std::to_string(random() % 3);
      if (random() % 8 != 0) left[key] = value;
      if (random() % 8 != 0) right[key] = random() % 10 == 0 ? "x" : value;
    }
    std::vector<std::string> expected;
    for (const auto& [key, value] : left) {
      if (!right.count(key)) expected.push_back("missing " + key);
      if (right.count(key) && right[key] != value) expected.push_back("changed " + key);
    }
    for (const auto& [key, value] : right) {
      if (!left.count(key)) expected.push_back("extra " + key);
    }
    const auto records = [](const std::map<std::string, std::string>& map) {
      Records all;
      for (const auto& [key, value] : map) all.push_back({key, value});
      return all;
    };
    Comparison comparison = compared(records(left), records(right), {.memory_bytes_max = 1 + random() % 2000, .buckets = 1 + random() % 9});
    for (Difference& difference : comparison.listed) difference.fields.clear();
    EXPECT_THAT(lines(comparison), ::testing::UnorderedElementsAreArray(expected)) << "run " << run;
    EXPECT_EQ(comparison.equal(), left == right);
  }
}

}  // namespace
}  // namespace rollproof::record
