#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "lib/record/shown_text.h"
#include "lib/record/space.h"
#include "lib/rollback/verification.h"

namespace rollproof::rollback {
namespace {

constexpr std::string_view kPart = "Data integrity";

std::string counts_text(const std::map<std::string, uint64_t>& spaces) {
  std::vector<std::string> words;
  for (const auto& [space, count] : spaces) words.push_back(fmt::format("{} {}", space, count));
  return fmt::format("{}", fmt::join(words, ", "));
}

// Records that are not those of the copy show a fault of the rollback only while nobody has written since; then they are named, and a person decides.
VerificationLine differing(const Measured& measured, std::string_view text, std::string evidence) {
  if (!measured.written_since) return {kPart, text, Verdict::not_met, std::move(evidence)};
  return {kPart, text, Verdict::not_measured, fmt::format("{}; found now: {}", *measured.written_since, evidence)};
}

VerificationLine line_of_held(const Measured& measured, std::string_view text) {
  const Error& error = measured.held.error();
  return error.code == Code::differs ? differing(measured, text, error.to_string()) : line_of(kPart, text, error);
}

VerificationLine all_accessible(const Measured& measured) {
  constexpr std::string_view text = "All contracts accessible";
  if (!measured.trial) return line_of(kPart, text, measured.trial.error());
  if (!measured.held) return line_of_held(measured, text);
  const auto& found = measured.trial->per_space;
  if (found != measured.held->per_space) {
    return differing(measured, text, fmt::format("{}, each record read singly; {} and the journaled writes say {}", counts_text(found), measured.held->copy, counts_text(measured.held->per_space)));
  }
  return {kPart, text, Verdict::met, fmt::format("{} records, each read singly: {}; as many as {} and the journaled writes say", measured.trial->records, counts_text(found), measured.held->copy)};
}

bool has_contracts(const migrate::Inventory& inventory) {
  return std::any_of(inventory.per_space.begin(), inventory.per_space.end(), [](const auto& space) { return space.first != "other"; });
}

// Of records outside of the excepted spaces.
uint64_t odd_in(const Measured& measured, const std::set<std::string>& fields) {
  const auto& inventory = *measured.inventory;
  return static_cast<uint64_t>(std::count_if(inventory.oddities.begin(), inventory.oddities.end(), [&](const record::Oddity& oddity) {
    return fields.contains(oddity.field) && !inventory.excepted_spaces.contains(record::space_of(oddity.key).name);
  }));
}

// A field of contracts: its text in every record is that of X, and what is malformed was so when it was sealed.
VerificationLine field_as_before(const Measured& measured, std::string_view text, const char* what, const std::set<std::string>& fields) {
  if (!measured.inventory) return line_of(kPart, text, measured.inventory.error());
  if (!has_contracts(*measured.inventory)) return {kPart, text, Verdict::not_applicable, "no record is that of a contract on a chain"};
  if (!measured.held) return line_of_held(measured, text);
  const uint64_t malformed = odd_in(measured, fields);
  const std::string odd = malformed == 0 ? "none is malformed outside of the excepted spaces" : fmt::format("malformed or missing in {}", record::plural(malformed, "place"));
  const auto& comparison = measured.held->comparison;
  if (comparison.equal()) return {kPart, text, Verdict::met, fmt::format("{} of every record as in {} and the journaled writes, byte for byte; {}", what, measured.held->copy, odd)};
  if (comparison.listed.size() < comparison.difference_count()) {
    return differing(measured, text, fmt::format("{} records differ from {}, and not all were looked at", comparison.difference_count(), measured.held->copy));
  }
  for (const auto& difference : comparison.listed) {
    if (difference.kind != record::Difference::Kind::changed || difference.fields.empty()) return differing(measured, text, fmt::format("{}: {}", difference.key, record::name_of(difference.kind)));
    for (const std::string& place : difference.fields) {
      if (fields.contains(place.substr(0, place.find(':')))) return differing(measured, text, fmt::format("{}: {}", difference.key, place));
    }
  }
  return {kPart, text, Verdict::met, fmt::format("{} records differ from {}, none of them in this field", comparison.difference_count(), measured.held->copy)};
}

VerificationLine no_corruption(const Measured& measured) {
  constexpr std::string_view text = "No corruption";
  if (!measured.inspection) return line_of(kPart, text, measured.inspection.error());
  for (const auto& problem : measured.inspection->problems) {
    if (!problem.ordinary) return {kPart, text, Verdict::not_met, problem.file + ": " + problem.what};
  }
  if (measured.leftovers && !measured.leftovers->empty()) return {kPart, text, Verdict::not_met, fmt::format("left over: {}", fmt::join(*measured.leftovers, ", "))};
  if (!measured.source_unchanged) return {kPart, text, Verdict::not_met, "files of the source changed while it was looked at"};
  if (!measured.held) return line_of_held(measured, text);
  const auto& comparison = measured.held->comparison;
  if (!comparison.equal()) {
    std::vector<std::string> keys;
    for (size_t i = 0; i < std::min<size_t>(3, comparison.listed.size()); ++i) keys.push_back(comparison.listed[i].key);
    return differing(measured, text, fmt::format("beside {} and the journaled writes {} more, {} missing, {} changed ({}{})", measured.held->copy, comparison.extra, comparison.missing, comparison.changed,
                                                 fmt::join(keys, ", "), keys.size() < comparison.difference_count() ? ", …" : ""));
  }
  if (!measured.leftovers) return {kPart, text, Verdict::not_measured, "nobody looked for leftovers"};
  return {kPart, text, Verdict::met, fmt::format("digest {}, as {} and the journaled writes; every file scanned, every checksum and every JSON text read, nothing left over", comparison.right.hex(), measured.held->copy)};
}

}  // namespace

std::vector<VerificationLine> judge_data(const Measured& measured) {
  return {all_accessible(measured), field_as_before(measured, "Addresses match", "the address", {"$.address", "$.proxyAddress"}),
          field_as_before(measured, "Hashes consistent", "the hash, or that there is none,", {"$.implementationHash", "$.factoryByteCodeHash"}), no_corruption(measured)};
}

}  // namespace rollproof::rollback
