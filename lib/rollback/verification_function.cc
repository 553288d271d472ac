#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/rollback/verification.h"

namespace rollproof::rollback {
namespace {

constexpr std::string_view kPart = "Function";

VerificationLine basic_operations(const Measured& measured) {
  constexpr std::string_view text = "Basic operations";
  if (!measured.trial) return line_of(kPart, text, measured.trial.error());
  if (measured.trial->operations == 0) return {kPart, text, Verdict::not_applicable, "the source holds no record: there is no space to try them in"};
  if (!measured.source_unchanged) return {kPart, text, Verdict::not_met, "files of the source changed while it was looked at"};
  return {kPart, text, Verdict::met, fmt::format("put, get after opening again, overwrite, delete and scan in {} spaces on a throw-away view; the source's files are unchanged", measured.trial->per_space.size())};
}

VerificationLine across_networks(const Measured& measured) {
  constexpr std::string_view text = "Operations across networks";
  if (measured.inventory && measured.inventory->per_space.size() < 2) return {kPart, text, Verdict::not_applicable, "the records are of one space"};
  const migrate::Json* checks = measured.past.fact("checks", "checks");
  if (checks == nullptr || !checks->is_array()) {
    return {kPart, text, Verdict::not_measured, "no check of your own was run: name some in \"checks\" of the configuration, with \"when\": [\"rollback\"]"};
  }
  std::string names;
  for (const auto& check : *checks) {
    const std::string name = check.value("name", std::string());
    if (check.value("exit_code", 1) != 0) return {kPart, text, Verdict::not_met, fmt::format("your check \"{}\" ended with {}", name, check.value("exit_code", 1))};
    names += (names.empty() ? "" : ", ") + name;
  }
  return {kPart, text, Verdict::met, "your own checks ended with 0 on a copy of the proven source, during the rollback: " + names};
}

VerificationLine configurations_valid(const Measured& measured) {
  constexpr std::string_view text = "Network configurations valid";
  if (!measured.inventory) return line_of(kPart, text, measured.inventory.error());
  const migrate::Inventory& inventory = *measured.inventory;
  const bool contracts = std::any_of(inventory.per_space.begin(), inventory.per_space.end(), [](const auto& space) { return space.first != "other"; });
  if (!contracts) return {kPart, text, Verdict::not_applicable, "no record is that of a contract on a chain"};
  const auto sealed = measured.state.seals.find("inventory");
  if (sealed == measured.state.seals.end()) return {kPart, text, Verdict::not_measured, "no inventory was sealed to tell what was odd before"};
  const uint64_t odd_then = sealed->second.facts.value("oddities", uint64_t{0}) - sealed->second.facts.value("oddities_expected", uint64_t{0});
  const std::string found = fmt::format("chain ids, network names, contract names and required fields of {} records: {} oddities outside of the excepted spaces", inventory.records, inventory.unexpected_oddities);
  if (inventory.unexpected_oddities > odd_then) {
    // What came in with a write is the one that is new.
    std::set<std::string> written = measured.written;
    if (measured.held) {
      for (const auto& difference : measured.held->comparison.listed) written.insert(difference.key);
    }
    const auto is_written = [&](const record::Oddity& oddity) { return written.contains(oddity.key); };
    auto found_one = std::find_if(inventory.oddities.begin(), inventory.oddities.end(), is_written);
    const record::Oddity& first = found_one == inventory.oddities.end() ? inventory.oddities.front() : *found_one;
    const std::string more = fmt::format("{}, {} were sealed by validate; one of them: {} {} {}", found, odd_then, first.key, first.field, first.what);
    // Who writes now may write what is odd: of the rollback it says nothing.
    if (measured.written_since) return {kPart, text, Verdict::not_measured, fmt::format("{}; found now: {}", *measured.written_since, more)};
    return {kPart, text, Verdict::not_met, more};
  }
  return {kPart, text, Verdict::met, fmt::format("{}, {} were sealed by validate", found, odd_then)};
}

// What would have to be tried without permission can not be tried by whoever may do everything, and a store of files has no connection.
VerificationLine error_handling(const Measured& measured) {
  constexpr std::string_view text = "Error handling";
  if (!measured.missing_key) return line_of(kPart, text, measured.missing_key.error());
  if (!measured.damaged_file) return line_of(kPart, text, measured.damaged_file.error());
  return {kPart, text, Verdict::not_measured, fmt::format("{}; {}; not tried: a file without permission. A connection that could be lost: not applicable to files", *measured.missing_key, *measured.damaged_file)};
}

}  // namespace

std::vector<VerificationLine> judge_function(const Measured& measured) {
  return {basic_operations(measured), across_networks(measured), configurations_valid(measured), error_handling(measured)};
}

}  // namespace rollproof::rollback
