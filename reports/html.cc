#include "reports/html.h"

#include <cstdlib>

#include "reports/html/page.h"

namespace rollproof::reports {
namespace {

constexpr const char* kName = "report.html";

// Escaping is chosen by the engine from where a value stands, so none can be forgotten. A template that it can not read is a bug that every test
// of this file sees.
void load_template() {
  static const bool loaded = ctemplate::StringToTemplateCache(kName, html::kTemplate.data(), html::kTemplate.size(), ctemplate::STRIP_BLANK_LINES);
  if (!loaded) std::abort();
}

}  // namespace

std::string render_html(const Run& run) {
  load_template();
  html::Dictionary page("report");
  html::fill_head(run, page);
  html::fill_broken(run, page);
  html::fill_coverage(run, page);
  html::fill_recovery(run, page);
  html::fill_time(run, page);
  html::fill_safety(run, page);
  html::fill_runbook(run, page);
  html::fill_history(run, page);
  html::fill_checklist(run, page);
  html::fill_mutants(run, page);
  html::fill_method(run, page);
  std::string out;
  if (!ctemplate::ExpandTemplate(kName, ctemplate::STRIP_BLANK_LINES, &page, &out)) std::abort();
  return out;
}

}  // namespace rollproof::reports
