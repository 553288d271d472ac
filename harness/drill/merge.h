// The records of a run's shards (harness/drill/shard.h) as the record of the whole.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::drill {

struct ShardRecord {
  std::string path;    // for messages
  std::string sha256;  // of its bytes
  nlohmann::ordered_json record;
};

// Each scenario is in exactly one of the shards and is taken over as it is; sums, times, matrix and checklist are made anew, and `evidence` names the
// shards. The record is that of the undivided run, but for run_id, times, the order of violations, and its history, which is empty.
//
// Code::invalid, with the path: for what is no record, contradicts itself or is no shard; for runs of another commit, profile, seed, pattern or
// subject; for a shard that is there twice or not at all; for a scenario that is in two.
Result<nlohmann::ordered_json> merge_records(std::vector<ShardRecord> shards);

}  // namespace rollproof::drill
