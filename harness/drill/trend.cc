#include "harness/drill/trend.h"

#include <fmt/format.h>

namespace rollproof::drill {
namespace {

void say(const Error& error) { fmt::print(stderr, "rollproof-drill: {}; the drill goes on without it. {}\n", error.to_string(), error.hint); }

}  // namespace

Trend::Trend(const std::string& path) {
  if (path.empty()) return;
  auto opened = History::open(path);
  if (opened) history_.emplace(std::move(*opened));
  if (!opened) say(opened.error());
}

void Trend::copy_into(nlohmann::ordered_json& record) {
  if (!history_) return;
  auto runs = history_->comparable(record);
  if (runs) record["history"] = std::move(*runs);
  if (!runs) say(runs.error());
}

void Trend::add(const nlohmann::ordered_json& record) {
  if (!history_) return;
  if (auto added = history_->add(record); !added) say(added.error());
}

}  // namespace rollproof::drill
