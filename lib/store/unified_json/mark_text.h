// The mark of a store of JSON files, one line per file: name, size, checksum, and what else the kind of file says.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/store/store.h"

namespace rollproof::store::unified_json {

// `words`: what follows the checksum; may be empty.
std::string mark_line(std::string_view file, uint64_t size, std::string_view sha256, std::string_view words = {});

// The files that a mark names, in its order; none if it is empty. Code::invalid: it is no such mark.
Result<std::vector<std::string>> files_of_mark(const Mark& mark);

// Code::corruption, naming the file, if the mark names one that is not among `there`. Nothing of ours removes such a file before a newer mark is durable.
Status check_files_of_mark(const Mark& mark, const std::set<std::string>& there, const std::string& directory);

}  // namespace rollproof::store::unified_json
