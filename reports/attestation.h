// An in-toto statement with a test result (https://in-toto.io/attestation/test-result/v0.1), to be signed by whoever vouches for the run.
#pragma once

#include <string>

#include "reports/run.h"

namespace rollproof::reports {

// The subject is the commit that was drilled (if it is one, without changes) and the record itself, by its SHA-256.
std::string render_attestation(const Run& run);

}  // namespace rollproof::reports
