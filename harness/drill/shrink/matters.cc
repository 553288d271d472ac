#include "harness/drill/shrink/matters.h"

#include <fmt/format.h>

#include <map>

namespace rollproof::drill {
namespace {

std::string line(std::string_view becomes, const sim::Trace& trace, uint64_t ordinal) { return fmt::format("{:<5} {}", becomes, trace.operations[ordinal]->to_string()); }

// The one before it is done, the one behind it never happens.
void between(const sim::Trace& trace, uint64_t k, std::vector<std::string>& lines) {
  if (k > 0) lines.push_back(line("done", trace, k - 1));
  if (k < trace.size()) lines.push_back(line("never", trace, k));
}

void met(const char* how, const sim::Trace& trace, uint64_t at, std::vector<std::string>& lines) {
  if (at < trace.size()) lines.push_back(line(how, trace, at));
}

std::map<uint64_t, std::string> operations_of(const sim::Trace& trace, const LeastCrash& least) {
  std::map<uint64_t, std::string> lines;
  const bool torn = least.id.shape == sim::CrashId::Shape::torn;
  for (const uint64_t ordinal : least.needed) lines[ordinal] = line("done", trace, ordinal);
  for (const uint64_t ordinal : least.lost) lines[ordinal] = line(torn ? "cut" : "lost", trace, ordinal);
  return lines;
}

}  // namespace

std::vector<std::string> what_matters(const sim::Trace& trace, const LeastCrash& least) {
  std::vector<std::string> lines;
  for (auto& [ordinal, text] : operations_of(trace, least)) lines.push_back(std::move(text));
  return lines;
}

std::vector<std::string> what_matters(const Recording& recording, CaseRunner& runner, const fault::Fault& fault, const std::optional<LeastCrash>& second) {
  using Kind = fault::Kind;
  const sim::Trace& trace = recording.trace();
  std::vector<std::string> lines;
  const auto* looked = std::get_if<fault::IoError>(&fault.what);
  const auto* damage = std::get_if<fault::Damage>(&fault.what);
  switch (fault.kind()) {
    case Kind::io_error:
      looked->read == 0 ? met("fails", trace, looked->at, lines) : between(trace, looked->at, lines);
      if (const Look* look = recording.look_at(looked->at, looked->read)) lines.push_back(fmt::format("fails {} {} (it only looks)", sim::name_of(look->call), *look->path));
      return lines;
    case Kind::crash:
    case Kind::process_death:
    case Kind::corruption:
      between(trace, fault.at(), lines);
      if (damage != nullptr && damage->kind == fault::Damage::Kind::misread) lines.push_back(fmt::format("wrong read {} (it only looks)", damage->path));
      return lines;
    case Kind::second_crash: {
      between(trace, fault.at(), lines);
      const auto& crash = std::get<fault::SecondCrash>(fault.what);
      const sim::SimDisk* recovery = runner.recovery_from(crash.first);
      if (recovery == nullptr || !second) return lines;
      // Behind a death the recovery goes on counting: what comes before was done by the dead process, and is lost now.
      const uint64_t own = crash.after_death() ? fault.at() : 0;
      for (const auto& [ordinal, text] : operations_of(recovery->trace(), *second)) lines.push_back(text + (ordinal < own ? ", of the dead process" : ", by the recovery"));
      return lines;
    }
    case Kind::intruder: met("then", trace, fault.at(), lines); return lines;
    case Kind::memory:
    case Kind::timeout:
    case Kind::connection: met("at", trace, fault.at(), lines); return lines;
  }
  return lines;
}

}  // namespace rollproof::drill
