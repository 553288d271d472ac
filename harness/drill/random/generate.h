// What random stories are made of (rapidcheck): records that are hard on formats and readers, moves, and faults.
#pragma once

#include <rapidcheck/Gen.h>

#include "harness/drill/random/plot.h"
#include "harness/drill/random/walk.h"

namespace rollproof::drill {

// Keys that are prefixes of each other, in known spaces and in none, and some that are no text.
rc::Gen<std::string> generated_key();
// JSON with huge numbers, numbers in odd spellings and lone surrogates, twice named members, nothing at all, bytes that are not UTF-8, a megabyte.
rc::Gen<std::string> generated_text();
// No key twice.
rc::Gen<std::vector<StoryRecord>> generated_records();
rc::Gen<Plot> generated_plot();
// Half of the steps are struck; few records, so that a walk may be long.
rc::Gen<Walk> generated_walk();

}  // namespace rollproof::drill
