// A rollback that can not succeed: backup, source and target are damaged at once. It stops safely, makes nothing worse, and what it says to
// type works as soon as any one of them has been mended.
#include <filesystem>
#include <iterator>

#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

namespace fs = std::filesystem;

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path largest_file(const fs::path& folder, const std::string& ending) {
  fs::path largest;
  for (const auto& item : fs::recursive_directory_iterator(folder)) {
    if (item.is_regular_file() && item.path().string().ends_with(ending) && (largest.empty() || item.file_size() > fs::file_size(largest))) largest = item.path();
  }
  return largest;
}

class SafeStop : public CommandLine, public testing::WithParamInterface<const char*> {
 protected:
  // Through the cutover; then the same record is damaged in all three copies, and each sound one is kept elsewhere.
  void damage_everything() {
    ASSERT_NO_FATAL_FAILURE(begin({{"migrate", "--execute"}}));
    fs::create_directories(scratch / "sound");
    for (const char* name : kCopies) fs::copy(given.path(name), scratch / "sound/" + name, fs::copy_options::recursive);
    flip(largest_file(given.path("source"), ".ldb"), 40);
    flip(largest_file(given.path("backups"), ".ldb"), 40);
    const fs::path target = largest_file(given.path("target"), ".json");
    flip(target, fs::file_size(target) / 2);
  }

  void mend(const std::string& name) {
    fs::remove_all(given.path(name));
    fs::copy(scratch / "sound/" + name, given.path(name), fs::copy_options::recursive);
  }

  // The stores and the backups; the journal has to grow, the configuration may not change either.
  Footprint copies() const {
    Footprint all;
    for (const char* name : kCopies) {
      for (auto& [path, look] : footprint_of(given.path(name))) all[std::string(name) + "/" + path] = look;
    }
    return all;
  }

  static constexpr const char* kCopies[] = {"source", "backups", "target"};

 private:
  static void flip(const fs::path& path, uint64_t at) {
    std::string bytes = contents_of(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
};

TEST_P(SafeStop, ChangesNothing_AndWhatItPrintsWorks_OnceOneCopyIsMended) {
  ASSERT_NO_FATAL_FAILURE(damage_everything());
  const std::string configuration = contents_of(given.path("rollproof.json"));
  const Footprint before = copies();
  const std::string printed = "run `rollproof rollback --execute`";
  for (const Arguments& command : {Arguments{"can-rollback"}, {"rollback", "--execute"}, {"rollback", "--execute"}, {"recover"}}) expect(command, 21, printed);
  EXPECT_EQ(difference(before, copies()), "");
  EXPECT_EQ(contents_of(given.path("rollproof.json")), configuration);
  EXPECT_NE(output_of({"status"}).find("SAFE STOP"), std::string::npos);

  mend(GetParam());
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
  EXPECT_EQ(given.leftovers(false), "");
}

INSTANTIATE_TEST_SUITE_P(Mended, SafeStop, testing::Values("source", "backups", "target"));

TEST_F(SafeStop, OfARollbackToDualWrite_PrintsThatOne) {
  ASSERT_NO_FATAL_FAILURE(damage_everything());
  const std::string printed = "run `rollproof rollback --to dual-write --execute`";
  expect({"rollback", "--to", "dual-write", "--execute"}, 21, printed);
  expect({"recover"}, 21, printed);
  for (const char* name : {"backups", "target"}) mend(name);
  expect({"rollback", "--to", "dual-write", "--execute"}, 0);
  expect_source_as_expected();
  expect({"verify"}, 0);
}

}  // namespace
}  // namespace rollproof::process
