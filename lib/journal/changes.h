// The binary payload of a change entry: one batch of absolute changes.
#pragma once

#include <string>
#include <string_view>

#include "lib/record/record.h"

namespace rollproof::journal {

std::string encode_changes(const record::Batch& batch);

// Code::corruption if `bytes` is not exactly one encoded batch. Never reads outside `bytes`, never allocates more than its size.
Result<record::Batch> decode_changes(std::string_view bytes);

}  // namespace rollproof::journal
