// What the values of records are made of, counted token by token: the figures that a person can hold against another program's.
#pragma once

#include <cstdint>

#include "lib/record/record.h"

namespace rollproof::record {

struct Account {
  uint64_t records = 0;
  uint64_t key_bytes = 0;
  uint64_t value_bytes = 0;
  uint64_t json_values = 0;
  uint64_t other_values = 0;      // not JSON: kept as their bytes; nothing of them is in the counts below
  uint64_t objects = 0;
  uint64_t arrays = 0;
  uint64_t members = 0;           // of objects, repeated names included
  uint64_t texts = 0;
  uint64_t numbers = 0;
  uint64_t numbers_not_javascript = 0;  // whose text JavaScript would change by reading and writing it
  uint64_t values_not_javascript = 0;   // likewise, whole values: their digits, the order of their members, their spaces

  void add(const Record& record);
  bool operator==(const Account&) const = default;
};

}  // namespace rollproof::record
