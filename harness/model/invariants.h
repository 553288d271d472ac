// The promises of the project, as far as the model can see them, in the words of an onlooker: what reads answer and what the disk
// holds, never what the protocol believes of itself.
#pragma once

#include <optional>
#include <string>

#include "harness/model/actions.h"

namespace rollproof::model {

struct Violation {
  int promise = 0;  // its number in the list of promises
  std::string what;
};

// Looks at one state.
std::optional<Violation> broken_promise(const Model& model, const State& state);
// Looks at one step: an old epoch that writes (4), a recovery that does not come nearer to its end (5).
std::optional<Violation> broken_promise(const Model& model, const State& before, const Step& step);

}  // namespace rollproof::model
