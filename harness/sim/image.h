// One content that a disk may hold: a tree of directories and files. Copies share everything until one of them changes.
// Paths are relative to the root; a leading '/' and '.' mean the root as well.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sim/content.h"
#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::sim {

struct EntryName {
  explicit EntryName(std::string_view name);
  std::string text;
  Digest128 digest;
};
using NamePtr = std::shared_ptr<const EntryName>;

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Entry {
  NamePtr name;
  NodePtr node;
};

struct Node {
  bool directory = false;
  Content content;             // of a file
  std::vector<Entry> entries;  // of a directory, sorted by name

  const Digest128& digest() const;
  const Entry* find(std::string_view name) const;

 private:
  mutable Digest128 digest_;
  mutable bool digested_ = false;
};

// The next component of `path` from `position` on, skipping '/' and '.'; empty at the end.
std::string_view next_component(std::string_view path, size_t& position);

class Image {
 public:
  Image();  // an empty root directory
  // REQUIRES: root is a directory.
  explicit Image(NodePtr root) : root_(std::move(root)) {}

  // Everything below `path`, which must be a directory. Links and devices are refused.
  static Result<Image> load(os::FileSystem& files, const std::string& path);
  // Adds everything to the directory `path`, which is made if it is missing; nothing is synced.
  Status write_to(os::FileSystem& files, const std::string& path) const;

  const Node* find(std::string_view path) const;  // null if absent
  bool exists(std::string_view path) const { return find(path) != nullptr; }
  Result<std::string> read(std::string_view path) const;  // not_found, or io for a directory
  std::vector<std::string> files() const;                 // paths of all files, sorted by directory

  // All four make missing parents. A file in the place of a directory is replaced.
  Image& put(std::string_view path, std::string_view bytes);
  Image& put(std::string_view path, Content content);
  Image& make_directory(std::string_view path);
  Image& remove(std::string_view path);  // a file or a whole tree; absent is fine
  Image& take(std::string_view path, const Image& from);  // the file, the whole tree, or nothing: as it is there

  const NodePtr& root() const { return root_; }
  const Digest128& digest() const { return root_->digest(); }
  bool operator==(const Image& other) const { return digest() == other.digest(); }
  // A line per directory and file: path, size, first bytes. For messages of failing tests.
  std::string to_string() const;

 private:
  NodePtr root_;
};

}  // namespace rollproof::sim
