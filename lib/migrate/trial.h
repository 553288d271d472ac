// The target is tried alone (seed 003, phase 4): every kind of operation in every space, a damaged file, a process that dies. All of it
// happens behind a copy-on-write door: not one byte of the target on the disk changes. What a large store changes there does not stay in
// memory: it goes to a file at `spill_path`, which has no name any more while it is used.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/store/store.h"

namespace rollproof::migrate {

inline constexpr const char* kSpillFile = "trial-blocks.tmp";  // in the state folder; there only if a process died at its creation
inline constexpr uint64_t kTrialMemoryBytes = 32 << 20;         // of changed blocks; more is spilled

// Reads, overwrites, adds and deletes a record in every space, closes, opens again and finds every record as it was.
// Code::differs names what came back otherwise. REQUIRES: the store is closed; the same for the others.
Status try_operations(os::World& world, const store::Where& where, const std::string& spill_path, nlohmann::ordered_json& facts);

// Flips one byte in the middle of files of the store, one after the other: reading everything has to name the damage or give exactly the
// records that are there, or the fingerprint that every open compares has to differ. Code::differs names a file whose damage stays unseen.
Status try_damaged_file(os::World& world, const store::Where& where, const std::string& spill_path, nlohmann::ordered_json& facts);

// Writes, makes it durable, writes on, and is gone without closing: what was durable is there when the store is opened again.
Status try_recovery(os::World& world, const store::Where& where, const std::string& spill_path, nlohmann::ordered_json& facts);

}  // namespace rollproof::migrate
