#include "lib/incident/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/digest.h"
#include "lib/os/paths.h"

namespace rollproof::incident {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kAuditBytesMax = 1ull << 30;
constexpr uint64_t kAuditEndBytes = 1ull << 14;  // read first for the last line; more where that is longer

std::string hash_of(uint64_t position, std::string_view previous, std::string_view event) {
  return sha256_hex(fmt::format("{}\n{}\n{}", position, previous, event));
}

std::string printed(const Json& document) { return document.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string text_of(const Event& event) {
  const auto read = event.read ? event.read : read_event(event.json);
  if (read->document.is_object()) return read->printed;
  std::string hexadecimal;
  for (const unsigned char byte : event.json) hexadecimal += fmt::format("{:02x}", byte);
  return printed(Json{{"unreadable", hexadecimal}});
}

std::string line_of(uint64_t position, std::string_view previous, std::string_view event, std::string_view hash) {
  return fmt::format(R"({{"position":{},"previous":"{}","event":{},"hash":"{}"}})", position, previous, event, hash);
}

// Empty if the line is the next of the chain; `previous` and `last` then move on.
std::string why_broken(std::string_view line, std::string& previous, uint64_t& last) {
  const Json document = Json::parse(line, nullptr, false);
  if (!document.is_object()) return "not a JSON object";
  const auto position = document.find("position");
  const auto event = document.find("event");
  if (position == document.end() || !position->is_number_unsigned() || event == document.end() || !event->is_object()) {
    return "a member is missing";
  }
  const auto at = position->get<uint64_t>();
  if (at <= last) return fmt::format("position {} after {}", at, last);
  const auto named = document.find("previous");
  if (named == document.end() || *named != previous) return "it does not follow the line before";
  const std::string text = printed(*event);
  const std::string hash = hash_of(at, previous, text);
  const auto written = document.find("hash");
  if (written == document.end() || *written != hash) return "its hash does not fit its content";
  // The hash covers what the line says; this covers how it says it, and members that do not belong there.
  if (line != line_of(at, previous, text, hash)) return "it is not as it was written";
  previous = hash;
  last = at;
  return "";
}

}  // namespace

void append_audit_line(const Event& event, std::string& previous, std::string& lines) {
  if (const auto* made = event.read ? event.read->audit_line.get() : nullptr; made != nullptr && made->position == event.position && made->previous == previous) {
    lines += made->line;
    previous = made->hash;
    return;
  }
  const std::string text = text_of(event);
  std::string hash = hash_of(event.position, previous, text);
  std::string line = line_of(event.position, previous, text, hash) + "\n";
  lines += line;
  if (event.read) event.read->audit_line = std::make_unique<Reading::AuditLine>(event.position, previous, hash, std::move(line));
  previous = std::move(hash);
}

Result<AuditFile> AuditFile::catch_up(os::FileSystem& files, const std::string& path, const std::vector<Event>& all, uint64_t durable_through, bool again) {
  std::string previous(kChainStart);
  std::string lines;
  uint64_t durable = 0;
  for (const Event& event : all) {
    append_audit_line(event, previous, lines);
    if (event.position <= durable_through) durable = lines.size();
  }
  Found found = Found::missing;
  ROLLPROOF_ASSIGN(LineFile file, LineFile::with_content(files, path, lines, durable, again, found));
  return AuditFile(std::move(file), std::move(previous), all.empty() ? 0 : all.back().position, found);
}

Result<bool> AuditFile::is_current(os::FileSystem& files, const std::string& path, const std::vector<Event>& all) {
  std::string previous(kChainStart);
  std::string lines;
  for (const Event& event : all) append_audit_line(event, previous, lines);
  return LineFile::is_current(files, path, lines);
}

Status AuditFile::append(const std::vector<Event>& events) {
  std::string lines;
  std::string previous = previous_;
  uint64_t last = last_;
  for (const Event& event : events) {
    if (event.position <= last) continue;
    append_audit_line(event, previous, lines);
    last = event.position;
  }
  ROLLPROOF_TRY(file_.append(lines));
  previous_ = std::move(previous);
  last_ = last;
  return {};
}

Result<uint64_t> end_of_audit(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
  if (!there) return uint64_t{0};
  ROLLPROOF_ASSIGN(const auto file, files.open_read(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  if (size > kAuditBytesMax) return uint64_t{0};
  std::string end;
  for (uint64_t piece = std::min(size, kAuditEndBytes);; piece = std::min(size, piece * 8)) {
    end.assign(piece, '\0');
    ROLLPROOF_ASSIGN(const size_t read, file->read_at(size - piece, end));
    if (read != piece || !end.ends_with('\n')) return uint64_t{0};
    end.pop_back();
    if (piece == size || end.find('\n') != std::string::npos) break;
  }
  const std::string_view line = std::string_view(end).substr(end.rfind('\n') + 1);
  const Json document = Json::parse(line, nullptr, false);
  // Only of this line: that it names the one before is for who reads all of them.
  const auto named = document.is_object() ? document.find("previous") : document.end();
  if (named == document.end() || !named->is_string()) return uint64_t{0};
  std::string previous = named->get<std::string>();
  uint64_t last = 0;
  return why_broken(line, previous, last).empty() ? last : 0;
}

Result<AuditVerdict> verify_audit(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path, kAuditBytesMax));
  AuditVerdict verdict;
  verdict.hash = kChainStart;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t newline = rest.find('\n');
    ++verdict.lines;
    const std::string why = newline == std::string_view::npos ? "it has no end" : why_broken(rest.substr(0, newline), verdict.hash, verdict.last);
    if (!why.empty()) {
      verdict.broken_line = verdict.lines;
      verdict.why = why;
      return verdict;
    }
    rest.remove_prefix(newline + 1);
  }
  return verdict;
}

}  // namespace rollproof::incident
