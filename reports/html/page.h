// The parts of report.html. Each fills its sections of the template (html/*.tpl) from the record; the template engine escapes every value by
// where it stands.
#pragma once

#include <ctemplate/template.h>

#include <string_view>

#include "reports/run.h"

namespace rollproof::reports::html {

using Dictionary = ctemplate::TemplateDictionary;

void set(Dictionary& dictionary, const char* name, std::string_view value);
// A section is shown wherever one of its name was added to it or to what it stands in: each name is used at one place of the template only.
Dictionary& add(Dictionary& dictionary, const char* section);

// Fill and ink of a field. Colour never stands alone: a glyph and a word or number are beside it.
struct Look {
  std::string_view fill, ink;
};
Look look_of(Verdict verdict);
// Of a clause or a line of a checklist, by its word.
Verdict verdict_of_word(std::string_view word);
void set_look(Dictionary& dictionary, Verdict verdict);  // FILL, INK, GLYPH

// "✓", "?" or "✗" of a time against its target; not run without a target.
Verdict against(int64_t ms, int64_t target_ms);

void fill_head(const Run& run, Dictionary& page);
void fill_broken(const Run& run, Dictionary& page);      // sections 3 and 8
void fill_coverage(const Run& run, Dictionary& page);    // 4
void fill_recovery(const Run& run, Dictionary& page);    // 5
void fill_time(const Run& run, Dictionary& page);        // 6
void fill_safety(const Run& run, Dictionary& page);      // 7
void fill_runbook(const Run& run, Dictionary& page);     // 9
void fill_history(const Run& run, Dictionary& page);     // 10 to 12
void fill_checklist(const Run& run, Dictionary& page);   // 13
void fill_mutants(const Run& run, Dictionary& page);     // 14
void fill_method(const Run& run, Dictionary& page);      // 15 and 16

// The template, all parts of it in order; made by the build from html/*.tpl.
extern const std::string_view kTemplate;

}  // namespace rollproof::reports::html
