// What a story is told on: a disk with a configuration and a source, and the places and keys that the story's commands use.
#pragma once

#include <string>

#include "harness/drill/story.h"
#include "harness/sim/image.h"
#include "harness/subject/library.h"

namespace rollproof::drill {

struct Ground {
  sim::Image start;
  subject::LibraryOptions options;  // but for the seed
};

// The fixture that the story names, below the folder `fixtures`; a LevelDB for a story with another kind of source is written into a store of
// that kind first.
Result<Ground> fixture_ground(const Story& story, const std::string& fixtures);

// Every file of `from`, below the folder `to` of `image`.
void put_below(sim::Image& image, const std::string& to, const sim::Image& from);

}  // namespace rollproof::drill
