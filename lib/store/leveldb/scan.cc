#include "lib/store/leveldb/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/os/paths.h"
#include "lib/store/leveldb/decode.h"
#include "lib/store/leveldb/file_names.h"

namespace rollproof::store::level {

namespace {

constexpr uint64_t kFooterBytes = 48;
constexpr uint64_t kTableMagic = 0xdb4775248b80fb57ull;
constexpr uint64_t kBatchHeaderBytes = 12;

class Scanner {
 public:
  Scanner(os::FileSystem& files, const std::string& directory) : files_(files), directory_(directory) {}

  Result<Scan> run() {
    ROLLPROOF_ASSIGN(scan_.names, files_.list(directory_));
    ROLLPROOF_TRY(list_set_aside());
    ROLLPROOF_ASSIGN(const bool manifest_read, read_current());
    if (manifest_read) {
      ROLLPROOF_TRY(read_manifest());
      ROLLPROOF_TRY(read_logs());
      ROLLPROOF_TRY(check_tables());
      find_unreferenced();
    }
    return std::move(scan_);
  }

 private:
  void add(Trouble trouble, bool ordinary, const std::string& file, std::string what) {
    scan_.findings.push_back({file, std::move(what), ordinary, trouble});
  }
  std::string at(const std::string& name) const { return os::join(directory_, name); }
  bool has(const std::string& name) const { return std::binary_search(scan_.names.begin(), scan_.names.end(), name); }

  Status list_set_aside() {
    if (!has(std::string(kObsoleteFolder))) return {};
    ROLLPROOF_ASSIGN(scan_.set_aside, files_.list(at(std::string(kObsoleteFolder))));
    for (const std::string& name : scan_.set_aside) {
      add(Trouble::set_aside, true, os::join(kObsoleteFolder, name), "set aside by a run that did not finish");
    }
    return {};
  }

  // False if it does not lead to a manifest.
  Result<bool> read_current() {
    if (!has("CURRENT")) {
      add(Trouble::damage, false, "CURRENT", "is missing");
      return false;
    }
    scan_.has_current = true;
    ROLLPROOF_ASSIGN(const std::string text, os::read_file(files_, at("CURRENT"), 4096));
    const FileName named = text.ends_with('\n') ? parse_file_name(std::string_view(text).substr(0, text.size() - 1)) : FileName{};
    if (named.kind != FileKind::manifest) {
      add(Trouble::damage, false, "CURRENT", fmt::format("{} bytes that are not the name of a manifest", text.size()));
      return false;
    }
    scan_.manifest_number = named.number;
    scan_.manifest_file = text.substr(0, text.size() - 1);
    if (has(scan_.manifest_file)) return true;
    add(Trouble::damage, false, scan_.manifest_file, "is missing, and CURRENT names it");
    return false;
  }

  Status read_manifest() {
    const std::string& file = scan_.manifest_file;
    ROLLPROOF_ASSIGN(const std::string bytes, os::read_file(files_, at(file)));
    std::string wrong;
    scan_.manifest_framing = read_framing(bytes, [&](uint64_t begin, std::string_view edit) {
      if (!wrong.empty()) return;
      wrong = apply_edit(edit, scan_.manifest);
      if (!wrong.empty()) wrong = fmt::format("edit at {}: {}", begin, wrong);
    });
    if (wrong.empty()) wrong = what_is_missing(scan_.manifest);
    if (!wrong.empty()) add(Trouble::damage, false, file, wrong);
    if (const auto& broken = scan_.manifest_framing.broken) {
      add(broken->record_after ? Trouble::damage : Trouble::manifest_tail, broken->unfinished, file, broken->what);
    }
    return {};
  }

  Status read_logs() {
    const uint64_t oldest = scan_.manifest.log_number.value_or(0);
    for (const std::string& name : scan_.names) {
      const FileName parsed = parse_file_name(name);
      if (parsed.kind != FileKind::log) continue;
      if (parsed.number >= oldest || parsed.number == scan_.manifest.previous_log) scan_.logs.push_back({parsed.number, name, {}});
    }
    std::sort(scan_.logs.begin(), scan_.logs.end(), [](const LogFile& a, const LogFile& b) { return a.number < b.number; });
    if (scan_.logs.empty()) {
      // LevelDB opens without it. A stopped writer may leave this: the name of a new log is durable only with its first sync.
      add(Trouble::no_log, true, fmt::format("{:06}.log", oldest), "is missing, and the manifest names it");
      return {};
    }
    uint64_t expected = scan_.manifest.last_sequence.value_or(0) + 1;
    bool first = true;
    for (LogFile& log : scan_.logs) ROLLPROOF_TRY(read_log(log, expected, first));
    for (const LogFile& log : scan_.logs) {
      const bool newest = scan_.is_newest(log);
      const auto& broken = log.framing.broken;
      if (broken) add(newest ? Trouble::log_tail : Trouble::damage, newest && broken->unfinished, log.name, broken->what);
    }
    return {};
  }

  // `expected`: the sequence number that continues what is known. The first batch may repeat what tables hold already, but
  // begin no later; from then on the numbers follow without a gap.
  Status read_log(LogFile& log, uint64_t& expected, bool& first) {
    ROLLPROOF_ASSIGN(const std::string bytes, os::read_file(files_, at(log.name)));
    bool reported = false;
    log.size = bytes.size();
    log.framing = read_framing(bytes, [&](uint64_t begin, std::string_view record) {
      BatchHeader batch = read_batch(record);
      if (batch.wrong.empty() && (first ? batch.sequence > expected : batch.sequence != expected)) {
        batch.wrong = fmt::format("sequence {}, expected {}{}", batch.sequence, first ? "at most " : "", expected);
      }
      if (!batch.wrong.empty() && !reported) {
        add(Trouble::damage, false, log.name, fmt::format("batch at {}: {}", begin, batch.wrong));
        reported = true;
      }
      first = false;
      expected = batch.sequence + batch.count;
    });
    return {};
  }

  Status check_tables() {
    for (const auto& [number, table] : scan_.manifest.tables) {
      std::string name = table_name(number);
      if (!has(name) && has(old_table_name(number))) name = old_table_name(number);
      if (!has(name)) {
        add(Trouble::missing, false, name, "is missing, and the manifest names it");
        continue;
      }
      ROLLPROOF_ASSIGN(auto file, files_.open_read(at(name)));
      ROLLPROOF_ASSIGN(const uint64_t size, file->size());
      if (size != table.size) {
        add(Trouble::damage, false, name, fmt::format("{} bytes, expected {}", size, table.size));
        continue;
      }
      std::string footer(std::min(size, kFooterBytes), '\0');
      ROLLPROOF_ASSIGN(const size_t got, file->read_at(size - footer.size(), footer));
      footer.resize(got);
      if (const std::string wrong = check_footer(footer, size); !wrong.empty()) add(Trouble::damage, false, name, wrong);
    }
    return {};
  }

  void find_unreferenced() {
    const auto is_needed_log = [&](const std::string& name) {
      return std::any_of(scan_.logs.begin(), scan_.logs.end(), [&](const LogFile& log) { return log.name == name; });
    };
    for (const std::string& name : scan_.names) {
      const FileName parsed = parse_file_name(name);
      const bool unneeded = (parsed.kind == FileKind::table && !scan_.manifest.tables.contains(parsed.number)) ||
                            (parsed.kind == FileKind::log && !is_needed_log(name)) ||
                            (parsed.kind == FileKind::manifest && name != scan_.manifest_file) ||
                            parsed.kind == FileKind::temporary;
      if (unneeded) add(Trouble::unreferenced, true, name, "nothing refers to it");
    }
  }

  os::FileSystem& files_;
  const std::string& directory_;
  Scan scan_;
};

}  // namespace

bool Scan::is_newest(const LogFile& log) const {
  return std::all_of(logs.begin(), logs.end(), [&](const LogFile& other) { return other.number <= log.number || other.size == 0; });
}

Inspection Scan::inspection() const {
  Inspection inspection;
  for (const Finding& finding : findings) inspection.problems.push_back({finding.file, finding.what, finding.ordinary});
  return inspection;
}

Result<Scan> scan(os::FileSystem& files, const std::string& directory) { return Scanner(files, directory).run(); }

BatchHeader read_batch(std::string_view record) {
  BatchHeader batch;
  if (record.size() < kBatchHeaderBytes) {
    batch.wrong = fmt::format("{} bytes, expected at least {}", record.size(), kBatchHeaderBytes);
    return batch;
  }
  batch.sequence = decode_fixed64(record);
  batch.count = decode_fixed32(record.substr(8));
  uint64_t found = 0;
  for (Decoder decoder(record.substr(kBatchHeaderBytes)); !decoder.at_end(); ++found) {
    const uint8_t kind = decoder.byte();
    if (kind > 1) {
      batch.wrong = fmt::format("change {} is of kind {}, expected 0 or 1", found, kind);
      return batch;
    }
    decoder.text();
    if (kind == 1) decoder.text();
    if (!decoder.ok()) {
      batch.wrong = fmt::format("change {} is cut short", found);
      return batch;
    }
  }
  if (found != batch.count) batch.wrong = fmt::format("{} changes, expected {}", found, batch.count);
  return batch;
}

std::string check_footer(std::string_view footer, uint64_t size) {
  if (footer.size() < kFooterBytes) return fmt::format("footer of {} bytes, expected {}", footer.size(), kFooterBytes);
  const uint64_t magic = decode_fixed64(footer.substr(kFooterBytes - 8));
  if (magic != kTableMagic) return fmt::format("footer mark {:016x}, expected {:016x}", magic, kTableMagic);
  Decoder decoder(footer.substr(0, kFooterBytes - 8));
  for (const char* block : {"metaindex", "index"}) {
    const uint64_t offset = decoder.varint();
    const uint64_t length = decoder.varint();
    if (!decoder.ok() || offset > size || length > size - offset) return fmt::format("footer: the {} block is not in the file", block);
  }
  return {};
}

}  // namespace rollproof::store::level
