#include "harness/drill/case_numbers.h"

namespace rollproof::drill {

using Json = nlohmann::ordered_json;

Json to_json(const RecoveryParts& parts) { return Json{{"detect", parts.detect}, {"decide", parts.decide}, {"undo", parts.undo}, {"verify", parts.verify}}; }

Json to_json(const check::Integrity& numbers) {
  return Json{{"checked", numbers.checked}, {"missing", numbers.missing}, {"extra", numbers.extra}, {"changed", numbers.changed}, {"duplicated", numbers.duplicated}};
}

RecoveryParts parts_from(const Json& json) {
  return {json.at("detect").get<int64_t>(), json.at("decide").get<int64_t>(), json.at("undo").get<int64_t>(), json.at("verify").get<int64_t>()};
}

check::Integrity integrity_from(const Json& json) {
  return {json.at("checked").get<uint64_t>(), json.at("missing").get<uint64_t>(), json.at("extra").get<uint64_t>(), json.at("changed").get<uint64_t>(), json.at("duplicated").get<uint64_t>()};
}

}  // namespace rollproof::drill
