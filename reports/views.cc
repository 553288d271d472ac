#include "reports/views.h"

#include <algorithm>
#include <array>

#include "reports/attestation.h"
#include "reports/checklist.h"
#include "reports/ctrf.h"
#include "reports/github.h"
#include "reports/html.h"
#include "reports/junit.h"
#include "reports/prometheus.h"
#include "reports/readiness.h"
#include "reports/trace.h"

namespace rollproof::reports {
namespace {

constexpr std::array<View, 12> kViews = {{
    {"html", "report.html", render_html},
    {"checklist", "checklist.md", render_checklist},
    {"checklist-json", "checklist.json", render_checklist_json},
    {"readiness", "readiness.md", render_readiness},
    {"junit", "junit.xml", [](const Run& run) { return render_junit(run, JunitDialect::ci); }},
    {"junit-strict", "junit-strict.xml", [](const Run& run) { return render_junit(run, JunitDialect::strict); }},
    {"ctrf", "ctrf.json", render_ctrf},
    {"prometheus", "drill.prom", render_prometheus},
    {"github", "github.md", render_github},
    {"github-annotations", "github-annotations.txt", render_annotations},
    {"trace", "trace.json", render_trace},
    {"attestation", "attestation.json", render_attestation},
}};

}  // namespace

std::span<const View> views() { return kViews; }

const View* view_named(std::string_view format) {
  const auto found = std::find_if(kViews.begin(), kViews.end(), [&](const View& view) { return view.format == format; });
  return found == kViews.end() ? nullptr : &*found;
}

}  // namespace rollproof::reports
