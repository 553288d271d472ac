// Any bytes as a file with a story: an error that names the file, or a story that prints itself into one that is the same. The rest of the
// events' reader: any bytes as a line, an error or an event that is folded.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "harness/drill/events.h"
#include "harness/drill/random/walk.h"
#include "harness/drill/story.h"

using namespace rollproof;
using namespace rollproof::drill;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", what);
  std::abort();
}

void read_as_story(const std::string& text) {
  const auto story = Story::parse(text, "file.json");
  if (!story) {
    require(story.error().code == Code::invalid && story.error().path == "file.json" && !story.error().message.empty(), "a refusal says what and where");
    return;
  }
  const auto again = Story::parse(story->to_json(), "file.json");
  require(again.has_value(), "a printed story parses");
  require(again->to_json() == story->to_json() && again->cases == story->cases && again->records == story->records, "into the same one");
}

void read_as_walk(const std::string& text) {
  const auto walk = Walk::parse(text, "file.json");
  if (!walk) {
    require(walk.error().code == Code::invalid && walk.error().path == "file.json" && !walk.error().message.empty(), "a refusal says what and where");
    return;
  }
  const auto again = Walk::parse(walk->to_json(), "file.json");
  require(again.has_value() && *again == *walk, "a printed walk parses into the same one");
}

void read_as_events(const std::string& text) {
  std::vector<OrderedJson> events;
  for (size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    OrderedJson event = OrderedJson::parse(text.begin() + start, text.begin() + end, nullptr, false);
    if (event.is_object() && event.contains("event")) events.push_back(std::move(event));
  }
  auto told = fold_events(events);
  if (!told) return;
  for (const CellOutcome& cell : told->fold.take().cells) (void)cell.counts.adds_up();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("{\"walk\"")) {
    read_as_walk(text);
    return 0;
  }
  text.starts_with("{\"event\"") ? read_as_events(text) : read_as_story(text);
  return 0;
}

std::vector<std::string> rollproof_fuzz_seeds() {
  const std::string scenario = "copy.crash.forward.drain@leveldb>unified-json";
  return {
      R"~({"walk": {"target": 1, "records": [{"key_base64": "NTYtQQ==", "value_base64": "e30="}], "steps": [{"verb": 0, "argument": 9, "strike": "none"}, {"verb": 5, "argument": 1, "strike": "some lost", "position": 40000, "number": 7}]}})~",
      R"~({"name": "a", "drilled": ["migrate copy with 2 writes", "rollback source", "put 56-A 9", "batch 3 80"], "before": ["recover"], "faults": ["crash", "io-error"], "limit_minutes": {"copy": 3}})~",
      R"~({"name": "c", "records": [{"key": "k", "value": "{}"}, {"key_base64": "/w==", "value_base64": "AP8="}], "drilled": ["migrate cutover"], "exhaustive": true,
          "cases": ["crash(after 33, lose [4,7])", "io(at 5, read 3)", "death(after 4) then crash(after 9, keep none)", "memory(at 3, allocation 7)", "stall(at 5)"]})~",
      "{\"event\":\"story\",\"story\":\"a\"}\n{\"event\":\"planned\",\"story\":\"a\",\"cells\":[{\"id\":\"" + scenario +
          "\",\"planned\":3,\"run\":2,\"pruned\":1,\"excluded\":[{\"reason\":\"r\",\"count\":0}],\"target_ms\":5}]}\n{\"event\":\"case\",\"id\":\"" + scenario +
          "/a:crash(after 33)\",\"verdict\":\"failed\",\"category\":\"data_loss\",\"recovery_ms\":3,\"fired\":1,\"images\":2,\"violations\":[{\"promise\":1,\"what\":\"w\"}]}\n"
          "{\"event\":\"died\",\"story\":\"a\",\"execution\":\"crashed\",\"why\":\"w\",\"blames_library\":true}\n",
  };
}
