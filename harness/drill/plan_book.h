// Where a plan is written down: each case under its scenario, as one to run, as one like another, or left out with a reason; and which of many cases a
// profile takes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "harness/drill/plan.h"

namespace rollproof::drill {

// A number that is drawn by the text, and by what was drawn before.
uint64_t drawn_by(uint64_t before, std::string_view text);

class PlanBook {
 public:
  // `covered` is added to; a thin profile asks it. May be null. Both outlive this. `salt`: of the story.
  PlanBook(const Profile& profile, Covered* covered, uint64_t salt) : profile_(profile), covered_(covered), salt_(salt) {}

  void add(const Cell& of, fault::Fault fault, const char* what);
  void leave_out(const Cell& of, const char* what);
  void leave_out(const Cell& of, const std::string& reason, uint64_t cases);
  void prune(const Cell& of);
  // Counts the cases of a class, of which the multiples of `every` are taken. Where it begins is drawn by story and class, but one of the first kPhaseMax is taken: commands are alike
  // at their ends, and strides that all began at 0 would step over the same place in each story.
  uint64_t& seen(const char* what, uint64_t every);
  // Whether the profile's stride takes the next one of its class. However sparse the profile, each scenario has one of each class: a stride
  // over the whole story would step over short scenarios, and a scenario without a case shows nothing.
  bool takes(const Cell& of, const char* what, uint64_t every);
  // Whether a scenario has no case of this class yet; of a thin profile, none at all.
  bool is_missing(const Cell& of, const char* what);
  void sample(const Cell& of, fault::Fault fault, const char* what, uint64_t every) { takes(of, what, every) ? add(of, std::move(fault), what) : leave_out(of, what); }
  // For kinds with many classes: each scenario has one case of `kind`, whatever its class.
  void sample_of(const char* kind, const Cell& of, fault::Fault fault, const char* what, uint64_t every);

  Plan& plan() { return plan_; }

 private:
  uint32_t cell(const Cell& cell);

  static constexpr uint64_t kPhaseMax = 64;
  const Profile& profile_;
  Covered* covered_;
  const uint64_t salt_;
  Plan plan_;
  std::map<std::string, uint32_t> known_;
  Cell last_;  // that was asked for, and its index: cases come scenario by scenario
  std::optional<uint32_t> last_index_;
  std::vector<bool> covered_cells_;  // by index: known to be
  uint64_t* left_out_ = nullptr;  // the count that was last added to, and of what
  std::pair<uint32_t, std::string_view> left_out_of_;
  std::map<std::string_view, std::string> sampled_;  // the reason, by class
  std::map<std::string, uint64_t> seen_;  // by class
  std::set<std::pair<uint32_t, std::string_view>> tried_;  // cells and classes that have a case to run
};

}  // namespace rollproof::drill
