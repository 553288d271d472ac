// The committed samples are records of real drills; what is beside each is what the program makes of it, byte for byte.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "lib/base/digest.h"
#include "reports/judgement.h"
#include "reports/views.h"

namespace rollproof::reports {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Sample : public testing::TestWithParam<std::pair<const char*, Verdict>> {};

TEST_P(Sample, IsJudged_AndRenderedAsCommitted) {
  const std::string folder = ROLLPROOF_SOURCE_DIR "/reports/samples/" + std::string(GetParam().first) + "/";
  const auto run = read_run(read(folder + "run.json"));
  ASSERT_TRUE(run) << folder << ": " << run.error().to_string();
  EXPECT_EQ(judgement_of(*run).verdict, GetParam().second);
  const std::string sums = read(folder + "SHA256SUMS");
  for (const View& view : views()) {
    const std::string committed = read(folder + std::string(view.file));
    EXPECT_EQ(sha256_hex(view.render(*run)), sha256_hex(committed)) << folder << view.file << " is not what is made today; after a change of a view: script/samples";
    EXPECT_NE(sums.find(sha256_hex(committed) + "  " + std::string(view.file)), std::string::npos) << view.file;
  }
}

INSTANTIATE_TEST_SUITE_P(Committed, Sample, testing::Values(std::pair{"passing", Verdict::passed}, std::pair{"failing", Verdict::failed}, std::pair{"inconclusive", Verdict::inconclusive}),
                         [](const auto& info) { return std::string(info.param.first); });

}  // namespace
}  // namespace rollproof::reports
