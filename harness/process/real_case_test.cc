// Real faults of the real command, a sample in every stage: each one has to go off, and every promise to hold afterwards.
#include "harness/process/real_case.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <stdexcept>

#include "harness/process/real_judge.h"
#include "harness/process/real_sample.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::process {

void PrintTo(const RealStage& stage, std::ostream* out) { *out << stage.name; }

namespace {

const std::string kProgram = std::string(ROLLPROOF_BUILD_DIR) + "/rollproof";
const std::string kDatabase = std::string(ROLLPROOF_SOURCE_DIR) + "/fixtures/lookcoin-28";

class RealCases : public testing::TestWithParam<RealStage> {
 protected:
  // Made once: migrating takes longer than most cases.
  static const RealStarts& starts() {
    static const os::ScratchDirectory folder;
    static const Result<RealStarts> made = RealStarts::prepare(kProgram, kDatabase, "unified-json", folder / "starts");
    if (!made) throw std::runtime_error(made.error().to_string());
    return *made;
  }
};

TEST_P(RealCases, KeepEveryPromise) {
  const os::ScratchDirectory scratch;
  const RealStart& start = starts().of(GetParam());
  const auto counted = start.workspace.copy_to(scratch / "case");
  ASSERT_TRUE(counted) << counted.error().to_string();
  const auto sites = map_sites(*counted, GetParam().command);
  if (!sites && sites.error().code == Code::no_permission) GTEST_SKIP() << sites.error().message;
  ASSERT_TRUE(sites) << sites.error().to_string();
  uint64_t fired = 0;
  for (const RealCase& what : sample_of(GetParam(), *sites, RealCounts::few(), 1)) {
    const auto run = run_real(start, what, scratch / "case");
    ASSERT_TRUE(run) << run.error().to_string();
    const std::string words = fmt::format("{} {}: {} | {} | {}", what.step, what.fault.to_string(), run->outcome(what.fault), run->fired ? "fired" : "NOT FIRED", run->proof);
    fired += run->fired;
    std::string broken;
    for (const auto& violation : judge(start, "unified-json", what, *run)) broken += fmt::format("  promise {}: {}\n", violation.promise, violation.what);
    EXPECT_EQ(broken, "") << words << "\ncommand: " << run->command.to_string() << "\nrecovery: " << run->recovery.to_string();
  }
  EXPECT_GT(fired, 0u);
}

INSTANTIATE_TEST_SUITE_P(Stages, RealCases, testing::ValuesIn(real_stages()), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace rollproof::process
