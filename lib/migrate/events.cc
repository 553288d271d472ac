#include "lib/migrate/events.h"

namespace rollproof::migrate {

journal::NewEntry control(const Json& event) {
  // Bytes that are not UTF-8 (a path, a reason) are replaced rather than refused: the event must not get lost.
  return {journal::EntryKind::control, event.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Json to_json(const store::Fingerprint& fingerprint) {
  Json list = Json::array();
  for (const auto& file : fingerprint.files) list.push_back(Json::array({file.name, file.size, file.sha256}));
  return list;
}

store::Fingerprint fingerprint_from(const Json& json) {
  store::Fingerprint fingerprint;
  for (const auto& file : json) {
    fingerprint.files.push_back({file.at(0).get<std::string>(), file.at(1).get<uint64_t>(), file.at(2).get<std::string>()});
  }
  return fingerprint;
}

bool is_end_of(const Json& event, const std::string& migration) {
  return event.is_object() && event.value("type", std::string()) == "migration_end" && event.value("migration", std::string()) == migration;
}

}  // namespace rollproof::migrate
