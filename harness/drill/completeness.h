// Whether every step of every phase and direction has a verdict: for crash, process death and I/O error each, at least one case that ran.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/drill/drill.h"

namespace rollproof::drill {

// A scenario of the matrix in which nothing was run, and why.
struct Gap {
  std::string scenario;
  std::string why;
  bool of_every_step = false;  // of a fault that every step should meet; the other faults are tried where a profile samples them
};

struct Completeness {
  uint64_t steps = 0;     // phase, direction, step and store
  uint64_t complete = 0;  // of them, with cases of all three faults
  std::vector<Gap> gaps;  // in the order of the matrix
};

Completeness completeness_of(const Outcome& outcome);

OrderedJson to_json(const Completeness& completeness);
std::string to_text(const Completeness& completeness);

}  // namespace rollproof::drill
