#include "lib/report/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/report/drilled.h"
#include "lib/report/occurrence.h"

namespace rollproof::report {
namespace {

constexpr uint64_t kWritesMax = 3;  // enough for every order of a put, a change and a delete
constexpr std::array<std::string_view, 3> kStores = {"leveldb", "network-json", "unified-json"};

std::string name_of_story(const std::string& incident) {
  std::string name = "incident-";
  for (const char c : incident.substr(std::string_view("INC-").size())) name += (c >= '0' && c <= '9') || c == '-' ? c : '-';
  return name;
}

std::string migrate_through(Phase phase, uint64_t writes) {
  std::string command = fmt::format("migrate {}", name_of(phase));
  if (phase != Phase::validate && writes > 0) command += fmt::format(" with {} writes", std::min(writes, kWritesMax));
  return command;
}

// The kinds of faults that make a drill of what happened. Empty: all of them.
std::vector<std::string> faults_for(const Occurrence& one) {
  if (one.fault == "process-death") return {"process-death", "crash", "second-crash"};
  for (const char* kind : {"corruption", "memory", "io-error", "intruder"}) {
    if (one.fault == kind) return {kind};
  }
  return {};
}

}  // namespace

Result<std::string> scenario_of(const Incident& incident) {
  if (incident.migration == nullptr) return fail(Code::invalid, "the journal does not tell which migration was rolled back");
  const std::string stores = stores_of(*incident.migration);
  const std::string source = stores.substr(0, stores.find('>')), target = stores.substr(stores.find('>') + 1);
  for (const std::string& kind : {source, target}) {
    if (std::find(kStores.begin(), kStores.end(), kind) == kStores.end()) return fail(Code::refused, fmt::format("no story has a store of kind {} yet", kind), "", "Drill it on your own stores: `rollproof-drill run --config rollproof.json`.");
  }
  const Operation& rollback = *incident.rollback;
  const Occurrence& worst = incident.occurrences.front();
  const uint64_t writes = incident.migration->writes.value_or(kWritesMax);
  Json story{{"name", name_of_story(incident.id())}, {"about", fmt::format("{}: {}", incident.id(), to_text(worst))}};
  if (source == "network-json") story["fixture"] = "network-files";
  story["source"] = source;
  story["target"] = target;
  const auto phase = migrate::phase_named(worst.phase);
  const std::string back = fmt::format("rollback {}", rollback.goal);
  if (worst.direction == "forward" && phase) {
    const auto before = std::find(migrate::kPhases.begin(), migrate::kPhases.end(), *phase);
    if (before != migrate::kPhases.begin()) story["before"] = Json::array({migrate_through(*std::prev(before), writes)});
    story["drilled"] = Json::array({fmt::format("migrate {}", worst.phase), back});
    story["goes_on"] = true;  // what the fault leaves is what the rollback has to cope with
  } else {
    story["before"] = Json::array({migrate_through(rollback.phase, writes)});
    if (rollback.phase != Phase::validate && writes > 0) story["before"].push_back("put 56-New 90");
    story["drilled"] = Json::array({back});
  }
  if (const auto faults = faults_for(worst); !faults.empty()) story["faults"] = faults;
  return story.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace rollproof::report
