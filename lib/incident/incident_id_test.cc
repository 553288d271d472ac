#include "lib/incident/incident_id.h"

#include <gtest/gtest.h>

namespace rollproof::incident {
namespace {

constexpr int64_t kMoment = 1'755'099'000'000;  // 2025-08-13T15:30:00Z, the example of seed 002

TEST(IncidentId, IsTheMomentOfTheRollback) {
  EXPECT_EQ(incident_id(kMoment, {}), "INC-20250813-153000");
  EXPECT_EQ(incident_id(kMoment + 999, {}), "INC-20250813-153000");
  EXPECT_EQ(incident_id(0, {}), "INC-19700101-000000");
}

TEST(IncidentId, IsAnotherOne_WhenTheMomentIsTaken) {
  std::set<std::string> taken;
  for (const char* wanted : {"INC-20250813-153000", "INC-20250813-153000-2", "INC-20250813-153000-3"}) {
    const std::string id = incident_id(kMoment, taken);
    EXPECT_EQ(id, wanted);
    taken.insert(id);
  }
  EXPECT_EQ(incident_id(kMoment + 1000, taken), "INC-20250813-153001");
}

}  // namespace
}  // namespace rollproof::incident
