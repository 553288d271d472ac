// The ground of this room's tests: a workspace on a real disk, and commands as a person gives them. Only tests include this.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"
#include "lib/rollback/rollback.h"

namespace rollproof::rollback {

using migrate::Phase;
using migrate::Session;
using Records = std::map<std::string, std::string>;

// A workspace on a real disk: a LevelDB with a few records, a configuration, and commands as a person gives them.
class Workspace {
 public:
  explicit Workspace(const std::string& target = "unified-json:out") : target_(target) {
    auto opened = store::open(world(), {"leveldb", source()}, {.create = true});
    EXPECT_TRUE(opened) << opened.error().to_string();
    for (const auto& [key, value] : original) EXPECT_TRUE((*opened)->apply({{record::Change::Kind::put, key, value}}));
    EXPECT_TRUE((*opened)->close());
    EXPECT_TRUE(os::replace_file(world().files, config(), migrate::render_config({"leveldb", "db"}, *store::parse_where(target_))));
    config_text = *os::read_file(world().files, config());
  }

  os::World& world() { return posix_.world(); }
  std::string source() const { return scratch_ / "db"; }
  std::string target() const { return scratch_ / "out"; }
  std::string config() const { return scratch_ / "rollproof.json"; }
  std::string state(const char* name) const { return scratch_ / ".rollproof/" + name; }

  Status in_session(const std::function<Status(Session&)>& work) {
    ROLLPROOF_ASSIGN(auto session, Session::open(world(), config(), {}));
    auto outcome = work(*session);
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status migrate_through(Phase phase) {
    return in_session([&](Session& session) { return migrate::migrate(session, {phase, "test"}); });
  }
  Status rollback_to(std::optional<Phase> to) {
    return in_session([&](Session& session) { return rollback(session, {to, "test"}); });
  }
  Status put(const std::string& key, const std::string& value) {
    return in_session([&](Session& session) -> Status {
      ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router(migrate::Opens::what_answers));
      return router->write({{record::Change::Kind::put, key, value}});
    });
  }
  Records read(const std::string& kind, const std::string& path) {
    Records records;
    auto opened = store::open_read_only(world(), {kind, path}, {});
    EXPECT_TRUE(opened) << opened.error().to_string();
    if (!opened) return records;
    auto cursor = (*opened)->scan();
    EXPECT_TRUE(cursor);
    record::Record record;
    for (;;) {
      auto more = (*cursor)->next(record);
      EXPECT_TRUE(more) << more.error().to_string();
      if (!more || !*more) return records;
      records[record.key] = record.value;
    }
  }
  migrate::State look() {
    auto config_read = migrate::read_config(world().files, config());
    EXPECT_TRUE(config_read);
    auto view = migrate::view_ledger(world(), *config_read);
    EXPECT_TRUE(view) << view.error().to_string();
    return view ? view->state : migrate::State{};
  }
  bool is_there(const std::string& path) { return *os::exists(world().files, path); }

  const Records original = {{"56-LookCoin", R"({"a":0.10})"}, {"97-SupplyOracle", R"({"b": 1e400})"}, {"odd", "\xff\x00 not JSON"}};
  std::string config_text;

 private:
  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  std::string target_;
};

inline void expect_as_before(Workspace& given, const Records& expected) {
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
  EXPECT_FALSE(given.is_there(given.target()));
  EXPECT_EQ(*os::read_file(given.world().files, given.config()), given.config_text);
  EXPECT_FALSE(given.is_there(given.state("lock")));
  EXPECT_FALSE(given.is_there(given.state("reserve")));
  EXPECT_FALSE(given.look().active);
}

}  // namespace rollproof::rollback
