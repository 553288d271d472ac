// Random operations through the copy-on-write door and, on a real copy of the same directory, through the POSIX one:
// the operating system is the model. Every answer must be the same, and the directory below must not change by a byte.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/os/copy_on_write.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::os {
namespace {

// SplitMix64: a seed is a run.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t mixed = (state_ += 0x9e3779b97f4a7c15ULL);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
  uint64_t below(uint64_t bound) { return next() % bound; }

 private:
  uint64_t state_;
};

constexpr uint64_t offset_max = 20'000;

std::string bytes_from(Random& random, size_t length) {
  std::string bytes(length, '\0');
  for (char& byte : bytes) byte = static_cast<char>('a' + random.below(26));
  return bytes;
}

// Few names, so that operations meet; files and directories share them.
std::string some_path(Random& random) {
  static const char* const names[] = {"a", "b", "c"};
  std::string path = names[random.below(3)];
  for (int depth = 0; depth < 2 && random.below(2) == 0; ++depth) path += std::string(random.below(20) ? "/" : "//./") + names[random.below(3)];
  return path;
}

template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : std::string(name_of(result.error().code));
}

// The whole tree as text: names, kinds, sizes, contents.
std::string tree(FileSystem& files, const std::string& path) {
  std::string text;
  const auto names = files.list(path);
  if (!names) return outcome(names);
  for (const std::string& name : *names) {
    const std::string inner = join(path, name);
    const auto info = files.stat(inner);
    text += name + (info ? info->kind == Kind::directory ? "/{" : " " + std::to_string(info->size) + " " : outcome(info));
    if (info && info->kind == Kind::directory) text += tree(files, inner) + "}";
    if (info && info->kind == Kind::file) text += sha256_of_file(files, inner).value_or("unreadable") + "\n";
  }
  return text;
}

struct Pair {
  FileSystem& model;
  FileSystem& tested;
  const std::string model_root;
  const std::string tested_root;
  std::vector<std::pair<std::unique_ptr<File>, std::unique_ptr<File>>> open;
};

std::string describe(const Status& a, const Status& b) {
  return "the disk says " + (a ? "ok" : a.error().to_string()) + ", copy-on-write " + (b ? "ok" : b.error().to_string());
}

// One random operation on both; returns its name. Compares all that it answers.
std::string step(Pair& pair, Random& random) {
  const std::string path = some_path(random);
  const std::string to = some_path(random);
  const std::string m = join(pair.model_root, path);
  const std::string t = join(pair.tested_root, path);
  const auto same = [](const Status& a, const Status& b) { EXPECT_EQ(outcome(a), outcome(b)) << describe(a, b); };
  const auto opened = [&](auto a, auto b) {
    EXPECT_EQ(outcome(a), outcome(b));
    if (a && b) pair.open.emplace_back(std::move(*a), std::move(*b));
  };
  const uint64_t kind = random.below(24);
  if (kind < 2) return opened(pair.model.create(m), pair.tested.create(t)), "create " + path;
  if (kind == 2) return opened(pair.model.create_new(m), pair.tested.create_new(t)), "create_new " + path;
  if (kind == 3) return opened(pair.model.open_write(m), pair.tested.open_write(t)), "open_write " + path;
  if (kind == 4) return opened(pair.model.open_read(m), pair.tested.open_read(t)), "open_read " + path;
  if (kind == 5) return same(pair.model.remove(m), pair.tested.remove(t)), "remove " + path;
  if (kind == 6) return same(pair.model.make_directory(m), pair.tested.make_directory(t)), "make_directory " + path;
  if (kind == 7) return same(pair.model.remove_directory(m), pair.tested.remove_directory(t)), "remove_directory " + path;
  if (kind < 11) {
    same(pair.model.rename(m, join(pair.model_root, to)), pair.tested.rename(t, join(pair.tested_root, to)));
    return "rename " + path + " " + to;
  }
  if (kind == 11) return same(pair.model.sync_directory(m), pair.tested.sync_directory(t)), "sync_directory " + path;
  if (kind == 12 && random.below(8) == 0) return same(remove_tree(pair.model, m), remove_tree(pair.tested, t)), "remove_tree " + path;
  if (pair.open.empty()) return "nothing";
  auto& [a, b] = pair.open[random.below(pair.open.size())];
  const uint64_t offset = random.below(offset_max);
  if (kind < 17) {
    const std::string bytes = bytes_from(random, random.below(9000));
    same(a->write_at(offset, bytes), b->write_at(offset, bytes));
    return "write " + std::to_string(bytes.size()) + " at " + std::to_string(offset);
  }
  if (kind < 19) return same(a->truncate(offset), b->truncate(offset)), "truncate " + std::to_string(offset);
  if (kind == 19) return same(a->preallocate(offset), b->preallocate(offset)), "preallocate " + std::to_string(offset);
  if (kind < 23) {
    std::string of_a(random.below(9000), '?');
    std::string of_b(of_a);
    const auto got_a = a->read_at(offset, of_a);
    const auto got_b = b->read_at(offset, of_b);
    EXPECT_EQ(got_a.value_or(99999), got_b.value_or(88888));
    EXPECT_TRUE(of_a == of_b) << "different bytes read at " << offset;
    EXPECT_EQ(a->size().value_or(99999), b->size().value_or(88888));
    return "read at " + std::to_string(offset);
  }
  pair.open.erase(pair.open.begin() + static_cast<std::ptrdiff_t>(random.below(pair.open.size())));
  return "close";
}

void run(uint64_t seed) {
  Random random(seed);
  const ScratchDirectory below;
  const ScratchDirectory model;
  PosixFileSystem disk;
  for (const char* name : {"a", "a/a", "b"}) std::filesystem::create_directory(below / name);
  for (const char* name : {"c", "a/b", "a/a/a", "a/a/c", "b/a"}) {
    auto file = disk.create(below / name);
    ASSERT_TRUE(file && (*file)->write_at(0, bytes_from(random, random.below(offset_max))));
  }
  std::filesystem::copy(below.path(), model.path(), std::filesystem::copy_options::recursive);
  const std::string before = tree(disk, below.path());

  CopyOnWriteFileSystem files(disk);
  Pair pair{disk, files, model.path(), below.path(), {}};
  std::string history;
  for (int i = 0; i < 120 && !::testing::Test::HasFailure(); ++i) {
    history += std::to_string(i) + " " + step(pair, random) + "\n";
    if (i % 10 == 9) {
      EXPECT_EQ(tree(disk, model.path()), tree(files, below.path()));
    }
  }
  EXPECT_EQ(tree(disk, below.path()), before) << "the directory below was changed";
  if (::testing::Test::HasFailure()) std::cout << "seed " << seed << "\n" << history;
}

TEST(CopyOnWriteProperty, AnswersAsADiskWould_AndLeavesTheDirectoryBelowAlone) {
  const char* given = std::getenv("ROLLPROOF_SEED");
  const uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
  std::cout << "seed " << first << "\n";
  for (uint64_t seed = first; seed < first + (given ? 1 : 200) && !HasFailure(); ++seed) run(seed);
}

}  // namespace
}  // namespace rollproof::os
