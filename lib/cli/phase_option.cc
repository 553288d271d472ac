#include "lib/cli/phase_option.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lib/base/words.h"

namespace rollproof::cli {

Result<migrate::Phase> phase_from(const std::string& name) {
  if (const auto phase = migrate::phase_named(name)) return *phase;
  std::vector<std::string> names;
  for (const auto phase : migrate::kPhases) names.emplace_back(migrate::name_of(phase));
  const std::string near = nearest(name, names);
  return fail(Code::invalid, fmt::format("unknown phase \"{}\"", name), "",
              near.empty() ? fmt::format("Phases: {}.", fmt::join(names, ", ")) : fmt::format("Did you mean \"{}\"?", near));
}

}  // namespace rollproof::cli
