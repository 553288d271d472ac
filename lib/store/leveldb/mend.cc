#include "lib/store/leveldb/mend.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "lib/os/paths.h"
#include "lib/store/leveldb/file_names.h"
#include "lib/store/leveldb/scan.h"

namespace rollproof::store::level {

namespace {

struct Marked {
  uint64_t log = 0;
  uint64_t log_size = 0;
  uint64_t manifest = 0;
  uint64_t manifest_size = 0;
};

// Takes `word` and a number after it off the front of `text`.
bool take(std::string_view& text, std::string_view word, uint64_t& number) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

Result<std::optional<Marked>> parse_mark(const Mark& mark) {
  if (mark.empty()) return std::optional<Marked>{};
  Marked marked;
  std::string_view rest = mark;
  const bool good = take(rest, "log ", marked.log) && take(rest, " ", marked.log_size) &&
                    take(rest, "; manifest MANIFEST-", marked.manifest) && take(rest, " ", marked.manifest_size) && rest.empty();
  if (!good) return fail(Code::invalid, fmt::format("'{}' is not the mark of a LevelDB checkpoint", mark.substr(0, 200)));
  return std::optional<Marked>(marked);
}

class Mending {
 public:
  Mending(os::FileSystem& files, const std::string& directory, const std::optional<Marked>& marked)
      : files_(files), directory_(directory), folder_(os::join(directory, kObsoleteFolder)), marked_(marked) {}

  Status start_over(const Scan& scan) {
    // Without CURRENT nothing was ever acknowledged, unless there are tables: then CURRENT was there before.
    for (const auto* names : {&scan.names, &scan.set_aside}) {
      for (const std::string& name : *names) {
        if (parse_file_name(name).kind == FileKind::table) return damaged("CURRENT", fmt::format("is missing, and {} is there", name));
      }
    }
    for (const std::string& name : scan.names) {
      const FileKind kind = parse_file_name(name).kind;
      if (kind == FileKind::manifest || kind == FileKind::log || kind == FileKind::temporary) ROLLPROOF_TRY(set_aside(name));
    }
    return settle();
  }

  // Decides everything first, so that a refusal leaves the files as they were.
  Status plan(const Scan& scan) {
    ROLLPROOF_TRY(plan_manifest(scan));
    ROLLPROOF_TRY(plan_logs(scan));
    for (const Finding& finding : scan.findings) {
      switch (finding.trouble) {
        case Trouble::damage: return damaged(finding.file, finding.what);
        case Trouble::missing: ROLLPROOF_TRY(plan_return(scan, finding)); break;
        case Trouble::unreferenced: leftovers_.push_back(finding.file); break;
        default: break;
      }
    }
    return {};
  }

  bool needs_another_look() const { return !returning_.empty(); }

  // What has to be there comes back first, so that each later look finds it.
  Status bring_back() {
    for (const std::string& name : returning_) ROLLPROOF_TRY(files_.rename(os::join(folder_, name), os::join(directory_, name)));
    return settle();
  }

  Status carry_out() {
    for (const auto& [name, size] : cuts_) ROLLPROOF_TRY(cut(name, size));
    for (const std::string& name : leftovers_) ROLLPROOF_TRY(set_aside(name));
    return changed_ ? settle() : Status{};
  }

 private:
  tl::unexpected<Error> damaged(const std::string& file, const std::string& what) const {
    return fail(Code::corruption, what, os::join(directory_, file), "Restore the database from a verified backup.");
  }

  Status plan_manifest(const Scan& scan) {
    const Framing& framing = scan.manifest_framing;
    if (marked_ && scan.has_current && !scan.manifest_file.empty()) {
      if (scan.manifest_number < marked_->manifest) {
        return damaged("CURRENT", fmt::format("names {}, older than {} of the last checkpoint", scan.manifest_file,
                                              manifest_name(marked_->manifest)));
      }
      if (scan.manifest_number == marked_->manifest && framing.valid_end < marked_->manifest_size) {
        return before_mark(scan.manifest_file, framing, marked_->manifest_size);
      }
    }
    if (framing.broken && !framing.broken->record_after) cuts_.emplace_back(scan.manifest_file, framing.valid_end);
    return {};
  }

  Status plan_logs(const Scan& scan) {
    const uint64_t oldest = scan.manifest.log_number.value_or(0);
    // A manifest that lost its last record may need a log again that was already set aside.
    for (const std::string& name : scan.set_aside) {
      const FileName parsed = parse_file_name(name);
      const bool present = std::binary_search(scan.names.begin(), scan.names.end(), name);
      if (parsed.kind == FileKind::log && parsed.number >= oldest && scan.manifest.log_number && !present) returning_.push_back(name);
    }
    if (!returning_.empty()) return {};  // judged at the next look, together with what came back
    bool marked_log_found = false;
    for (const LogFile& log : scan.logs) {
      const bool is_marked = marked_ && log.number == marked_->log;
      marked_log_found |= is_marked;
      if (is_marked && log.framing.valid_end < marked_->log_size) return before_mark(log.name, log.framing, marked_->log_size);
      if (log.framing.broken && scan.is_newest(log)) cuts_.emplace_back(log.name, log.framing.valid_end);
    }
    if (marked_ && !marked_log_found && scan.manifest.log_number && marked_->log >= oldest && marked_->log_size > 0) {
      return damaged(log_name(marked_->log), fmt::format("is missing, and the last checkpoint had {} bytes in it", marked_->log_size));
    }
    return {};
  }

  tl::unexpected<Error> before_mark(const std::string& file, const Framing& framing, uint64_t marked_size) const {
    const std::string what = framing.broken ? framing.broken->what : fmt::format("ends at {}", framing.valid_end);
    return damaged(file, fmt::format("{}, and the last checkpoint made {} bytes durable", what, marked_size));
  }

  Status plan_return(const Scan& scan, const Finding& finding) {
    const uint64_t number = parse_file_name(finding.file).number;
    for (const std::string& name : {table_name(number), old_table_name(number)}) {
      if (!std::binary_search(scan.set_aside.begin(), scan.set_aside.end(), name)) continue;
      ROLLPROOF_ASSIGN(const os::Info info, files_.stat(os::join(folder_, name)));
      if (info.size != scan.manifest.tables.at(number).size) continue;
      returning_.push_back(name);
      return {};
    }
    return damaged(finding.file, finding.what);
  }

  Status make_folder() {
    if (Status made = files_.make_directory(folder_); !made && made.error().code != Code::already_exists) return made;
    return {};
  }

  Status set_aside(const std::string& name) {
    ROLLPROOF_TRY(make_folder());
    changed_ = true;
    return files_.rename(os::join(directory_, name), os::join(folder_, name));
  }

  // The copy is durable before the bytes go.
  Status cut(const std::string& name, uint64_t size) {
    ROLLPROOF_TRY(make_folder());
    changed_ = true;
    ROLLPROOF_ASSIGN(const std::string bytes, os::read_file(files_, os::join(directory_, name)));
    ROLLPROOF_ASSIGN(auto copy, files_.create(os::join(folder_, fmt::format("{}.cut-{}", name, size))));
    ROLLPROOF_TRY(copy->write_at(0, std::string_view(bytes).substr(std::min<uint64_t>(size, bytes.size()))));
    ROLLPROOF_TRY(copy->sync());
    ROLLPROOF_TRY(copy->close());
    ROLLPROOF_TRY(settle());
    ROLLPROOF_ASSIGN(auto file, files_.open_write(os::join(directory_, name)));
    ROLLPROOF_TRY(file->truncate(size));
    ROLLPROOF_TRY(file->sync());
    return file->close();
  }

  // Makes the names in both folders durable.
  Status settle() {
    ROLLPROOF_TRY(files_.sync_directory(directory_));
    if (Status synced = files_.sync_directory(folder_); !synced && synced.error().code != Code::not_found) return synced;
    return {};
  }

  os::FileSystem& files_;
  const std::string& directory_;
  const std::string folder_;
  const std::optional<Marked>& marked_;
  std::vector<std::string> returning_;
  std::vector<std::pair<std::string, uint64_t>> cuts_;  // file and what stays of it
  std::vector<std::string> leftovers_;
  bool changed_ = false;
};

}  // namespace

Status mend(os::FileSystem& files, const std::string& directory, const Mark& mark, bool creating) {
  ROLLPROOF_ASSIGN(const std::optional<Marked> marked, parse_mark(mark));
  // Each round brings back at least one file that was set aside, so this ends; the limit is against a door that does not.
  for (int round = 0; round < 100; ++round) {
    ROLLPROOF_ASSIGN(const Scan found, scan(files, directory));
    Mending mending(files, directory, marked);
    if (!found.has_current && creating && !marked) return mending.start_over(found);
    ROLLPROOF_TRY(mending.plan(found));
    if (!mending.needs_another_look()) return mending.carry_out();
    ROLLPROOF_TRY(mending.bring_back());
  }
  return fail(Code::internal, "mending does not end", directory);
}

}  // namespace rollproof::store::level
