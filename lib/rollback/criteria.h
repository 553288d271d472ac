// The success criteria of a rollback, phase by phase, with what was found: met, not met, or not measured, and why.
// The criteria and the times are those of seed 000, "Phase-Specific Rollback Procedures".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/migrate/config.h"
#include "lib/os/world.h"
#include "lib/rollback/past.h"

namespace rollproof::rollback {

// What is looked at for a criterion.
enum class Look { lock, original_state, data_unchanged, source_only, source_leads, target_not_asked, performance, corruption, every_record, operations, user_checks, stability };

struct CriterionRow {
  migrate::Phase phase;
  std::string_view text;
  Look look;
};
std::span<const CriterionRow> criteria_table();

// A part of a phase's rollback has to be over at a moment, counted from the beginning.
struct WindowRow {
  migrate::Phase phase;
  std::string_view name;
  std::string_view last_step;  // of the part; a part without steps in this rollback is left out
  int64_t until_minutes;
};
std::span<const WindowRow> window_table();
int64_t limit_minutes(migrate::Phase phase);

enum class Verdict { met, not_met, not_measured, not_applicable };
std::string_view name_of(Verdict verdict);  // "not met"

struct Criterion {
  std::string text;
  Verdict verdict = Verdict::not_measured;
  std::string evidence;
  bool as_asked = false;  // not met because the rollback was asked to stop earlier: no fault
  bool only_recorded = false;  // not met, and the configuration asks for no more than to say so: no fault
};

struct Window {
  std::string name;
  int64_t taken_ms = 0;  // from the beginning of the rollback to the end of the part
  int64_t limit_ms = 0;
};

struct Assessment {
  migrate::Phase phase = migrate::Phase::validate;
  std::string operation_id;
  std::string incident;
  std::string goal;
  std::vector<Criterion> criteria;
  int64_t taken_ms = 0;
  int64_t limit_ms = 0;
  std::vector<Window> windows;

  size_t count(Verdict verdict) const;
  bool in_time() const;
  // No criterion is missed (but for what was asked for), and every limit is kept.
  bool good() const;
};

// Judges the last rollback by looking at journal, configuration and stores; changes nothing. Code::not_found if there was none that
// ended with success. REQUIRES: nobody has the stores open.
Result<Assessment> assess_rollback(os::World& world, const migrate::Config& config);

}  // namespace rollproof::rollback
