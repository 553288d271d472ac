// A control entry of the journal as those see it that render it: its text, and what has been made of the text already.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>

namespace rollproof::incident {

// What a control event's text says. A function of the text and of nothing else.
struct Reading {
  // The line of an audit trail that was last made of it: one command makes that of each event up to three times. Only spares the work.
  struct AuditLine {
    uint64_t position = 0;
    std::string previous;
    std::string hash;
    std::string line;
  };
  nlohmann::ordered_json document;  // discarded if the text is no JSON
  std::string printed;              // as the audit trail carries it; empty if the text is no JSON object
  mutable std::unique_ptr<const AuditLine> audit_line = nullptr;  // for one thread at a time, as ReadEvents
};

struct Event {
  uint64_t position = 0;
  std::string json;                                // one JSON object, if nothing is wrong
  std::shared_ptr<const Reading> read = nullptr;   // of `json`, if somebody has read it; only spares the work
};

// Reads the text; never fails (a text that is no JSON has a discarded document).
std::shared_ptr<const Reading> read_event(const std::string& json);

// Keeps what was read, so that a history that is read twice in one command (to look, and under the lock) is parsed once. Whoever runs many
// commands on one history keeps one over all of them. For one thread at a time.
class ReadEvents {
 public:
  // What read_event says. Short texts are kept, up to kKept of them; then all are forgotten.
  std::shared_ptr<const Reading> of(const std::string& json);

 private:
  static constexpr size_t kKept = 4096;
  static constexpr size_t kLong = 64 << 10;  // bytes: a list of very many files is read anew and not kept
  std::unordered_map<std::string, std::shared_ptr<const Reading>> kept_;
};

}  // namespace rollproof::incident
