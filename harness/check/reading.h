// The evidence of one case, read at most once however many checkers look at it; what does not differ from an earlier case of the
// same thread is not read again at all (by the content of its files).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/check/comparison.h"
#include "harness/check/evidence.h"
#include "harness/check/read_audit.h"
#include "harness/check/records.h"

namespace rollproof::check {

class Reading {
 public:
  // REQUIRES: `evidence` and its images outlive this; `before` and `after` are there (`found` may be null).
  explicit Reading(const Evidence& evidence) : evidence_(evidence) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  const Evidence& evidence() const { return evidence_; }

  const Records& source_before();
  const Records& source_after();
  const Records& target_after();
  const Audit& audit();                   // of `after`
  const Audit& audit_found();             // nothing in it where `found` is null
  const Notifications& notifications();   // of `after`
  const Standing& standing() { return audit().standing; }
  // At the fault. A power loss takes the end of the trail and not of the journal: what `last` has written down of it since counts by its date. Nothing if
  // `last` has not come that far, or nobody has said when it began.
  const std::optional<Standing>& standing_found();
  const Records& answering() { return standing().answers_from_source() ? source_after() : target_after(); }

  // What is wrong with the store, measured by before and writes; "can not be read" is a finding of promise 1.
  const std::vector<Finding>& findings_of_source();
  const std::vector<Finding>& findings_of_target();
  const std::vector<Finding>& findings_of_answering() { return standing().answers_from_source() ? findings_of_source() : findings_of_target(); }
  // True where `last` could not write to the store that follows, and the trail says that this one lacks something, or that it was not closed.
  bool follower_may_lack();
  // Of the store that follows the answering one; empty if none does, or if it may lack something.
  const std::vector<Finding>& findings_of_follower();

  // Of the answering store, if a checker has compared it behind an answer that said success: what was looked at, and how much of it was not as it has to be.
  Integrity integrity();

  // What other programs have written, and the migration has not said to have seen: somebody has to decide.
  bool waits_for_a_person();
  // Where each write of another program is, which no later write to its key replaced: in a store, or in what was set aside. One line for each that is nowhere.
  std::vector<std::string> lost_writes_of_others();

  // True if `image` holds every sealed record that no write touches: in the source, or in a finished backup.
  bool has_way_back(const sim::Image& image);
  // What is wrong with the backup that `standing` calls proven: it is not whole, does not open, or lacks a sealed record that no write touches.
  // Empty if nothing is, or if there is none.
  std::string wrong_with_sealed_backup(const sim::Image& image, const Standing& standing);
  // True if the target holds every sealed record that no write touches.
  bool target_holds(const sim::Image& image);

 private:
  std::vector<Finding> findings_of(const Records& observed, std::string_view store, Integrity& numbers);
  bool store_holds(const sim::Image& image, const std::string& path, const std::string& kind);
  enum class Place { required, possible, excluded };
  Place place_of(const Write& write, std::string_view store);
  std::vector<Write> writes_of(std::string_view store);
  std::vector<Finding> compare_both(const Records& leader, const Records& follower, std::string_view store);

  const Evidence& evidence_;
  RecordsPtr source_before_, source_after_, target_after_;
  std::shared_ptr<const Audit> audit_, audit_found_;
  std::optional<std::optional<Standing>> standing_found_;
  std::shared_ptr<const Notifications> notifications_;
  Integrity in_source_, in_target_;
  std::optional<std::vector<Finding>> of_source_, of_target_, of_follower_;
};

// The position of the last event in the audit trail, 0 if there is none.
uint64_t last_position(const sim::Image& image, const Places& places);

// A path below a folder of the image.
std::string below(std::string_view folder, std::string_view name);

// True if damage at rest may have changed something below `folder`.
bool may_be_damaged(const Evidence& evidence, std::string_view folder);

// The whole of one answer has been given (an Answer nobody filled in has not).
inline bool was_given(const Answer& answer) { return answer.ok || answer.code != Code::internal || !answer.message.empty(); }

}  // namespace rollproof::check
