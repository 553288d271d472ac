#include "harness/drill/own_report.h"

#include <fmt/format.h>

namespace rollproof::drill {

using Json = nlohmann::ordered_json;

nlohmann::ordered_json subject_json(const OwnStores& own, const std::string& after) {
  Json json{{"kind", "own stores"}, {"config", own.config.path}, {"source", own.config.source_text}, {"target", own.config.target_text}};
  json["found"] = Json{{"files", own.files}, {"file_bytes", own.file_bytes}, {"records", own.records}, {"record_bytes", own.record_bytes}, {"spaces", own.spaces}};
  json["drilled"] = Json{{"whole", own.whole}, {"records", own.drilled_records}, {"file_bytes", own.drilled_bytes}};
  json["left_out"] = own.left_out;
  json["originals"] = Json{{"sha256_before", own.sha256}, {"sha256_after", after}, {"unchanged", after == own.sha256}};
  return json;
}

std::string subject_text(const OwnStores& own, const std::string& after) {
  std::string text = fmt::format("drilled on a copy of {}: ", own.config.source_text);
  text += own.whole ? fmt::format("all {} records ({} files, {} bytes)\n", own.records, own.files, own.file_bytes)
                    : fmt::format("a sample of {} of {} records ({} of {} bytes); the others were read and not drilled\n", own.drilled_records, own.records, own.drilled_bytes, own.file_bytes);
  for (const std::string& what : own.left_out) text += fmt::format("  left out: {}\n", what);
  text += after == own.sha256 ? fmt::format("the originals are as they were: sha256 {} before and after\n", own.sha256)
                              : fmt::format("! the originals were changed by another program meanwhile: sha256 {} before, {} after (the drill only reads them)\n", own.sha256, after);
  return text;
}

}  // namespace rollproof::drill
