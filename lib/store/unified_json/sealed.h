// A file whose content no longer changes, with a sparse index in memory: about 100 bytes for every 8 KiB of the file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/os/file_system.h"
#include "lib/store/unified_json/file_text.h"

namespace rollproof::store::unified_json {

// Entries in the order of the file. As record::Cursor: an error is never the end.
class Walker {
 public:
  virtual ~Walker() = default;
  virtual Result<bool> next(Entry& out) = 0;
};

// The records of one file as they lie on the disk.
class Stored {
 public:
  virtual ~Stored() = default;
  virtual Result<std::optional<Entry>> get(const Place& place) const = 0;
  virtual std::unique_ptr<Walker> walk() const = 0;  // keeps this object alive
};

// Consecutive entries that are read together. The checksum is that of the lines, so that what rots after the file was opened is seen.
struct Block {
  Place first;
  uint64_t offset = 0;
  uint64_t length = 0;
  uint32_t crc = 0;
};

class BlockIndex {
 public:
  void add(const Place& place, std::string_view line, uint64_t offset);
  std::vector<Block> take() { return std::move(blocks_); }

 private:
  std::vector<Block> blocks_;
};

class Sealed final : public Stored, public std::enable_shared_from_this<Sealed> {
 public:
  // What is known of the file, by having read all of it or by having written all of it.
  struct Facts {
    std::vector<Block> blocks;
    uint64_t records = 0;
    uint64_t size = 0;
    std::string sha256;  // that of its checksum line; empty for a run
  };

  // Reads the whole file once and verifies everything in it. The error names the file.
  static Result<std::shared_ptr<Sealed>> read(os::FileSystem& files, const std::string& path, const std::string& space);
  // Takes a file that has just been written.
  static Result<std::shared_ptr<Sealed>> take(os::FileSystem& files, const std::string& path, Facts facts);

  Result<std::optional<Entry>> get(const Place& place) const override;
  std::unique_ptr<Walker> walk() const override;
  uint64_t records() const { return facts_.records; }
  uint64_t size() const { return facts_.size; }
  const std::string& sha256() const { return facts_.sha256; }
  const std::string& path() const { return path_; }

  Sealed(std::string path, std::unique_ptr<os::File> file, Facts facts)
      : path_(std::move(path)), file_(std::move(file)), facts_(std::move(facts)) {}

 private:
  friend class SealedWalker;
  Result<std::string> load(const Block& block) const;

  const std::string path_;
  const std::unique_ptr<os::File> file_;
  const Facts facts_;
};

}  // namespace rollproof::store::unified_json
