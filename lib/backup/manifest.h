// BACKUP_MANIFEST.json and checksums/SHA256SUMS: what a backup holds (seed 002, "Backup Integrity Checks"). Our own documents, read as
// untrusted bytes: only a text that is exactly what render() writes is accepted. FORMAT.md describes both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/store/store.h"

namespace rollproof::backup {

inline constexpr const char* kManifestFile = "BACKUP_MANIFEST.json";
inline constexpr const char* kChecksumsFile = "checksums/SHA256SUMS";
inline constexpr uint64_t kManifestVersion = 1;

// Beyond these a manifest is refused, not tried. A million files make about 200 MiB of manifest.
inline constexpr uint64_t kManifestBytesMax = 256 << 20;
inline constexpr size_t kFilesMax = 1'000'000;
inline constexpr size_t kPathBytesMax = 4096;

struct ManifestFile {
  std::string path;  // relative to the backup; is_inside() holds
  uint64_t size = 0;
  std::string sha256;
  bool malformed_json = false;  // it should be JSON and was none when it was copied
  bool operator==(const ManifestFile&) const = default;
};

// The copy of a store within the backup.
struct StoreCopy {
  std::string kind;
  std::string path;   // relative: "leveldb/current", "unified-json"
  std::string where;  // KIND:WHERE that was copied
  uint64_t records = 0;
  std::string digest;  // MultisetDigest of the records of what was copied
  bool operator==(const StoreCopy&) const = default;
};

struct Manifest {
  uint64_t version = kManifestVersion;
  std::string id;            // the folder's name
  std::string created_at;    // UTC, ISO 8601
  std::string tool_version;
  std::string migration_id;
  uint64_t position = 0;     // of the journal: every change up to here is in the copied store
  StoreCopy source;
  std::optional<StoreCopy> target;  // if it held anything
  std::vector<ManifestFile> files;  // every file but the manifest itself and SHA256SUMS, sorted by path
  bool operator==(const Manifest&) const = default;
};

// REQUIRES: every path is_inside() and the files are sorted.
std::string render(const Manifest& manifest);
// Code::backup_damaged if `text` is not exactly a rendering; a newer version is named.
Result<Manifest> parse_manifest(std::string_view text);

// The fingerprint that the copied store has to have, in the terms of store::take_fingerprint.
store::Fingerprint fingerprint_of(const Manifest& manifest, const StoreCopy& copy);

// A line of SHA256SUMS.
struct Checksum {
  std::string path;
  std::string sha256;
  bool operator==(const Checksum&) const = default;
};
// Every file and the manifest, sorted by path, in the form that `sha256sum -c` reads from the backup's folder.
std::string render_checksums(const Manifest& manifest, std::string_view manifest_text);
// Code::backup_damaged names the first line that is not "<64 lower-case digits>  <path>".
Result<std::vector<Checksum>> parse_checksums(std::string_view text);

// True for a path that stays inside the folder it is joined to and that both documents can spell: relative, UTF-8, without
// control characters, empty parts, "." or "..".
bool is_inside(std::string_view relative);

}  // namespace rollproof::backup
