// The audit trail of an image, read by the checkers' own reader.
#pragma once

#include "harness/check/read_audit.h"
#include "harness/check/reading.h"

namespace rollproof::drill {

inline check::Audit trail_of(const check::Places& places, const sim::Image& image) { return check::read_audit(image.find(check::below(places.state, "audit.jsonl"))); }

}  // namespace rollproof::drill
