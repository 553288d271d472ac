#include "harness/drill/random/generate.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

namespace rollproof::drill {
namespace {

namespace gen = rc::gen;

// rapidcheck begins with small numbers; where a number only chooses, all are as likely from the beginning on.
template <typename T>
rc::Gen<T> any_below(T end) {
  return gen::resize(rc::kNominalSize, gen::inRange<T>(0, end));
}

rc::Gen<std::string> odd_number() {
  return gen::element<std::string>("1e400", "-0", "-0.0", "0.10", "1E+2", "123456789012345678901234567890", "0.1000000000000000055511151231257827", "9007199254740993", "-9223372036854775809", "1e-400");
}

rc::Gen<std::string> json_text() {
  return gen::map(gen::pair(odd_number(), any_below(8)), [](const std::pair<std::string, int>& of) -> std::string {
    const auto& [number, form] = of;
    switch (form) {
      case 0: return number;
      case 1: return "{\"n\":" + number + "}";
      case 2: return "{ \"a\" : [ " + number + " , null , true ] , \"a\" : {} }";  // a name twice, and spaces
      case 3: return "{\"s\":\"\\ud800\",\"n\":" + number + "}";
      case 4: return "{\"s\":\"\\u0000\\u2028 \xc3\xa9 \xf0\x9f\x98\x80\"}";
      case 5: return "[[[[[[[[[[" + number + "]]]]]]]]]]";
      case 6: return "{\"address\":\"0x" + std::string(40, 'a') + "\",\"implementationHash\":\"0x00\",\"n\":" + number + "}";
      default: return "\"\"";
    }
  });
}

rc::Gen<std::string> bytes() { return gen::container<std::string>(gen::arbitrary<char>()); }

// Reserved, as are keys that could not be told from our own.
std::vector<StoryRecord> with_keys_once(std::vector<StoryRecord> records) {
  std::set<std::string> seen;
  std::erase_if(records, [&](const StoryRecord& record) { return !seen.insert(record.key).second; });
  return records;
}

}  // namespace

rc::Gen<std::string> generated_key() {
  return gen::weightedOneOf<std::string>({
      {8, gen::element<std::string>("5", "56", "56-", "56-A", "56-AB", "56-ABC", "97-A", "97-a", "84532-A", "31337-A", "a", "aa", "a/b", "..", "task-store", "56-A B", "\xc3\xa9")},
      {1, gen::nonEmpty(bytes())},
  });
}

rc::Gen<std::string> generated_text() {
  return gen::weightedOneOf<std::string>({
      {12, json_text()},
      {2, gen::just(std::string())},
      {3, bytes()},
      {1, gen::element<std::string>("{", "{\"a\":1", "nul", "\xff\xfe", std::string("\0\0", 2), "{}\n", " {}")},
      {1, gen::map(any_below(40), [](int kilobytes) { return "\"" + std::string(static_cast<size_t>(kilobytes) * 1024, 'x') + "\""; })},
  });
}

rc::Gen<std::vector<StoryRecord>> generated_records() {
  const auto record = gen::build<StoryRecord>(gen::set(&StoryRecord::key, generated_key()), gen::set(&StoryRecord::value, generated_text()));
  return gen::map(gen::resize(12, gen::container<std::vector<StoryRecord>>(record)), with_keys_once);
}

rc::Gen<Plot> generated_plot() {
  const auto move = gen::build<Move>(gen::set(&Move::verb, any_below<uint8_t>(8)), gen::set(&Move::argument, any_below<uint8_t>(255)));
  const auto mischief = gen::build<Mischief>(gen::set(&Mischief::kind, any_below<uint8_t>(255)), gen::set(&Mischief::position, any_below<uint32_t>(1 << 16)), gen::set(&Mischief::detail, any_below<uint32_t>(1 << 20)));
  // One record in a few stories is a megabyte: what is slow to carry is not carried everywhere.
  const auto records = gen::apply(
      [](std::vector<StoryRecord> list, int large) {
        if (large == 0) list.push_back({"56-Large", "\"" + std::string(1 << 20, 'y') + "\""});
        return list;
      },
      generated_records(), any_below(24));
  return gen::build<Plot>(gen::set(&Plot::records, records), gen::set(&Plot::moves, gen::resize(8, gen::nonEmpty(gen::container<std::vector<Move>>(move)))),
                          gen::set(&Plot::kinds, gen::map(any_below<uint8_t>(127), [](uint8_t mask) { return static_cast<uint8_t>(mask + 1); })), gen::set(&Plot::target, any_below<uint8_t>(2)),
                          gen::set(&Plot::faults, gen::resize(12, gen::container<std::vector<Mischief>>(12, mischief))));
}

rc::Gen<Walk> generated_walk() {
  const auto move = gen::build<Move>(gen::set(&Move::verb, any_below<uint8_t>(8)), gen::set(&Move::argument, any_below<uint8_t>(255)));
  // Of every ten steps five are not struck.
  const auto kind = gen::map(any_below(10), [](int n) { return n < 5 ? Strike::Kind::none : n == 5 ? Strike::Kind::everything_kept : n == 6 ? Strike::Kind::nothing_unsynced : n == 7 ? Strike::Kind::some_lost : Strike::Kind::death; });
  const auto strike = gen::build<Strike>(gen::set(&Strike::kind, kind), gen::set(&Strike::position, any_below<uint32_t>(1 << 16)), gen::set(&Strike::number, any_below<uint32_t>(1 << 20)));
  const auto step = gen::build<WalkStep>(gen::set(&WalkStep::move, move), gen::set(&WalkStep::strike, strike));
  const auto record = gen::build<StoryRecord>(gen::set(&StoryRecord::key, generated_key()), gen::set(&StoryRecord::value, generated_text()));
  return gen::build<Walk>(gen::set(&Walk::records, gen::map(gen::resize(4, gen::container<std::vector<StoryRecord>>(record)), with_keys_once)), gen::set(&Walk::target, any_below<uint8_t>(2)),
                          gen::set(&Walk::steps, gen::resize(24, gen::nonEmpty(gen::container<std::vector<WalkStep>>(step)))));
}

}  // namespace rollproof::drill
