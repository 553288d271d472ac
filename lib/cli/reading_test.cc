#include "lib/cli/reading.h"

#include <gtest/gtest.h>

#include "lib/os/paths.h"
#include "lib/os/scratch_directory.h"
#include "lib/store/store.h"

namespace rollproof::cli {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

constexpr int kDamaged = static_cast<int>(ExitCode::needs_person);
constexpr int kLocked = static_cast<int>(ExitCode::locked);

// A folder with a source, a look that counts itself, and somebody else who comes by.
class ReadingTest : public testing::Test {
 protected:
  ReadingTest() {
    auto opened = store::open(context.world(), {"leveldb", scratch / "db"}, {.create = true});
    EXPECT_TRUE(opened && (*opened)->close());
    context.config_path = scratch / "rollproof.json";
    context.command = "rollproof get";
    EXPECT_TRUE(os::replace_file(context.world().files, context.config_path, migrate::render_config({"leveldb", "db"}, {"unified-json", "out"})));
    put("56-First");
  }
  std::unique_ptr<migrate::Session> come() {
    auto session = migrate::Session::open(context.world(), context.config_path, {});
    EXPECT_TRUE(session) << session.error().to_string();
    return std::move(*session);
  }
  void put(const std::string& key) {
    auto session = come();
    auto router = session->need_router();
    ASSERT_TRUE(router) << router.error().to_string();
    EXPECT_TRUE((*router)->write({{record::Change::Kind::put, key, "1"}}));
    EXPECT_TRUE(session->close());
  }
  int say_damaged() { return context.finish({Code::corruption, "the store is gone", "db", "roll back"}, ExitCode::needs_person); }
  // Runs it, and keeps what was printed.
  int run(const std::function<int()>& look) {
    CaptureStdout();
    CaptureStderr();
    const int code = look_alone(context, [&] {
      ++looks;
      return look();
    });
    out = GetCapturedStdout();
    err = GetCapturedStderr();
    return code;
  }
  os::ScratchDirectory scratch;
  Context context;
  int looks = 0;
  std::string out, err;
};

TEST_F(ReadingTest, LooksOnce_WhenNobodyComes) {
  EXPECT_EQ(run([&] {
    context.print(Json(), "1\n");
    return 0;
  }), 0);
  EXPECT_EQ(out, "1\n");
  EXPECT_EQ(run([&] { return say_damaged(); }), kDamaged) << "what is really damaged is said, and at once";
  EXPECT_NE(err.find("the store is gone"), std::string::npos) << err;
  EXPECT_EQ(looks, 2);
}

TEST_F(ReadingTest, LooksAgain_WhenSomebodyHasWrittenMeanwhile) {
  EXPECT_EQ(run([&] {
    if (looks > 1) {
      context.print(Json(), "the newest\n");
      return 0;
    }
    put("56-New");
    return say_damaged();
  }), 0);
  EXPECT_EQ(looks, 2);
  EXPECT_EQ(out, "the newest\n");
  EXPECT_EQ(err, "") << "a false alarm is not printed";
}

TEST_F(ReadingTest, SaysThatSomebodyWrites_AndNothingElse_WhenThatNeverEnds) {
  for (const bool json : {false, true}) {
    looks = 0;
    context.json = json;
    EXPECT_EQ(run([&] {
      context.print(Json(), "nothing found\n");
      put("56-" + std::to_string(looks));
      return looks % 2 == 0 ? 0 : say_damaged();
    }), kLocked);
    EXPECT_EQ(looks, kLooks);
    EXPECT_EQ((out + err).find("nothing found"), std::string::npos) << out;
    EXPECT_EQ((out + err).find("roll back"), std::string::npos) << err;
    EXPECT_NE(err.find("Run it again"), std::string::npos) << err;
    if (json) {
      EXPECT_EQ(Json::parse(out, nullptr, false).value("exit_code", 0), kLocked) << out;
    }
  }
}

TEST_F(ReadingTest, NamesWhoCameAndIsStillThere) {
  std::unique_ptr<migrate::Session> other;
  EXPECT_EQ(run([&] {
    if (!other) other = come();
    return say_damaged();
  }), kLocked);
  EXPECT_NE(err.find("held by pid"), std::string::npos) << err;
  EXPECT_EQ(err.find("the store is gone"), std::string::npos) << err;
  EXPECT_TRUE(other->close());
}

TEST_F(ReadingTest, BesideSomebodyAtWork_CountsOnlyWhatIsNoVerdictOnData) {
  const auto other = come();
  EXPECT_EQ(run([&] {
    context.print(Json(), "held by another\n");
    return 27;
  }), 27);
  EXPECT_EQ(out, "held by another\n");
  EXPECT_EQ(looks, 1);
  EXPECT_EQ(run([&] {
    const auto free = check_nobody_writes(context);
    return free ? 0 : context.finish(free.error());
  }), kLocked);
  EXPECT_EQ(looks, 2) << "who is at work for an hour is named at once";
  EXPECT_EQ(run([&] { return say_damaged(); }), kLocked);
  EXPECT_EQ(err.find("the store is gone"), std::string::npos) << err;
  EXPECT_TRUE(other->close());
}

TEST_F(ReadingTest, DoesNotLookAgain_WhenHalfOfItIsOutAlready) {
  EXPECT_EQ(run([&] {
    context.output.stream(std::string(Output::kHeldBytesMax, 'x'));
    put("56-New");
    context.output.stream("the rest");
    return say_damaged();
  }), kLocked);
  EXPECT_EQ(looks, 1);
  EXPECT_EQ(out, std::string(Output::kHeldBytesMax, 'x'));
  EXPECT_NE(err.find("two moments"), std::string::npos) << err;
}

TEST_F(ReadingTest, LeavesABadConfigurationToTheCommand) {
  context.config_path = scratch / "nothing.json";
  EXPECT_EQ(run([] { return 2; }), 2);
  EXPECT_EQ(looks, 1);
}

}  // namespace
}  // namespace rollproof::cli
