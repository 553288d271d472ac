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

}  // namespace
}  // namespace rollproof::sim
