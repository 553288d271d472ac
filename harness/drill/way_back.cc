#include "harness/drill/way_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/drill/story.h"
#include "harness/subject/library.h"
#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/rollback/rollback.h"

namespace rollproof::drill {
namespace {

using migrate::Phase;

class Timing {
 public:
  Timing(os::World& world, const OwnStores& own, const std::string& scratch) : world_(world), own_(own), scratch_(scratch) {}

  Result<std::vector<WayBack>> all() {
    std::vector<WayBack> ways;
    for (const Phase phase : migrate::kPhases) {
      ROLLPROOF_ASSIGN(WayBack way, one(phase, false));
      ways.push_back(std::move(way));
    }
    if (tells_of_damage(own_)) {
      ROLLPROOF_ASSIGN(WayBack way, one(Phase::cutover, true));
      ways.push_back(std::move(way));
    }
    return ways;
  }

 private:
  // A migration of a fresh copy, some writes of a user, and the rollback, which alone is timed.
  Result<WayBack> one(Phase phase, bool damaged) {
    ROLLPROOF_TRY(os::remove_tree(world_.files, scratch_));
    ROLLPROOF_TRY(os::make_directories(world_.files, scratch_));
    sim::Image start = own_.ground.start;
    start.put(own_.ground.options.places.config, own_.lenient_config);
    ROLLPROOF_TRY(start.write_to(world_.files, scratch_));
    ROLLPROOF_TRY(in_session([&](migrate::Session& session) -> Status {
      ROLLPROOF_TRY(migrate::migrate(session, {phase, "to time the way back"}));
      return phase == Phase::validate ? Status() : write(session);
    }));
    if (damaged) {
      ROLLPROOF_TRY(subject::damage_largest_file(world_.files, os::join(scratch_, own_.ground.options.places.source)));
    }
    const int64_t began = world_.clock.monotonic_ms();
    ROLLPROOF_TRY(in_session([](migrate::Session& session) { return rollback::rollback(session, {.reason = "to time it"}); }));
    const std::string name(name_of(phase));
    return WayBack{.phase = name,
                   .source_damaged = damaged,
                   .measured_ms = world_.clock.monotonic_ms() - began,
                   .records = own_.drilled_records,
                   .file_bytes = own_.drilled_bytes,
                   .records_projected = own_.records,
                   .file_bytes_projected = own_.file_bytes,
                   .limit_ms = Story().limit_minutes.at(name) * 60'000ll};
  }

  Status in_session(const std::function<Status(migrate::Session&)>& work) {
    migrate::SessionOptions options;
    options.ledger.command = "drill";
    options.accept_ordinary_damage = own_.ground.options.accept_ordinary_damage;
    ROLLPROOF_ASSIGN(auto session, migrate::Session::open(world_, os::join(scratch_, own_.ground.options.places.config), options));
    auto outcome = work(*session);
    auto closed = session->close();
    return outcome ? closed : outcome;
  }

  Status write(migrate::Session& session) {
    ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router());
    record::Batch batch;
    for (const std::string& key : {own_.new_key, own_.second_key, own_.ground.options.keys.existing}) {
      batch.push_back({record::Change::Kind::put, key, subject::generated_value(1, key, batch.size(), 200)});
    }
    return router->write(batch);
  }

  os::World& world_;
  const OwnStores& own_;
  const std::string& scratch_;
};

std::string time_words(int64_t ms) {
  if (ms < 60'000) return fmt::format("{:.2f} s", static_cast<double>(ms) / 1000);
  return fmt::format("{:.1f} min", static_cast<double>(ms) / 60'000);
}

}  // namespace

double WayBack::factor() const {
  const auto ratio = [](uint64_t whole, uint64_t part) { return part == 0 ? 1.0 : static_cast<double>(whole) / static_cast<double>(part); };
  return std::max({1.0, ratio(records_projected, records), ratio(file_bytes_projected, file_bytes)});
}

int64_t WayBack::projected_ms() const { return static_cast<int64_t>(std::ceil(static_cast<double>(measured_ms) * factor())); }

Result<std::vector<WayBack>> measure_way_back(os::World& world, const OwnStores& own, const std::string& scratch) {
  auto ways = Timing(world, own, scratch).all();
  ROLLPROOF_TRY(os::remove_tree(world.files, scratch));
  return ways;
}

nlohmann::ordered_json to_json(const WayBack& way) {
  using Json = nlohmann::ordered_json;
  return Json{{"projected_ms", way.projected_ms()},
              {"limit_ms", way.limit_ms},
              {"within_limit", way.within_limit()},
              {"source_damaged", way.source_damaged},
              {"of", Json{{"records", way.records_projected}, {"file_bytes", way.file_bytes_projected}}},
              {"basis", Json{{"what", "the real rollback of a copy down to the source, on a real disk with every sync, by the real clock; without your own checks"},
                             {"measured_ms", way.measured_ms},
                             {"records", way.records},
                             {"file_bytes", way.file_bytes},
                             {"factor", way.factor()}}}};
}

std::string to_text(const std::vector<WayBack>& ways) {
  if (ways.empty()) return "";
  const WayBack& any = ways.front();
  std::string text = fmt::format("time back to the source, projected onto your {} records ({} bytes) from rollbacks of a copy of {} records ({} bytes) on this disk:\n", any.records_projected,
                                 any.file_bytes_projected, any.records, any.file_bytes);
  for (const WayBack& way : ways) {
    text += fmt::format("  {} from {:<30} projected {:<9} limit {:<8} (measured {}, factor {:.2f})\n", way.within_limit() ? "✓" : "✗", way.phase + (way.source_damaged ? ", source damaged" : ""),
                        time_words(way.projected_ms()), fmt::format("{} min", way.limit_ms / 60'000), time_words(way.measured_ms), way.factor());
  }
  return text;
}

}  // namespace rollproof::drill
