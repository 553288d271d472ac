// The damages of a story: which files are hit, where and when.
#pragma once

#include <string>

#include "harness/drill/plan_book.h"

namespace rollproof::drill {

// The scenario of damage to a file: its step is the kind of file.
// The kind of file is its step: "source", "journal", "configuration".
Cell cell_of_file(const Recording& recording, uint64_t k, const std::string& file);

// At rest, before each drilled command, which then meets it, and, for each step, between the death of a process at its first operation, or right behind
// a rename, and the recovery; and in what one read of a command returns.
void plan_damages(const Recording& recording, const Profile& profile, PlanBook& book);

}  // namespace rollproof::drill
