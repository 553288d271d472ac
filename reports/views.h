// The list of views: their names on the command line, and the files that they are in the folder of a run.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "reports/run.h"

namespace rollproof::reports {

struct View {
  std::string_view format;  // as typed
  std::string_view file;    // in the folder of a run
  std::string (*render)(const Run& run);
};

std::span<const View> views();

// Null if there is none of this name.
const View* view_named(std::string_view format);

}  // namespace rollproof::reports
