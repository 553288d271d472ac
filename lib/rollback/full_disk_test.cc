// A disk is full that only the store that does not answer is on: whoever migrates or goes back hears it, and users' writes go on.
#include <gtest/gtest.h>

#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

// Takes nothing new below one folder.
class FullDisk final : public os::FileSystem {
 public:
  explicit FullDisk(os::FileSystem& below) : below_(below) {}
  std::string full;  // empty: it is not

  Result<std::unique_ptr<os::File>> open_read(const std::string& path) override { return below_.open_read(path); }
  Result<std::unique_ptr<os::File>> open_write(const std::string& path) override { return below_.open_write(path); }
  Result<std::unique_ptr<os::File>> create(const std::string& path) override {
    ROLLPROOF_TRY(room_for(path));
    return below_.create(path);
  }
  Result<std::unique_ptr<os::File>> create_new(const std::string& path) override {
    ROLLPROOF_TRY(room_for(path));
    return below_.create_new(path);
  }
  Status rename(const std::string& from, const std::string& to) override { return below_.rename(from, to); }
  Status remove(const std::string& path) override { return below_.remove(path); }
  Status make_directory(const std::string& path) override {
    ROLLPROOF_TRY(room_for(path));
    return below_.make_directory(path);
  }
  Status remove_directory(const std::string& path) override { return below_.remove_directory(path); }
  Status sync_directory(const std::string& path) override { return below_.sync_directory(path); }
  Result<os::Info> stat(const std::string& path) override { return below_.stat(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override { return below_.list(directory); }
  Result<uint64_t> free_bytes(const std::string& path) override { return below_.free_bytes(path); }
  Status take_access(const std::string& path, const std::string& like) override { return below_.take_access(path, like); }
  Result<std::string> behind_links(const std::string& path) override { return below_.behind_links(path); }
  Result<std::unique_ptr<os::FileLock>> lock(const std::string& path, const std::string& holder) override { return below_.lock(path, holder); }
  Result<std::optional<std::string>> lock_holder(const std::string& path) override { return below_.lock_holder(path); }

 private:
  Status room_for(const std::string& path) const {
    if (full.empty() || !path.starts_with(full + "/")) return {};
    return fail(Code::no_space, "no space left on the device", path);
  }

  os::FileSystem& below_;
};

class StoresDiskIsFull : public ::testing::Test {
 protected:
  Status in_session(const std::function<Status(Session&)>& work) {
    ROLLPROOF_ASSIGN(auto session, Session::open(world_, given.config(), {}));
    auto outcome = work(*session);
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status put(const std::string& key) {
    return in_session([&](Session& session) -> Status {
      ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router(migrate::Opens::what_answers));
      return router->write({{record::Change::Kind::put, key, "{}"}});
    });
  }
  Status rollback_to(std::optional<Phase> to) {
    return in_session([&](Session& session) { return rollback(session, {to, "test"}); });
  }

  Workspace given{"leveldb:out"};
  FullDisk disk{given.world().files};

 private:
  os::World world_{disk, given.world().clock, given.world().memory, given.world().identity, true};
};

TEST_F(StoresDiskIsFull, WritesGoOn_WhereARollbackFindsNoRoom) {
  for (const std::optional<Phase> to : {std::optional<Phase>(), std::optional<Phase>(Phase::copy)}) {
    ASSERT_TRUE(given.migrate_through(Phase::cutover));
    disk.full = given.source();
    const auto back = rollback_to(to);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, Code::no_space);
    const auto written = put("56-Meanwhile");
    ASSERT_TRUE(written) << written.error().to_string();
    disk.full.clear();
    ASSERT_TRUE(rollback_to(to));
    if (to) continue;
    Records records = given.original;
    records["56-Meanwhile"] = "{}";
    expect_as_before(given, records);
  }
}

TEST_F(StoresDiskIsFull, WritesGoOn_WhereAMigrationFillsTheTarget) {
  disk.full = given.target();
  const auto forward = in_session([](Session& session) { return migrate::migrate(session, {Phase::cutover, "test"}); });
  ASSERT_FALSE(forward);
  EXPECT_EQ(forward.error().code, Code::no_space);
  const auto written = put("56-Meanwhile");
  ASSERT_TRUE(written) << written.error().to_string();
  disk.full.clear();
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  Records records = given.original;
  records["56-Meanwhile"] = "{}";
  EXPECT_EQ(given.read("leveldb", given.source()), records);
  EXPECT_EQ(given.read("leveldb", given.target()), records);
}

TEST_F(StoresDiskIsFull, ARollbackThatWasInterruptedWaitsForRoom) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(in_session([](Session& session) { return migrate::begin_operation(session, {{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op-1"}, {"to", "source"}, {"reason", "test"}}); }));
  disk.full = given.source();
  ASSERT_TRUE(given.look().operation);
  EXPECT_FALSE(in_session([](Session& session) { return resume_rollback(session); }));
  EXPECT_TRUE(given.look().operation);
  disk.full.clear();
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  expect_as_before(given, given.original);
}

}  // namespace
}  // namespace rollproof::rollback
