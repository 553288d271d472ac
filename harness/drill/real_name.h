// Names of real cases: SCENARIO/STAGE:FAULT, as copy.process-death.forward.drain@leveldb>unified-json/real-migrate-to-copy:kill(at 3); of damage behind a
// death SCENARIO/STAGE/STEP:FAULT, because the scenario names the files and not the step.
#pragma once

#include <string>

#include "harness/drill/case_id.h"
#include "harness/process/real_case.h"

namespace rollproof::drill {

struct NamedRealCase {
  process::RealCase what;
  std::string target_kind;
};

// Where the case stands in the matrix. What is found before a command has begun belongs to the phase reached before; damage to the class of files.
Cell cell_of(const process::RealCase& what, const std::string& target_kind);
std::string id_of(const process::RealCase& what, const std::string& target_kind);
// Code::invalid for what id_of() would not print.
Result<NamedRealCase> real_case_named(const std::string& id);
// What happens in it, in words.
Result<std::string> explain_real(const std::string& id);

}  // namespace rollproof::drill
