// The reports of the real command, as a user comes to them: nothing yet, a migration, a rollback, damaged and misspelt input.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "harness/drill/story.h"
#include "harness/process/ground_test.h"

namespace rollproof::drill {
namespace {

using process::Arguments;
using process::difference;
using process::Footprint;
using process::footprint_of;
using process::Program;

using Json = nlohmann::json;

const std::string kDrill = std::string(ROLLPROOF_BUILD_DIR) + "/rollproof-drill";
const std::string kSample = std::string(ROLLPROOF_SOURCE_DIR) + "/reports/samples/passing/run.json";

class ReportCommand : public process::CommandLine {
 protected:
  Json json_of(Arguments command, int exit_code = 0) {
    command.insert(command.begin(), "--json");
    const Json json = Json::parse(output_of(command, exit_code), nullptr, false);
    EXPECT_FALSE(json.is_discarded());
    return json;
  }
  std::string first_incident() {
    const Json all = json_of({"report", "incident"});
    return all.at("incidents").empty() ? "" : all.at("incidents")[0].at("incident").get<std::string>();
  }
  std::string file_below(const std::string& folder, const std::string& ending) {
    for (const auto& [path, look] : footprint_of(given.path(folder))) {
      if (path.ends_with(ending)) return given.path(folder) + path;
    }
    ADD_FAILURE() << "no file " << ending << " below " << folder;
    return "";
  }
  static void damage_byte(const std::string& path, int at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 0x20));
  }
  Json line(const Json& validation, int number) { return validation.at("lines").at(static_cast<size_t>(number - 1)); }
};

TEST_F(ReportCommand, SaysWhatIsNotThereYet_AndWhatToType) {
  begin();
  expect({"report"}, 2);
  expect({"report", "migraton"}, 2);
  for (const char* report : {"migration", "incident", "validation"}) expect({"report", report}, 28, "no migration was ever begun here");
  expect({"migrate", "--through", "copy", "--execute"}, 0);
  EXPECT_NE(output_of({"report", "migration"}).find("NOT FINISHED: reached copy"), std::string::npos);
  EXPECT_NE(output_of({"report", "incident"}).find("None"), std::string::npos);
  expect({"report", "incident", "INC-20250813-153000"}, 28, "there is no incident");
  expect({"report", "incident", "--to-scenario", given.path("x.json")}, 2, "needs the id");
  expect({"report", "validation"}, 28, "no rollback");
  expect({"report", "migration", "mig-x"}, 28, "there is no migration mig-x");
  expect({"report", "migration", "--format", "pdf"}, 2);
  expect({"rollback", "--detected", "yesterday", "--execute"}, 2, "is no moment");
  expect({"rollback", "--detected", "2125-01-01", "--execute"}, 2, "lies in the future");
}

TEST_F(ReportCommand, TellsOfARollback_FromItsBeginningToItsProof) {
  begin({{"migrate", "--execute"}, {"put", "56-New", R"({"chainId":56})"}});
  const std::string hostile = "slow <script>alert(1)</script> ]]> | `x` \x1b[31m" + std::string(100'000, 'y');
  expect({"rollback", "--execute", "--detected", "8m", "--reason", hostile}, 0);
  const Footprint before = footprint_of(given.folder());
  const std::string id = first_incident();
  ASSERT_EQ(id.size(), std::string("INC-20250813-153000").size()) << id;

  const Json incident = json_of({"report", "incident", id, "--drill", kSample});
  EXPECT_EQ(incident.at("status"), "resolved");
  EXPECT_EQ(incident.at("phase"), "cutover");
  EXPECT_EQ(incident.at("reason").get<std::string>().size(), hostile.size());
  for (const auto& moment : incident.at("timeline")) EXPECT_TRUE(moment.at("time").is_string()) << moment;
  const auto& response = incident.at("response");
  EXPECT_EQ(response.at(0).at("verdict"), "not measured") << "decided after 8 minutes: nobody knows when the assessment was over";
  for (size_t n : {1u, 2u, 3u}) EXPECT_EQ(response.at(n).at("verdict"), "met") << response.at(n);
  EXPECT_EQ(incident.at("drill").at("nearest").at(0).at("drilled"), "same");

  for (const char* format : {"markdown", "html"}) {
    const std::string text = output_of({"report", "incident", id, "--format", format, "--drill", kSample});
    EXPECT_EQ(text.find("<script"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    for (const char* heading : {"Executive Summary", "Timeline of Events", "Root Cause Analysis", "Impact Assessment", "Response Effectiveness", "Lessons Learned", "Action Items", "Follow-up Actions"}) {
      EXPECT_NE(text.find(heading), std::string::npos) << heading;
    }
  }
  expect({"report", "incident", id.substr(0, id.size() - 1) + "x"}, 28, "Did you mean " + id);
  expect({"report", "incident", id, "--drill", given.path("nothing.json")}, 2, "nothing.json");

  const Json migration = json_of({"report", "migration"});
  EXPECT_EQ(migration.at("status"), "ROLLED BACK");
  EXPECT_EQ(migration.at("writes"), 1);
  EXPECT_EQ(migration.at("incidents"), (Json{id}));
  EXPECT_EQ(migration.at("seals").at("equivalence").at("facts").at("records"), 28);
  EXPECT_EQ(difference(before, footprint_of(given.folder())), "") << "these reports only read";
}

TEST_F(ReportCommand, IsReady_AfterARollbackOfRealRecords_AndMissesThemWhenTheyAreChanged) {
  begin({{"migrate", "--execute"}, {"rollback", "--execute"}});
  // How fast a busy machine is decides nothing here: lines 13 and 15 may have any verdict.
  const auto answer = given.rollproof({"--json", "report", "validation"});
  ASSERT_TRUE(answer);
  const Json sound = Json::parse(answer->output, nullptr, false);
  ASSERT_FALSE(sound.is_discarded()) << answer->to_string();
  EXPECT_EQ(sound.at("exit_code"), answer->exit_code);
  EXPECT_EQ(sound.at("ready"), answer->exit_code == 0);
  EXPECT_EQ(sound.at("lines").size(), 16u);
  EXPECT_EQ(sound.at("counts"), "28/28");
  for (const int number : {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 16}) EXPECT_EQ(line(sound, number).at("verdict"), "met") << line(sound, number);
  for (const int number : {10, 12}) EXPECT_EQ(line(sound, number).at("verdict"), "not measured") << line(sound, number);
  expect_source_as_expected();
  EXPECT_EQ(given.leftovers(false), "");

  // A backup that can not be read is no backend that is accessible.
  damage_byte(file_below("backups", ".ldb"), 100);
  const Json damaged = json_of({"report", "validation"}, 10);
  EXPECT_EQ(line(damaged, 3).at("verdict"), "not met") << line(damaged, 3);
  EXPECT_EQ(damaged.at("ready"), false);
  const auto variable = given.command({"report", "validation"});
  Program with = variable;
  with.environment.emplace_back("FORCE_BACKEND", "json");
  const auto contradicted = process::run(with);
  ASSERT_TRUE(contradicted);
  EXPECT_NE(contradicted->output.find("FORCE\\_BACKEND=json"), std::string::npos) << contradicted->output;
}

TEST_F(ReportCommand, BlamesTheRollbackForNoWriteBehindIt) {
  begin({{"migrate", "--execute"}, {"rollback", "--execute"}, {"put", "56-a", "1"}});
  const auto answer = given.rollproof({"--json", "report", "validation"});
  ASSERT_TRUE(answer);
  const Json late = Json::parse(answer->output, nullptr, false);
  ASSERT_FALSE(late.is_discarded()) << answer->to_string();
  EXPECT_TRUE(answer->exit_code == 12 || answer->exit_code == 10) << "10 where the machine was too busy to time it: " << answer->to_string();
  EXPECT_EQ(late.at("ready"), false);
  for (const int number : {5, 6, 7, 8, 11}) {
    EXPECT_EQ(line(late, number).at("verdict"), "not measured") << line(late, number);
    EXPECT_NE(line(late, number).at("evidence").get<std::string>().find("last by `rollproof put`"), std::string::npos) << line(late, number);
  }
  EXPECT_EQ(late.at("counts"), "29, of how many is not measured");
}

TEST_F(ReportCommand, IsReadFromTheAuditTrail_WhenTheJournalIsCut) {
  begin({{"migrate", "--through", "copy", "--execute"}, {"rollback", "--execute"}});
  const std::string id = first_incident();
  ASSERT_EQ(truncate(file_below(".rollproof/journal", ".rpj").c_str(), 5000), 0);
  const std::string trail = given.path(".rollproof/audit.jsonl");
  for (const char* report : {"migration", "incident"}) {
    expect({"report", report}, 21, "--from-audit");
    EXPECT_NE(output_of({"report", report, "--from-audit", trail}).find("whose hash chain holds"), std::string::npos);
  }
  expect({"report", "validation"}, 21);
  EXPECT_EQ(json_of({"report", "incident", id, "--from-audit", trail}).at("incident"), id);
  expect({"report", "incident", "--from-audit", given.path("nothing")}, 2);
  damage_byte(trail, 400);
  expect({"report", "incident", "--from-audit", trail}, 21, "breaks the chain");
}

TEST_F(ReportCommand, BecomesAStory_ThatTheDrillTakes) {
  begin({{"migrate", "--through", "copy", "--execute"}, {"put", "56-New", R"({"chainId":56})"}, {"rollback", "--execute"}});
  const std::string id = first_incident(), path = given.path("incident.json");
  expect({"report", "incident", id, "--to-scenario", path}, 0);
  expect({"report", "incident", id, "--to-scenario", path}, 23, "is not overwritten");
  const auto story = load_story(path);
  ASSERT_TRUE(story) << story.error().to_string();
  EXPECT_EQ(story->drilled.front().to_string(), "rollback source");
  const auto drilled = process::run({.arguments = {kDrill, "run", "--scenario", path, "--profile", "quick", "--no-mutants", "--no-real", "--out", given.path("drill")}, .folder = ROLLPROOF_SOURCE_DIR});
  ASSERT_TRUE(drilled);
  EXPECT_NE(drilled->output.find("0 violations"), std::string::npos) << drilled->to_string();
  EXPECT_EQ(drilled->exit_code, 0) << drilled->to_string();
  const Json incident = json_of({"report", "incident", id, "--drill", given.path("drill/run.json")});
  EXPECT_EQ(incident.at("drill").at("nearest").at(0).at("drilled"), "same") << incident.at("drill");
}

}  // namespace
}  // namespace rollproof::drill
