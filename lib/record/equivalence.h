// Are two streams of records equal, and if not, in which keys? Shares no code with anything that copies records.
//
// Each side is read once into a multiset digest and a count per bucket of keys. If all buckets agree, that was all. Otherwise the
// differing buckets are read again, in as many rounds as the memory allows, down to the keys, and the listed changed values a last
// time, down to their fields. The streams may have different orders, and each new cursor another one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/digest.h"
#include "lib/record/canonical.h"
#include "lib/record/record.h"

namespace rollproof::record {

// Every call gives a new cursor over the same records.
using CursorFactory = std::function<Result<std::unique_ptr<Cursor>>()>;

struct CompareOptions {
  // Nothing: values are equal if their bytes are. Otherwise JSON values are compared in canonical form, others by their bytes.
  std::optional<CanonicalOptions> canonical;
  size_t listed_max = 100;                 // differences that are listed; all are counted
  bool lists_missing = true;               // false: only what is on the right is listed
  size_t fields_max = 20;                  // places listed per changed value
  size_t memory_bytes_max = 64 << 20;      // for the keys of one round, and again for the listed values. Smaller: more scans
  size_t buckets = 4096;                   // the least that a round can take
};

struct Difference {
  enum class Kind { missing, extra, changed, duplicated };  // missing: only on the left; extra: only on the right
  Kind kind = Kind::missing;
  std::string key;
  std::vector<std::string> fields;  // of a changed value: "$.chainId: 56 != 57"
};
std::string_view name_of(Difference::Kind kind);

struct Comparison {
  MultisetDigest left;   // of every record, as compared
  MultisetDigest right;
  uint64_t missing = 0;
  uint64_t extra = 0;
  uint64_t changed = 0;
  uint64_t duplicated = 0;  // keys that one of the streams gave more than once, and not equally often
  uint64_t values_with_duplicate_names = 0;  // on both sides together; only counted in canonical comparison
  std::vector<Difference> listed;            // sorted by key
  uint64_t unlisted = 0;                     // differences that there was no room for
  std::vector<std::string> normalisations;   // empty: byte for byte

  bool equal() const { return left == right && difference_count() == 0; }
  uint64_t difference_count() const { return missing + extra + changed + duplicated; }
};

// An error of any cursor is the error of the comparison. Code::refused if a stream gave other records when it was read again.
// A key that both streams give equally often with the same values counts as equal.
Result<Comparison> compare(const CursorFactory& left, const CursorFactory& right, const CompareOptions& options = {});

}  // namespace rollproof::record
