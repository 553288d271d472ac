#include "reports/html/page.h"

namespace rollproof::reports::html {

void set(Dictionary& dictionary, const char* name, std::string_view value) {
  dictionary.SetValue(name, ctemplate::TemplateString(value.data(), value.size()));
}

Dictionary& add(Dictionary& dictionary, const char* section) { return *dictionary.AddSectionDictionary(section); }

Look look_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return {"#0072B2", "#FFFFFF"};
    case Verdict::failed: return {"#D55E00", "#000000"};
    case Verdict::inconclusive: return {"#F0E442", "#000000"};
    case Verdict::not_run: return {"#FFFFFF", "#1A1A1A"};
  }
  return {"#FFFFFF", "#1A1A1A"};
}

Verdict verdict_of_word(std::string_view word) {
  if (word == "passed" || word == "met") return Verdict::passed;
  if (word == "failed" || word == "not met") return Verdict::failed;
  if (word == "not measured" || word == "not judged" || word == "not applicable" || word == "not_run" || word.empty()) return Verdict::not_run;
  return Verdict::inconclusive;
}

void set_look(Dictionary& dictionary, Verdict verdict) {
  const Look look = look_of(verdict);
  set(dictionary, "FILL", look.fill);
  set(dictionary, "INK", look.ink);
  set(dictionary, "GLYPH", glyph_of(verdict));
}

Verdict against(int64_t ms, int64_t target_ms) {
  if (target_ms <= 0) return Verdict::not_run;
  return ms <= target_ms ? Verdict::passed : Verdict::failed;
}

}  // namespace rollproof::reports::html
