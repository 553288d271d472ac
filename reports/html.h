// report.html: one file, no script, no style sheet, no server. It is read where a strict Content-Security-Policy drops both.
#pragma once

#include <string>

#include "reports/run.h"

namespace rollproof::reports {

std::string render_html(const Run& run);

}  // namespace rollproof::reports
