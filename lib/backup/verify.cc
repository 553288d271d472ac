#include "lib/backup/verify.h"

#include <fmt/format.h>

#include <map>

#include "lib/backup/json_files.h"
#include "lib/backup/restore.h"
#include "lib/base/digest.h"
#include "lib/base/out_of_memory.h"
#include "lib/os/paths.h"

namespace rollproof::backup {
namespace {

constexpr int kDepthMax = 64;
constexpr const char* kHint = "Choose another backup: `rollproof backup list`.";

// Trouble of the machine rather than of the bytes.
bool is_passing(Code code) { return code == Code::io || code == Code::no_permission || code == Code::no_space || code == Code::outcome_unknown; }

class Examination {
 public:
  Examination(os::World& world, const std::string& path) : world_(world), path_(path) {}

  Report run(Depth depth) {
    if (!read_documents()) return std::move(report_);
    look_below("", 0);
    look_for_missing();
    if (depth >= Depth::files) check_sums();
    if (depth >= Depth::records) {
      check_json();
      check_store(report_.manifest.source, &report_.records, &report_.digest);
      if (report_.manifest.target) check_store(*report_.manifest.target, nullptr, nullptr);
    }
    return std::move(report_);
  }

 private:
  void damaged(const std::string& file, std::string what) { report_.problems.push_back({file, std::move(what), Code::backup_damaged}); }

  void trouble(const std::string& file, const Error& error) {
    const std::string what = error.code == Code::not_found ? "is missing" : error.message;
    report_.problems.push_back({file, what, is_passing(error.code) ? error.code : Code::backup_damaged});
  }

  bool read_documents() {
    const auto text = os::read_file(world_.files, os::join(path_, kManifestFile), kManifestBytesMax);
    if (!text) return trouble(kManifestFile, text.error()), false;
    auto manifest = parse_manifest(*text);
    if (!manifest) return trouble(kManifestFile, manifest.error()), false;
    report_.manifest = std::move(*manifest);
    const auto sums_text = os::read_file(world_.files, os::join(path_, kChecksumsFile), kManifestBytesMax);
    if (!sums_text) return trouble(kChecksumsFile, sums_text.error()), true;
    const auto sums = parse_checksums(*sums_text);
    if (!sums) return trouble(kChecksumsFile, sums.error()), true;
    compare_documents(*sums, sha256_hex(*text));
    return true;
  }

  // Both directions: each document lists what the other lists.
  void compare_documents(const std::vector<Checksum>& sums, const std::string& manifest_sum) {
    std::map<std::string, std::string> expected{{kManifestFile, manifest_sum}};
    for (const ManifestFile& file : report_.manifest.files) expected[file.path] = file.sha256;
    for (const Checksum& sum : sums) {
      const auto found = expected.find(sum.path);
      if (found == expected.end()) {
        damaged(kChecksumsFile, fmt::format("lists {}, which the manifest does not know", sum.path));
        continue;
      }
      if (found->second != sum.sha256) {
        // Which of the two is wrong can not be told.
        if (sum.path == kManifestFile) damaged(kManifestFile, "does not have the checksum that SHA256SUMS lists for it");
        damaged(kChecksumsFile, fmt::format("lists another checksum for {}", sum.path));
      }
      expected.erase(found);
    }
    for (const auto& [path, sum] : expected) damaged(kChecksumsFile, fmt::format("does not list {}", path));
  }

  const ManifestFile* listed(const std::string& path) const {
    const auto& files = report_.manifest.files;
    const auto found = std::lower_bound(files.begin(), files.end(), path, [](const ManifestFile& file, const std::string& name) { return file.path < name; });
    return found != files.end() && found->path == path ? &*found : nullptr;
  }

  // What is on the disk against the manifest.
  void look_below(const std::string& folder, int depth) {
    const auto names = world_.files.list(folder.empty() ? path_ : os::join(path_, folder));
    if (!names) return unseen(folder, names.error());
    for (const std::string& name : *names) {
      const std::string path = os::join(folder, name);
      const auto info = world_.files.stat(os::join(path_, path));
      if (!info) {
        unseen(path, info.error());
      } else if (info->link) {
        damaged(path, "is a link; a backup shares nothing with other folders");
      } else if (info->kind == os::Kind::directory) {
        if (depth < kDepthMax) look_below(path, depth + 1);
        if (depth >= kDepthMax) damaged(path, "is nested too deep");
      } else {
        look_at(path, *info);
      }
      seen_[path] = true;
    }
  }

  void look_at(const std::string& path, const os::Info& info) {
    if (path == kManifestFile || path == kChecksumsFile) return;
    const ManifestFile* file = listed(path);
    if (file == nullptr) return damaged(path, "is not in the manifest");
    if (info.kind != os::Kind::file) return damaged(path, "is not a file");
    ++report_.files;
    report_.bytes += info.size;
    if (info.size != file->size) return damaged(path, fmt::format("has {} bytes, the manifest says {}", info.size, file->size));
    sound_.push_back(file);
  }

  // What can not be looked at is not missing.
  void unseen(const std::string& path, const Error& error) {
    trouble(path, error);
    if (is_passing(error.code)) unseen_.push_back(path);
  }

  bool is_unseen(const std::string& file) const {
    return std::any_of(unseen_.begin(), unseen_.end(), [&](const std::string& path) { return path.empty() || file == path || file.starts_with(path + "/"); });
  }

  void look_for_missing() {
    for (const ManifestFile& file : report_.manifest.files) {
      if (!seen_.contains(file.path) && !is_unseen(file.path)) damaged(file.path, "is missing");
    }
  }

  void check_sums() {
    std::vector<const ManifestFile*> sound;
    for (const ManifestFile* file : sound_) {
      const auto found = os::sha256_of_file(world_.files, os::join(path_, file->path));
      if (!found) {
        trouble(file->path, found.error());
      } else if (*found != file->sha256) {
        damaged(file->path, fmt::format("checksum {}…, the manifest says {}…", found->substr(0, 12), file->sha256.substr(0, 12)));
      } else {
        sound.push_back(file);
      }
    }
    sound_ = std::move(sound);
  }

  void check_json() {
    for (const ManifestFile* file : sound_) {
      if (!is_json(file->path) || file->malformed_json) continue;
      const auto why = why_malformed(world_.files, os::join(path_, file->path));
      if (!why) trouble(file->path, why.error());
      if (why && *why) damaged(file->path, "is not JSON: " + **why);
    }
  }

  // A store of which a file is bad is not opened: the file has been named, and what opening would say could only confuse.
  void check_store(const StoreCopy& copy, uint64_t* records, std::string* digest) {
    const store::Fingerprint expected = fingerprint_of(report_.manifest, copy);
    size_t sound = 0;
    for (const ManifestFile* file : sound_) sound += file->path.starts_with(copy.path + "/") ? 1 : 0;
    if (sound != expected.files.size()) return;
    uint64_t count = 0;
    std::string found;
    if (auto counted = count_records(world_, {copy.kind, os::join(path_, copy.path)}, count, found); !counted) {
      return trouble(copy.path, Error{counted.error().code == Code::not_found ? Code::corruption : counted.error().code,
                                      "does not open: " + counted.error().to_string(), "", ""});
    }
    if (records != nullptr) *records = count;
    if (digest != nullptr) *digest = found;
    if (count != copy.records || found != copy.digest) {
      damaged(copy.path, fmt::format("holds {} records with digest {}, the manifest says {} with {}", count, found, copy.records, copy.digest));
    }
  }

  os::World& world_;
  const std::string& path_;
  Report report_;
  std::map<std::string, bool> seen_;
  std::vector<std::string> unseen_;  // files and folders about which the machine gave no answer
  std::vector<const ManifestFile*> sound_;  // so far
};

// A cursor keeps the store open that it reads from, and counts what it delivers.
class BackupCursor final : public record::Cursor {
 public:
  BackupCursor(std::unique_ptr<store::Store> store, std::unique_ptr<record::Cursor> cursor, StoreCopy copy, std::string path)
      : store_(std::move(store)), cursor_(std::move(cursor)), copy_(std::move(copy)), path_(std::move(path)) {}

  Result<bool> next(record::Record& out) override {
    auto more = cursor_->next(out);
    if (!more) {
      Error error = std::move(more).error();
      if (!is_passing(error.code)) error.code = Code::backup_damaged;
      return fail(std::move(error));
    }
    if (*more) {
      delivered_.add(out.key, out.value);
      return true;
    }
    if (delivered_.count() == copy_.records && delivered_.hex() == copy_.digest) return false;
    return fail(Code::backup_damaged, fmt::format("{} records with digest {}, the manifest says {} with {}", delivered_.count(), delivered_.hex(),
                                                  copy_.records, copy_.digest), path_, kHint);
  }

 private:
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<record::Cursor> cursor_;
  const StoreCopy copy_;
  const std::string path_;
  MultisetDigest delivered_;
};

}  // namespace

Status count_records(os::World& world, const store::Where& where, uint64_t& records, std::string& digest) {
  ROLLPROOF_ASSIGN(auto opened, store::open_read_only(world, where, {}));
  ROLLPROOF_ASSIGN(auto cursor, opened->scan());
  MultisetDigest found;
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) break;
    found.add(record.key, record.value);
  }
  records = found.count();
  digest = found.hex();
  return {};
}

Result<Report> examine(os::World& world, const std::string& path, Depth depth) {
  auto info = world.files.stat(path);
  if (!info && info.error().code != Code::not_found) return fail(std::move(info).error());
  if (!info || info->kind != os::Kind::directory) return fail(Code::not_found, "there is no such backup", path, "`rollproof backup list` shows what there is.");
  return Examination(world, path).run(depth);
}

Result<Report> verify(os::World& world, const std::string& path, Depth depth) {
  ROLLPROOF_ASSIGN(Report report, examine(world, path, depth));
  if (report.problems.empty()) return report;
  const Problem* worst = &report.problems.front();
  for (const Problem& problem : report.problems) {
    if (worst->code != Code::backup_damaged && problem.code == Code::backup_damaged) worst = &problem;
  }
  const size_t others = report.problems.size() - 1;
  return fail(worst->code, fmt::format("{}{}", worst->what, others == 0 ? "" : fmt::format(", and {} more", others)),
              worst->file.empty() ? path : os::join(path, worst->file), worst->code == Code::outcome_unknown ? out_of_memory().hint : kHint);
}

Result<std::unique_ptr<record::Cursor>> scan(os::World& world, const std::string& path) {
  ROLLPROOF_ASSIGN(const Manifest manifest, read_manifest(world, path));
  const StoreCopy& copy = manifest.source;
  const std::string store_path = os::join(path, copy.path);
  auto opened = store::open_read_only(world, {copy.kind, store_path}, {});
  if (!opened) {
    Error error = std::move(opened).error();
    if (!is_passing(error.code)) error.code = Code::backup_damaged;
    return fail(std::move(error));
  }
  ROLLPROOF_ASSIGN(auto cursor, (*opened)->scan());
  return std::unique_ptr<record::Cursor>(std::make_unique<BackupCursor>(std::move(*opened), std::move(cursor), copy, store_path));
}

Result<record::Comparison> compare_with(os::World& world, const std::string& path, const store::Where& other, const record::CompareOptions& options) {
  ROLLPROOF_ASSIGN(auto opened, store::open_read_only(world, other, {}));
  return record::compare([&] { return scan(world, path); }, [&] { return opened->scan(); }, options);
}

}  // namespace rollproof::backup
