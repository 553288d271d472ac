// JUnit XML in two dialects.
#pragma once

#include <string>

#include "reports/run.h"

namespace rollproof::reports {

// `ci`: what GitLab, GitHub's actions and Jenkins' JUnit plugin read: properties of each test, what was left out. `strict`: no more than
// the schema of Jenkins' xUnit plugin allows (reports/schema/junit-strict.xsd).
enum class JunitDialect { ci, strict };

// A wrong outcome is a failure; an inconclusive one an error; what was not run is skipped. The body holds the replay line.
std::string render_junit(const Run& run, JunitDialect dialect);

}  // namespace rollproof::reports
