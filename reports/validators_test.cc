// Programs of others read what we write: xmllint, promtool, tidy, jsonschema. One that is missing is a failure: script/setup test installs them.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "reports/record_for_tests.h"
#include "reports/views.h"

namespace rollproof::reports {
namespace {

const std::string kSchemas = ROLLPROOF_SOURCE_DIR "/reports/schema/";

struct Answer {
  int code = -1;
  std::string output;
};

Answer answer_of(const std::string& command) {
  Answer answer;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> part;
  while (const size_t size = std::fread(part.data(), 1, part.size(), pipe)) answer.output.append(part.data(), size);
  answer.code = WEXITSTATUS(::pclose(pipe));
  return answer;
}

class Validators : public testing::Test {
 protected:
  Validators() {
    std::string name = testing::TempDir() + "rollproof-views.XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~Validators() override { answer_of("rm -rf '" + folder_ + "'"); }

  // Everything that a record may hold: all verdicts, hostile text; and a record with nothing in it.
  static std::vector<TestJson> records() {
    TestJson mixed = record_for_tests(TestJson::array({scenario_for_tests({}), scenario_for_tests({.fault = "memory", .failed = 2}), scenario_for_tests({.fault = "timeout", .inconclusive = 1}), scenario_for_tests({.phase = "copy", .run = false})}));
    mixed["violations"].push_back(TestJson{{"promise", 1}, {"case", "c"}, {"what", "gone"}});
    TestJson hostile = mixed;
    put_everywhere(hostile, std::string("]]><script>&\"'`\\|\x01\xff\xEF\xBF\xBF\n::error::{{X}}"));
    return {record_for_tests(), mixed, hostile, TestJson{{"schema_version", 1}}};
  }

  void expect_valid(const char* format, const std::string& program, const std::string& package) {
    ASSERT_EQ(answer_of("command -v " + program).code, 0) << "there is no " << program << ": script/setup test installs it (" << package << ")";
    for (const TestJson& record : records()) {
      const std::string path = folder_ + "/" + std::string(view_named(format)->file);
      std::ofstream(path, std::ios::binary) << view_named(format)->render(read_run(record.dump(1, ' ', false, TestJson::error_handler_t::replace)).value());
      check(path);
    }
  }

  std::function<void(const std::string& path)> check;
  std::string folder_;
};

TEST_F(Validators, XmllintHoldsJunitAgainstItsSchemas) {
  for (const auto& [format, schema] : {std::pair{"junit", "junit.xsd"}, {"junit-strict", "junit-strict.xsd"}}) {
    check = [schema = schema](const std::string& path) {
      const Answer answer = answer_of("xmllint --noout --schema " + kSchemas + schema + " " + path);
      EXPECT_EQ(answer.code, 0) << answer.output;
    };
    expect_valid(format, "xmllint", "libxml2-utils");
  }
  // The strict form has nothing of the other.
  check = [](const std::string& path) { EXPECT_NE(answer_of("xmllint --noout --schema " + kSchemas + "junit-strict.xsd " + path).code, 0); };
  expect_valid("junit", "xmllint", "libxml2-utils");
}

TEST_F(Validators, PromtoolReadsTheMetrics) {
  check = [](const std::string& path) {
    const Answer answer = answer_of("promtool check metrics < " + path);
    EXPECT_TRUE(answer.code == 0 && answer.output.empty()) << answer.output;
  };
  expect_valid("prometheus", "promtool", "prometheus");
}

TEST_F(Validators, TidyFindsNoErrorInTheReport) {
  check = [](const std::string& path) {
    // Presentation by attributes, and a font around everything, is what a page without style sheets has; the rest must be sound.
    const Answer answer = answer_of("tidy -quiet -errors --show-warnings yes --drop-empty-elements no " + path +
                                    " 2>&1 | grep -v -E 'attribute \"(bgcolor|text|link|vlink|width|align|valign|border|cellpadding|cellspacing|bordercolor|face|size|color|font-family|nowrap)\"|<font> element removed"
                                    "|missing </font> before <table>|discarding unexpected </font>'");
    EXPECT_EQ(answer.output, "");
  };
  expect_valid("html", "tidy", "tidy");
}

TEST_F(Validators, JsonschemaHoldsCtrfAndAttestationAgainstTheirRules) {
  // The system's own Python: another one that comes first in PATH may lack the package.
  const std::string python = "/usr/bin/python3";
  ASSERT_EQ(answer_of(python + " -c 'import jsonschema'").code, 0) << "no jsonschema for " << python << ": script/setup test installs it (python3-jsonschema)";
  for (const auto& [format, schema] : {std::pair{"ctrf", "ctrf.schema.json"}, {"attestation", "attestation.schema.json"}}) {
    check = [&, schema = std::string(schema)](const std::string& path) {
      const Answer answer = answer_of(python + " -c 'import json, sys, jsonschema; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' " + path + " " + kSchemas + schema);
      EXPECT_EQ(answer.code, 0) << answer.output.substr(answer.output.size() > 1500 ? answer.output.size() - 1500 : 0);
    };
    expect_valid(format, "/usr/bin/python3", "python3");
  }
}

TEST_F(Validators, CountsOfCtrfAddUp) {
  check = [](const std::string& path) {
    std::ifstream file(path);
    const TestJson report = TestJson::parse(file);
    const TestJson& summary = report["results"]["summary"];
    EXPECT_EQ(summary["tests"], summary["passed"].get<int>() + summary["failed"].get<int>() + summary["skipped"].get<int>() + summary["other"].get<int>());
    EXPECT_EQ(summary["tests"], report["results"]["tests"].size());
  };
  expect_valid("ctrf", "true", "coreutils");
}

}  // namespace
}  // namespace rollproof::reports
