// A record is key bytes and value bytes; JSON is only an interpretation of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::record {

struct Record {
  std::string key;
  std::string value;
  bool operator==(const Record&) const = default;
};

// One absolute change. Applying it twice is applying it once.
struct Change {
  enum class Kind : uint8_t { put = 1, remove = 2 };
  Kind kind = Kind::put;
  std::string key;
  std::string value;  // empty for remove
  bool operator==(const Change&) const = default;
};

// Changes that become visible together or not at all, in this order.
using Batch = std::vector<Change>;

// A stream of records. An error is never the end of the data: the end is next() == false.
class Cursor {
 public:
  virtual ~Cursor() = default;
  // True: `out` holds the next record. False: every record was delivered. Error: the stream is broken, nothing after it counts.
  virtual Result<bool> next(Record& out) = 0;
};

}  // namespace rollproof::record
