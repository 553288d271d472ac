// One checker per promise (architecture.md, "Promises"). Each looks at the bytes that are there and at what the subject was told, with readers of its own.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "harness/check/evidence.h"
#include "harness/check/reading.h"

namespace rollproof::check {

using Violations = std::vector<Violation>;

void check_nothing_lost(Reading& reading, Violations& out);
void check_nothing_invented(Reading& reading, Violations& out);
void check_rollback_restores(Reading& reading, Violations& out);
void check_one_owner(Reading& reading, Violations& out);
void check_always_ends(Reading& reading, Violations& out);
void check_never_silently_wrong(Reading& reading, Violations& out);
void check_way_back_kept(Reading& reading, Violations& out);
void check_cleans_up(Reading& reading, Violations& out);
void check_says_so(Reading& reading, Violations& out);
void check_in_time(Reading& reading, Violations& out);

struct Checker {
  int promise;
  std::string_view name;  // "nothing is lost", stable (reports)
  void (*check)(Reading&, Violations&);
};

// All ten, in order.
std::span<const Checker> checkers();

// Empty: every promise was kept. REQUIRES: `before` and `after` are there.
// `left_out`: numbers of promises not to check, for a must-fail control that shows what a checker is worth.
// `numbers`: what a comparison of the answering store came to, is added to; may be null.
Violations check_all(const Evidence& evidence, std::span<const int> left_out = {}, Integrity* numbers = nullptr);

// What the findings of a store say about one promise, counted for `promise`.
void report_findings(const std::vector<Finding>& findings, int of, int as, Violations& out);

}  // namespace rollproof::check
