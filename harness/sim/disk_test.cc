#include "harness/sim/disk.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>

#include "harness/sim/sim_world.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::sim {
namespace {

std::string outcome_of(const Error& error) { return std::string(name_of(error.code)) + ": " + error.message.substr(error.message.rfind(": ") + 1); }
std::string outcome_of(const Status& status) { return status ? "ok" : outcome_of(status.error()); }

// One file system under a folder of its own, driven by numbers. Two drivers fed the same numbers must tell the same story.
class Driver {
 public:
  Driver(os::FileSystem& files, std::string root) : files_(files), root_(std::move(root)) {}

  std::string step(uint64_t seed) {
    const auto pick = [&](uint64_t bound) { return (seed = scramble(seed)) % bound; };
    const std::string a = path(pick(14));
    const std::string b = path(pick(14));
    const auto in = [&](const std::string& text) { return text + " " + a.substr(root_.size()) + " " + b.substr(root_.size()) + " = "; };
    switch (pick(22)) {
      case 0: return in("create") + opened(files_.create(a));
      case 1: return in("create_new") + opened(files_.create_new(a));
      case 2: return in("open_read") + opened(files_.open_read(a));
      case 3: return in("open_write") + opened(files_.open_write(a));
      case 4:
      case 5: return in("rename") + outcome_of(files_.rename(a, b));
      case 6: return in("remove") + outcome_of(files_.remove(a));
      case 7:
      case 8: return in("make_directory") + outcome_of(files_.make_directory(a));
      case 9: return in("remove_directory") + outcome_of(files_.remove_directory(a));
      case 10: return in("sync_directory") + outcome_of(files_.sync_directory(a));
      case 11: return in("stat") + described(files_.stat(a));
      case 12: return in("list") + listed(files_.list(a));
      case 13: {
        const auto one = files_.stat(a);
        const auto two = files_.stat(b);
        return in("same") + (one && two ? (one->identity == two->identity ? "yes" : "no") : "-");
      }
      default: break;
    }
    if (open_.empty()) return "nothing open";
    const size_t index = pick(open_.size());
    os::File& file = *open_[index];
    const uint64_t offset = pick(4) == 0 ? pick(3) * 4096 : pick(9000);
    switch (pick(8)) {
      case 0:
      case 1:
      case 2: return "write = " + outcome_of(file.write_at(offset, std::string(pick(5000), static_cast<char>('a' + pick(26)))));
      case 3: return "truncate = " + outcome_of(file.truncate(offset));
      case 4: return "preallocate = " + outcome_of(file.preallocate(offset));
      case 5: return "sync = " + outcome_of(file.sync());
      case 6: {
        std::string bytes(pick(6000), 'x');
        const auto got = file.read_at(offset, bytes);
        if (!got) return "read = " + outcome_of(got.error());
        return "read = " + std::to_string(*got) + " " + digest_of(bytes.substr(0, *got)).hex() + " of " + std::to_string(file.size().value());
      }
      default: {
        const std::string result = "close = " + outcome_of(file.close());
        open_.erase(open_.begin() + static_cast<ptrdiff_t>(index));
        return result;
      }
    }
  }

 private:
  std::string path(uint64_t number) const {
    static const char* const names[] = {"a", "b", "d", "e", "d/a", "d/b", "d/d", "e/a", "e/d", "d/d/a", "a/b", "d/d/d", "", "d/d/b"};
    return number == 12 ? root_ : os::join(root_, names[number]);
  }
  std::string opened(Result<std::unique_ptr<os::File>> file) {
    if (!file) return outcome_of(file.error());
    if (open_.size() < 6) open_.push_back(std::move(*file));
    return "ok";
  }
  static std::string described(const Result<os::Info>& info) {
    if (!info) return outcome_of(info.error());
    return std::to_string(static_cast<int>(info->kind)) + " " + std::to_string(info->size);
  }
  static std::string listed(const Result<std::vector<std::string>>& names) {
    if (!names) return outcome_of(names.error());
    std::string all;
    for (const std::string& name : *names) all += name + ",";
    return all;
  }

  os::FileSystem& files_;
  const std::string root_;
  std::vector<std::unique_ptr<os::File>> open_;
};

std::string fresh_folder() {
  std::string path = testing::TempDir() + "sim_disk_XXXXXX";
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

TEST(SimDisk, AnswersAsPosixDoes_WhateverIsAsked) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    os::PosixFileSystem real;
    SimDisk simulated;
    const std::string folder = fresh_folder();
    ASSERT_TRUE(simulated.make_directory("/r"));
    // Keeps the root from being removed.
    ASSERT_TRUE(real.make_directory(folder + "/kept") && simulated.make_directory("/r/kept"));
    {
      Driver on_real(real, folder);
      Driver on_simulated(simulated, "/r");
      std::string story;
      for (uint64_t i = 0; i < 300; ++i) {
        const std::string expected = on_real.step(seed * 1000 + i);
        story += expected + "\n";
        ASSERT_EQ(on_simulated.step(seed * 1000 + i), expected) << "seed " << seed << " step " << i << "\n" << story;
      }
    }
    const auto image = Image::load(real, folder);
    ASSERT_TRUE(image) << image.error().to_string();
    const auto same = Image::load(simulated, "/r");
    ASSERT_TRUE(same);
    EXPECT_EQ(image->to_string(), same->to_string());
    EXPECT_EQ(*image, *same);
    // Replaying the trace gives the same disk as living it.
    EXPECT_EQ(simulated.after_process_death(simulated.operations())->now(), simulated.now());
    ASSERT_TRUE(os::remove_tree(real, folder));
  }
}

TEST(SimDisk, KeepsAnUnlinkedOpenFileUsable) {
  SimDisk disk(Image().put("a", "first").put("b", "second"));
  const auto a = disk.open_write("a").value();
  ASSERT_TRUE(disk.rename("b", "a"));
  ASSERT_TRUE(a->write_at(5, "!"));
  std::string bytes(10, '\0');
  EXPECT_EQ(a->read_at(0, bytes).value(), 6u);
  EXPECT_EQ(disk.now().read("a").value(), "second");
}

TEST(SimDisk, RecordsEveryCallInOrder_WithContextAndMarks) {
  SimDisk disk;
  disk.set_context("copy");
  const auto file = disk.create("f").value();
  ASSERT_TRUE(file->write_at(3, "abc"));
  disk.mark("ack 17");
  ASSERT_TRUE(disk.stat("f"));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(disk.remove("f"));
  EXPECT_FALSE(disk.remove("f"));
  EXPECT_EQ(disk.trace().to_string(),
            "0 create f [copy]\n1 write f 3 bytes at 3 [copy]\n-- ack 17\n- stat f [copy]\n2 sync f [copy]\n3 remove f [copy]\n- remove f FAILED [copy]\n");
  EXPECT_EQ(disk.operations(), 4u);
  EXPECT_EQ(disk.calls(), 6u);
}

std::optional<InjectedError> at(const Operation& operation, uint64_t ordinal, InjectedError error) {
  if (!operation.mutating || operation.ordinal != ordinal) return std::nullopt;
  return error;
}

TEST(SimDisk, FailsACallWithoutPartialOrWholeEffect_AsTheHookSays) {
  using Effect = InjectedError::Effect;
  for (const auto& [effect, expected] : {std::pair{Effect::none, "old"}, {Effect::part, "neld"}, {Effect::whole, "newer"}}) {
    SimDisk disk(Image().put("f", effect == Effect::part ? "oold" : "old"));
    disk.set_fault_hook([effect = effect](const Operation& o) { return at(o, 0, {.code = Code::no_space, .effect = effect, .bytes = 2}); });
    const Status status = disk.open_write("f").value()->write_at(0, "newer");
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::no_space);
    EXPECT_EQ(disk.now().read("f").value(), expected);
    EXPECT_EQ(disk.hook_fired(), 1u);
    EXPECT_EQ(disk.operations(), 1u);
    EXPECT_EQ(disk.after_process_death(1)->now(), disk.now());
  }
}

TEST(SimDisk, EndsTheProcess_AndNothingOfItReachesTheDiskAfterwards) {
  for (const auto death : {InjectedError::Death::throws, InjectedError::Death::freezes}) {
    for (const auto effect : {InjectedError::Effect::none, InjectedError::Effect::whole}) {
      SimDisk disk(Image().put("f", "old"));
      auto lock = disk.lock("lock", "one").value();
      const uint64_t before = disk.operations();
      disk.set_fault_hook([&](const Operation& o) { return at(o, before, {.effect = effect, .death = death}); });
      const auto file = disk.open_write("f").value();
      bool thrown = false;
      try {
        EXPECT_FALSE(file->write_at(0, "new"));
      } catch (const ProcessDied& died) {
        thrown = true;
        EXPECT_EQ(died.ordinal, before);
      }
      EXPECT_EQ(thrown, death == InjectedError::Death::throws);
      EXPECT_FALSE(disk.process_alive());
      EXPECT_FALSE(file->write_at(0, "zzz"));
      EXPECT_FALSE(disk.remove("f"));
      disk.set_fault_hook(nullptr);
      disk.kill_process();
      EXPECT_FALSE(file->write_at(0, "zzz"));
      EXPECT_EQ(disk.now().read("f").value(), effect == InjectedError::Effect::none ? "old" : "new");
      auto next = disk.lock("lock", "two");
      ASSERT_TRUE(next) << next.error().to_string();
      lock.reset();  // the dead one's lock frees nothing
      EXPECT_FALSE(disk.lock("lock", "three"));
    }
  }
}

TEST(SimDisk, TampersWithWhatIsRead_AndMisdirectsWrites) {
  SimDisk disk(Image().put("f", "abcdef"));
  disk.set_fault_hook([](const Operation& operation) -> std::optional<InjectedError> {
    if (operation.call == Call::read) return InjectedError{.tamper = [](uint64_t, std::span<char> bytes) { bytes[1] ^= 1; }};
    if (operation.call == Call::write) return InjectedError{.misdirected_to = 4};
    return std::nullopt;
  });
  const auto file = disk.open_write("f").value();
  std::string bytes(6, '\0');
  EXPECT_EQ(file->read_at(0, bytes).value(), 6u);
  EXPECT_EQ(bytes, "accdef");
  EXPECT_TRUE(file->write_at(0, "XY"));
  EXPECT_EQ(disk.now().read("f").value(), "abcdXY");
  EXPECT_EQ(disk.hook_fired(), 2u);
}

TEST(SimDisk, LetsASecondActorInBeforeACall) {
  SimDisk disk(Image().put("f", "x"));
  bool entered = false;
  disk.set_fault_hook([&](const Operation& operation) -> std::optional<InjectedError> {
    if (operation.call != Call::remove || entered) return std::nullopt;
    entered = true;
    EXPECT_TRUE(disk.rename("f", "g"));
    return std::nullopt;
  });
  const Status removed = disk.remove("f");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::not_found);
  EXPECT_TRUE(disk.now().exists("g"));
}

TEST(SimDisk, NamesTheHolderOfALock) {
  SimDisk disk;
  auto lock = disk.lock("lock", "pid 7").value();
  EXPECT_EQ(disk.lock_holder("lock").value(), "pid 7");
  EXPECT_FALSE(disk.lock_holder("other").value());
  const auto second = disk.lock("lock", "pid 8");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::locked);
  EXPECT_EQ(second.error().message, "held by pid 7");
  EXPECT_EQ(disk.now().read("lock").value(), "pid 7");
  lock.reset();
  EXPECT_TRUE(disk.lock("lock", "8"));
  EXPECT_EQ(disk.now().read("lock").value(), "8");
}

TEST(SimDisk, RunsOutOfSpace_AndGetsItBack) {
  SimDisk disk(Image().put("f", "12345"));
  disk.limit_free_bytes(10);
  const auto file = disk.create("g").value();
  EXPECT_TRUE(file->write_at(0, "12345678"));
  const Status full = file->write_at(8, "12345678");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::no_space);
  EXPECT_EQ(disk.free_bytes("/").value(), 2u);
  EXPECT_TRUE(disk.remove("f"));
  EXPECT_EQ(disk.free_bytes("/").value(), 7u);
  EXPECT_TRUE(file->preallocate(15));
  EXPECT_FALSE(file->preallocate(16));
  EXPECT_TRUE(file->write_at(8, "1234567"));
}

TEST(SimWorld, IsTheSameEveryTime) {
  for (int round = 0; round < 2; ++round) {
    SimDisk disk;
    SimWorld sim(disk, 5);
    EXPECT_TRUE(sim.world.single_threaded);
    const int64_t start = sim.world.clock.monotonic_ms();
    sim.world.clock.sleep_ms(1000);
    EXPECT_EQ(sim.world.clock.monotonic_ms(), start + 1001);
    static const uint64_t first = sim.world.identity.random64();
    static const uint64_t second = sim.world.identity.random64();
    if (round == 0) continue;
    EXPECT_EQ(sim.world.identity.random64(), first);
    EXPECT_EQ(sim.world.identity.random64(), second);
    EXPECT_NE(first, second);
  }
}

TEST(SimDisk, WhatOthersHaveLockedStaysSo_WhoeverOfOursComesAndGoes) {
  SimDisk disk;
  ASSERT_TRUE(disk.create("LOCK"));
  disk.lock_for_others("LOCK");
  EXPECT_EQ(disk.others_met(), 0u);
  EXPECT_EQ(disk.lock("LOCK", "ours").error().code, Code::locked);
  EXPECT_TRUE(*disk.lock_holder("LOCK"));
  EXPECT_EQ(disk.others_met(), 2u);
  disk.kill_process();
  EXPECT_EQ(disk.lock("LOCK", "ours").error().code, Code::locked);
  disk.unlock_for_others();
  EXPECT_TRUE(disk.lock("LOCK", "ours"));
}

TEST(SimDisk, ALimitIsMet_KeepsWhatDoesNotFitOut_AndIsLifted) {
  SimDisk disk;
  auto file = *disk.create("file");
  ASSERT_TRUE(file->write_at(0, std::string(100, 'x')));
  disk.limit_free_bytes(50);
  EXPECT_EQ(disk.limit_met(), 0u);
  EXPECT_TRUE(file->write_at(0, std::string(140, 'y')));
  EXPECT_EQ(disk.least_free(), 10u);
  EXPECT_EQ(file->write_at(140, std::string(11, 'z')).error().code, Code::no_space);
  EXPECT_EQ(disk.limit_met(), 2u);
  disk.lift_limit();
  EXPECT_TRUE(file->write_at(140, std::string(11, 'z')));
}

}  // namespace
}  // namespace rollproof::sim
