// One flipped byte, or a truncation, in each file that a migration stands on; then what a person would type next. Either every record
// is exact in the end, or a command says so with a documented exit code and the name of the file.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "harness/process/workspace.h"
#include "harness/sim/content.h"
#include "lib/base/exit_code.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::process {
namespace {

namespace fs = std::filesystem;
using Commands = std::vector<std::vector<std::string>>;

const std::string kProgram = std::string(ROLLPROOF_BUILD_DIR) + "/rollproof";
const std::string kDatabase = std::string(ROLLPROOF_SOURCE_DIR) + "/fixtures/lookcoin-28";

struct Damage {
  std::string file;      // relative to the workspace
  bool truncated = false;
  uint64_t offset = 0;   // of the flipped byte, or the new size
  int bit = 0;

  std::string to_string() const {
    return truncated ? fmt::format("{} cut to {} bytes", file, offset) : fmt::format("{} bit {} of byte {} flipped", file, bit, offset);
  }
};

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void inflict(const Damage& damage, const std::string& folder) {
  const std::string path = folder + "/" + damage.file;
  if (damage.truncated) return fs::resize_file(path, damage.offset);
  std::string bytes = contents_of(path);
  bytes[damage.offset] = static_cast<char>(bytes[damage.offset] ^ (1 << damage.bit));
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Journals are zeros behind their last entry: the places are chosen where something is written, and one behind it.
std::vector<Damage> damages_of(const std::string& folder, const std::string& file, uint64_t seed) {
  const std::string bytes = contents_of(folder + "/" + file);
  const uint64_t written = bytes.find_last_not_of('\0') + 1;  // npos + 1 is 0
  std::vector<Damage> damages;
  uint64_t random = seed;
  const auto next = [&] { return random = sim::scramble(random + 0x9e3779b97f4a7c15); };
  for (int i = 0; i < 3 && written > 0; ++i) damages.push_back({file, false, next() % written, static_cast<int>(next() % 8)});
  if (written + 512 < bytes.size()) damages.push_back({file, false, written + 512, 3});
  if (!bytes.empty()) damages.push_back({file, true, bytes.size() - 1, 0});
  if (written > 1) damages.push_back({file, true, next() % written, 0});
  if (bytes.size() > 1) damages.push_back({file, true, 0, 0});
  return damages;
}

// A scan comes in the store's order.
std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& item : fs::recursive_directory_iterator(folder)) {
    const std::string name = item.path().filename().string();
    // Nobody reads the lock's or the reserve's bytes.
    if (item.is_regular_file() && name != "lock" && name != "reserve") files.push_back(item.path().string().substr(folder.size() + 1));
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Case {
 public:
  Case(Workspace workspace, Damage damage) : workspace_(std::move(workspace)), damage_(std::move(damage)) {}

  // What is wrong with how the commands took it; empty if nothing is.
  std::string run(const Commands& commands) {
    inflict(damage_, workspace_.folder());
    for (const auto& command : commands) one(command);
    std::string wrong = wrong_in_the_end();
    if (!wrong.empty() && !reported_) findings_ += "SILENT: " + wrong;
    if (reported_ && !named_) findings_ += "no command named the file\n";
    return findings_.empty() ? "" : fmt::format("{}\n{}{}", damage_.to_string(), findings_, said_);
  }

 private:
  void one(const std::vector<std::string>& command) {
    const auto finished = workspace_.rollproof(command);
    ASSERT_TRUE(finished) << finished.error().to_string();
    said_ += fmt::format("  {} -> {} {}\n", fmt::join(command, " "), finished->exit_code, finished->errors);
    if (finished->signal != 0 || finished->timed_out) findings_ += fmt::format("{} {}\n", fmt::join(command, " "), finished->to_string());
    const auto table = exit_code_table();
    const bool documented = std::any_of(table.begin(), table.end(), [&](const auto& row) { return static_cast<int>(row.code) == finished->exit_code; });
    if (!documented || finished->exit_code == 1) findings_ += fmt::format("{} ended with {}\n", fmt::join(command, " "), finished->exit_code);
    if (!finished->ok()) {
      reported_ = true;
      named_ = named_ || finished->errors.find(fs::path(damage_.file).filename().string()) != std::string::npos;
      return;
    }
    if (command[0] == "put") workspace_.expected()[command[1]] = command[2];
    if (command[0] == "scan" && sorted_lines(finished->output) != sorted_lines(scan_text())) findings_ += "scan printed other records and said nothing\n";
  }

  std::string scan_text() const {
    std::string text;
    for (const auto& [key, value] : workspace_.expected()) text += key + "\t" + value + "\n";
    return text;
  }

  std::string wrong_in_the_end() const {
    const auto standing = standing_of(workspace_);
    if (!standing) return standing.error().to_string() + "\n";
    const auto records = standing->source_answers ? workspace_.read_source() : workspace_.read_target();
    return records ? workspace_.compare(*records, "the answering store") : records.error().to_string() + "\n";
  }

  Workspace workspace_;
  Damage damage_;
  std::string findings_, said_;
  bool reported_ = false, named_ = false;
};

void damage_everything(const Commands& before, const std::vector<Commands>& chains) {
  const os::ScratchDirectory scratch;
  Workspace prepared(kProgram, scratch / "prepared");
  ASSERT_TRUE(prepared.begin_with(kDatabase));
  for (const auto& command : before) {
    const auto done = prepared.must(command);
    ASSERT_TRUE(done) << done.error().to_string();
  }
  uint64_t cases = 0, failed = 0;
  std::string findings;
  for (const std::string& file : files_of(prepared.folder())) {
    for (const Damage& damage : damages_of(prepared.folder(), file, 7 + cases)) {
      for (const Commands& chain : chains) {
        auto copy = prepared.copy_to(scratch / "case");
        ASSERT_TRUE(copy) << copy.error().to_string();
        const std::string finding = Case(*copy, damage).run(chain);
        ++cases;
        failed += !finding.empty();
        findings += finding;
      }
    }
  }
  EXPECT_EQ(failed, 0u) << "of " << cases << "\n" << findings;
  EXPECT_GT(cases, 50u);
  testing::Test::RecordProperty("cases", static_cast<int>(cases));
}

TEST(Damage, IsNeverSilent_AfterValidate) {
  damage_everything({{"put", "56-Before", "1"}, {"validate"}}, {{{"status"}, {"migrate", "--execute"}, {"scan"}}});
}

TEST(Damage, IsNeverSilent_AfterCutover_OnTheWayBack) {
  damage_everything({{"migrate", "--execute"}, {"put", "56-LookCoin", "{\"n\":1.10}"}, {"put", "56-After", "2"}},
                    {{{"verify"}, {"rollback", "--execute"}, {"scan"}}});
}

TEST(Damage, IsNeverSilent_AfterCutover_InUse) {
  damage_everything({{"migrate", "--execute"}, {"put", "56-LookCoin", "{\"n\":1.10}"}, {"put", "56-After", "2"}},
                    {{{"status"}, {"recover"}, {"scan"}, {"put", "97-More", "3"}}});
}

}  // namespace
}  // namespace rollproof::process
