// Runs one case: brings the fault about, lets the library recover twice, and has all ten promises checked.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/check/checkers.h"
#include "harness/drill/recording.h"
#include "harness/drill/recovery_parts.h"
#include "harness/sim/crash.h"

namespace rollproof::drill {

enum class Verdict { passed, failed, inconclusive };
std::string_view name_of(Verdict verdict);

struct CaseResult {
  Verdict verdict = Verdict::passed;
  std::string category;            // reports.md, closed list
  int64_t recovery_ms = 0;         // simulated
  RecoveryParts parts;             // of it
  check::Integrity integrity;      // over everything that was checked
  uint64_t fired = 0;              // how often the fault went off: the proof
  uint64_t images = 0;             // disk contents that were recovered and checked
  std::vector<check::Violation> violations;
  check::Answer command, recovery, second;  // command: of the one that an injected error met

  // The library died or hung, in a process of its own (workers.h); it would do that to whoever runs the case in this one.
  bool died() const { return category == "crash" || category == "timeout"; }
};

// What is checked after a case. A test puts in one that finds fault with sound evidence.
using Judge = std::function<check::Violations(const check::Evidence&)>;

class CaseRunner {
 public:
  // REQUIRES: `recording` outlives this.
  explicit CaseRunner(const Recording& recording, Judge judge = {});

  CaseResult run(const fault::Fault& fault);
  // Of the whole story without a fault: every command succeeded, and after each of them all promises hold.
  CaseResult control();
  // The recovery from a first crash or death, for planning second ones: its trace begins with the operations of the dead process, if one
  // died. Null if the crash does not name an image.
  const sim::SimDisk* recovery_from(const fault::SecondCrash::First& first);
  // How many bytes more than it gives back the command that begins at `k` needs at once; nothing if it lets no file grow.
  std::optional<uint64_t> room_needed(uint64_t k) const;
  bool damages_something() const;  // the story, by itself
  // Whether what another program does can happen there: the store that it writes to is there, and whole; somebody of ours comes to the one
  // that is out of reach; a migration is running whose configuration it edits; who is asked to stop would obey, and dies before. REQUIRES: it is one of these.
  bool can_fire(const fault::Intruder& intruder) const;

 private:
  friend class StoreOutOfReach;
  // Whatever happens after the last command, as far as a write log can tell.
  static constexpr uint64_t kEnd = subject::kNever - 1;

  struct Recovered {
    check::Answer first, second;
    std::optional<int64_t> began_ms;  // of the first, wall time
    int64_t ms = 0;
    RecoveryParts parts;
    uint64_t first_changes = 0;
    uint64_t second_changes = 0;
    sim::Image found, after;
  };
  // What is answered while there is no source to write to, and nothing else can be.
  static constexpr const char* kReplacing = "a restored source is not in its place yet";
  // `begins_ms`: how long after the story's beginning. What is dated by a recovery before this one has to be earlier.
  static constexpr int64_t kHourMs = 3'600'000, kRecoveryMs = 12 * kHourMs, kFirstRecoveryMs = kHourMs;
  Recovered recover(sim::SimDisk& disk, int64_t begins_ms = kRecoveryMs) const;
  struct Typed {
    check::Answer answer;
    subject::WriteLog log;
    int64_t began_ms = 0, ended_ms = 0;  // by the monotonic clock
    uint64_t changes = 0;
  };
  // One of the two; `turn` draws its random numbers.
  Typed type_recover(sim::SimDisk& disk, int64_t begins_ms, uint64_t turn) const;
  const Recovered& recover_image(const sim::Image& image);
  check::Evidence evidence_of(const Recovered& recovered, uint64_t k, const subject::WriteLog& log) const;
  // REQUIRES: `last` is no recovery.
  static void excuse_safe_stop(check::Evidence& evidence);
  void judge(const check::Evidence& evidence, CaseResult& result) const;
  void judge_recovery(const Recovered& recovered, uint64_t k, CaseResult& result) const;
  // A recovery that found nothing to do after damage has said nothing about the data, and is not judged.
  void judge_unless_idle(const check::Evidence& evidence, const Recovered& recovered, CaseResult& result) const;
  CaseResult crash(const sim::CrashId& id);
  CaseResult process_death(uint64_t k);
  CaseResult io_error(const fault::IoError& error);
  // What is left of a command, or of a recovery, that has said that it is done if nothing unsynced survives: a recovery from that, judged.
  void lose_power(const sim::SimDisk& disk, uint64_t k, const subject::WriteLog& log, CaseResult& result);
  // The same once more, behind a user's write that was acknowledged after the recovery.
  void lose_power_behind_a_write(sim::SimDisk& disk, uint64_t k, subject::WriteLog log, CaseResult& result);
  CaseResult second_crash(const fault::SecondCrash& crash);
  CaseResult intruder(const fault::Intruder& intruder);
  // Another program's write behind the death at which the fault points; and whatever comes then.
  struct Foreign {
    std::unique_ptr<sim::SimDisk> disk;
    subject::WriteLog log;
    check::Answer answer;  // what that program was told
  };
  // What somebody types in the end who was told of another program's writes: take them over, and back to the source.
  static const subject::Command& decided();
  Foreign let_foreign_write(const fault::Intruder& intruder) const;
  CaseResult foreign_program(const fault::Intruder& intruder);
  // A store that nobody can open or write to, or that is not there (harness/drill/out_of_reach.h, case_out_of_reach.cc); `meets_store`: somebody comes to it.
  CaseResult store_out_of_reach(const fault::Intruder& intruder);
  bool meets_store(const fault::Intruder& intruder) const;
  static bool is_users_write(const subject::Command& command);
  // The folder of the store that only follows, if the command is a user's write; otherwise empty.
  std::string follower_of_write(size_t command, const sim::Image& found) const;
  CaseResult older_store(const fault::Intruder& intruder);
  // The disk there with the store as it was, closed, behind an earlier command of the same migration; null if there is no such command.
  std::unique_ptr<sim::SimDisk> put_back(const fault::Intruder& intruder) const;
  // The same with the state folder, or the journal in it, at the beginning of a command: nothing if there is none that has to be known for an older one.
  CaseResult older_journal(const fault::Intruder& intruder);
  std::optional<sim::Image> put_journal_back(const fault::Intruder& intruder) const;
  std::string folder_put_back(const fault::Intruder& intruder) const;
  CaseResult edited_configuration(const fault::Intruder& intruder);
  CaseResult edited_between(const fault::Intruder& intruder);
  CaseResult earlier_command(const fault::Intruder& intruder);
  // A request to cancel, whose holder dies before it has obeyed, or while it does; `can_die_…`: it found somebody who will obey, and who did not end before.
  CaseResult death_behind_request(const fault::Intruder& intruder);
  void ask_who_dies(uint64_t k, CaseResult& result) const;
  bool can_die_behind_request(const fault::Intruder& intruder) const;
  struct Requested;
  Requested die_behind_request(const fault::Intruder& intruder) const;
  CaseResult corruption(const fault::Damage& damage);
  void judge_write_over_damage(size_t command, const fault::Damage& damage, const sim::Image& left, CaseResult& result) const;
  static void judge_trail(const std::string& path, const Recovered& recovered, const sim::Image& sound, CaseResult& result);
  struct Wrong {
    std::string path;        // of the file or folder that is
    const char* what;        // in words: "the configuration can not be read"
    // What a refused command may leave otherwise, or nothing: who has read the configuration takes the lock before he knows which migration is running, and a journal
    // that was not closed is mended then.
    std::string may_change;
  };
  CaseResult refused_until_put_right(uint64_t k, const sim::Image& found, const sim::Image& sound, const Wrong& wrong, CaseResult result);
  CaseResult misread(const fault::Damage& damage);
  // The store, of those that there are, which an answer about one of them names; otherwise `path`.
  std::string named_by(const check::Answer& answer, const std::string& path) const;
  CaseResult memory(const fault::Memory& memory);
  CaseResult timeout(const fault::Timeout& timeout);
  // What a faulty command has answered, held against what it left; `recovered`: what the recovery then found to do.
  void judge_command(size_t command, check::Evidence evidence, const sim::Image& found, const Recovered& recovered, CaseResult& result) const;
  subject::WriteLog log_before(size_t command) const;
  // The command at work at operation k, at its beginning: to be run again under a fault.
  struct Again {
    size_t command = 0;
    std::unique_ptr<sim::SimDisk> disk;
    subject::WriteLog log;
  };
  Again again_at(uint64_t k) const;
  // The process of a command that was run again is gone, and no fault is to come.
  Recovered recover_after(sim::SimDisk& disk) const;
  check::Evidence evidence_again(const Recovered& recovered, uint64_t k, const subject::WriteLog& log, bool acknowledged) const;
  bool is_in_story(uint64_t k) const { return k < recording_.trace().size(); }
  CaseResult outside_the_story() const;
  CaseResult impossible(const Error& error) const;
  CaseResult finish(CaseResult result, const Recovered& recovered) const;
  // What a story that goes on does behind a recovery that succeeded, from `command`, which the fault met, to its end.
  void go_on(const Recovered& recovered, size_t command, subject::WriteLog log, CaseResult& result);
  // The same where the command said that it has failed: whoever is told that memory ran out in a write does not type it again. A write that
  // is typed again would cover what the first one has left behind.
  void go_on_without(size_t command, const Recovered& recovered, subject::WriteLog log, CaseResult& result);
  // The same behind a process that died after k operations of a migration and a rollback as the next command, without a recovery between.
  void go_back_at_once(uint64_t k, CaseResult& result);
  // What else somebody may type behind a process that died after k operations, without having recovered: it is done, or refused with a reason, and
  // whatever it is a recovery comes to its end behind it.
  void type_another_at_once(uint64_t k, CaseResult& result);
  // One more command behind `behind`, at `begins_ms`, which is done or, with `may_be_refused`, not; a recovery behind it; and what both have left.
  void type_one(sim::SimDisk& disk, const subject::Command& typed, const char* behind, int64_t begins_ms, bool may_be_refused, uint64_t k, subject::WriteLog& log, CaseResult& result) const;
  void tell_rest(sim::SimDisk& disk, size_t from, const char* after, subject::WriteLog log, CaseResult& result);
  subject::WriteLog log_at(uint64_t k) const;
  size_t command_of(uint64_t k) const;

  const Recording& recording_;
  // The story's, and one reading of its history for all of its recoveries and commands. Where allocations are counted it is left out: it saves some.
  subject::LibraryOptions known_;
  Judge judge_;
  sim::CrashImages images_;
  std::map<sim::Digest128, Recovered> recovered_;  // the same image recovers the same way
  mutable std::map<sim::Digest128, check::Answer> idle_;  // what a second recovery answered that changed nothing, by what it found
  std::optional<fault::SecondCrash::First> first_;  // that first_disk_ recovered from
  std::unique_ptr<sim::SimDisk> first_disk_;
  std::unique_ptr<sim::CrashImages> second_images_;
};

}  // namespace rollproof::drill
