// Properties of all crash images of random runs, where the stories of crash_test.cc look at one rule each.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "harness/sim/crash.h"
#include "harness/sim/disk.h"
#include "lib/os/paths.h"

namespace rollproof::sim {
namespace {

constexpr Model all_models[] = {Model::strict, Model::ordered, Model::prefix, Model::hostile};

// Random work in five directories. Files whose name begins with "p" are precious: synced from the start, only ever renamed.
class Worker {
 public:
  explicit Worker(uint64_t seed)
      : state_(seed), disk_(Image().put("a/p1", "precious 1").put("p2", "precious 2").put("b/c/p3", "precious 3").make_directory("d").make_directory("e")) {}

  void work(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }
  SimDisk& disk() { return disk_; }

 private:
  uint64_t pick(uint64_t bound) { return (state_ = scramble(state_)) % bound; }
  std::string directory() { return std::vector<std::string>{".", "a", "b", "b/c", "d", "e", "d/e"}[pick(7)]; }
  void step() {
    const std::string x = os::join(directory(), "x" + std::to_string(pick(3)));
    switch (pick(12)) {
      case 0:
      case 1:
      case 2: {
        auto files = os::files_below(disk_, ".").value();
        std::erase_if(files, [](const std::string& f) { return os::name_of_path(f)[0] != 'p'; });
        const std::string from = files[pick(files.size())];
        return done(disk_.rename(from, os::join(directory(), os::name_of_path(from))));
      }
      case 3: return done(disk_.rename(directory(), os::join(directory(), "e")));
      case 4: return done(disk_.rename(x, os::join(directory(), "x0")));
      case 5: return done(disk_.make_directory(directory()));
      case 6: return done(disk_.remove_directory(directory()));
      case 7: return done(disk_.remove(x));
      case 8: return done(disk_.sync_directory(directory()));
      default: break;
    }
    auto file = disk_.create(x);
    if (!file) return;
    done((*file)->write_at(pick(700), std::string(1 + pick(1500), 'n')));
    if (pick(2) == 0) done((*file)->truncate(pick(900)));
    if (pick(2) == 0) done((*file)->sync());
  }
  // Many steps are impossible, and that is fine: what happened is in the trace.
  static void done(const Status&) {}

  uint64_t state_;
  SimDisk disk_;
};

std::set<std::string> contents_of(const Image& image) {
  std::set<std::string> found;
  for (const std::string& path : image.files()) found.insert(image.read(path).value());
  return found;
}

CrashOptions everything(Model model) { return {.model = model, .pairs_max = 20, .randoms = 10}; }

TEST(CrashProperty, NeverLosesAFileThatWasOnlyRenamed) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Worker worker(seed);
    worker.work(40);
    for (Model model : {Model::strict, Model::ordered, Model::prefix}) {
      for_each_crash(worker.disk().trace(), everything(model), [&](const CrashId& id, LazyImage& image) {
        const auto found = contents_of(image.get());
        for (const char* precious : {"precious 1", "precious 2", "precious 3"}) {
          EXPECT_TRUE(found.count(precious)) << "seed " << seed << " " << name_of(model) << " " << id.to_string() << " lost " << precious << "\n"
                                             << worker.disk().trace().to_string() << image.get().to_string();
        }
        return !testing::Test::HasFailure();
      });
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
}

TEST(CrashProperty, BuildsTheSameImageFromItsPrintedId) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Worker worker(seed);
    worker.work(30);
    for (Model model : all_models) {
      CrashImages alone(worker.disk().trace(), model);
      std::set<std::string> ids;
      const auto counts = for_each_crash(worker.disk().trace(), everything(model), [&](const CrashId& id, LazyImage& image) {
        EXPECT_TRUE(ids.insert(id.to_string()).second) << id.to_string() << " twice";
        const auto parsed = CrashId::parse(id.to_string());
        EXPECT_TRUE(parsed && *parsed == id) << id.to_string();
        // Built on a ledger of its own, and digested without what earlier images have cached.
        const Image again = alone.build(*parsed).value();
        SimDisk fresh;
        EXPECT_TRUE(again.write_to(fresh, "/"));
        EXPECT_EQ(fresh.now().digest(), image.digest()) << id.to_string();
        return true;
      });
      EXPECT_EQ(counts, count_crashes(worker.disk().trace(), everything(model)));
      EXPECT_EQ(counts.total(), ids.size());
    }
  }
}

void sync_everything(SimDisk& disk, const std::string& directory) {
  const auto names = disk.list(directory).value();
  for (const std::string& name : names) {
    const std::string path = os::join(directory, name);
    if (disk.stat(path)->kind == os::Kind::directory) {
      sync_everything(disk, path);
    } else {
      ASSERT_TRUE((*disk.open_write(path))->sync());
    }
  }
  ASSERT_TRUE(disk.sync_directory(directory));
}

TEST(CrashProperty, HasOneImageOnly_WhenEverythingIsSynced) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    for (Model model : all_models) {
      Worker worker(seed);
      worker.work(30);
      // Twice: a rename out of a directory that was removed since waits for nobody, but one between living ones waits for both.
      sync_everything(worker.disk(), "/");
      sync_everything(worker.disk(), "/");
      CrashOptions options = everything(model);
      options.first = worker.disk().operations();
      const auto digests = legal_digests(worker.disk().trace(), options);
      ASSERT_EQ(digests.size(), 1u) << "seed " << seed << " " << name_of(model) << "\n" << worker.disk().trace().to_string();
      EXPECT_EQ(digests[0], worker.disk().now().digest());
    }
  }
}

TEST(CrashProperty, KeepsWhatProcessesSaw_WhenNothingIsLost) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Worker worker(seed);
    worker.work(25);
    // Every point in time is a legal image at that point, under every model.
    for (Model model : all_models) {
      CrashImages images(worker.disk().trace(), model);
      for (uint64_t k = 0; k <= worker.disk().operations(); ++k) {
        EXPECT_EQ(images.build(CrashId{.after = k}).value(), worker.disk().after_process_death(k)->now());
      }
    }
  }
}

}  // namespace
}  // namespace rollproof::sim
