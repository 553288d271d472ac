#include "lib/os/paths.h"

#include <algorithm>

#include "lib/base/digest.h"

namespace rollproof::os {

std::string join(std::string_view directory, std::string_view name) {
  if (directory.empty()) return std::string(name);
  std::string path(directory);
  if (path.back() != '/') path += '/';
  return path.append(name);
}

std::string parent_of(std::string_view path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

std::string name_of_path(std::string_view path) {
  const size_t slash = path.find_last_of('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Result<std::string> read_file(FileSystem& files, const std::string& path, uint64_t limit) {
  ROLLPROOF_ASSIGN(auto file, files.open_read(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  if (size > limit) {
    return fail(Code::refused, "file of " + std::to_string(size) + " bytes, expected at most " + std::to_string(limit), path);
  }
  std::string bytes(size, '\0');
  ROLLPROOF_ASSIGN(const size_t got, file->read_at(0, bytes));
  bytes.resize(got);
  return bytes;
}

namespace {

constexpr int kReadTwiceMax = 2;

tl::unexpected<Error> never_agree(const std::string& path) {
  return fail(Code::io, "two reads of the same bytes never agree", path, "Stop the program that writes to it; if there is none, check the disk and the memory of this machine.");
}

Result<bool> reads_as(FileSystem& files, const std::string& path, std::string_view bytes) {
  ROLLPROOF_ASSIGN(const Info info, files.stat(path));
  if (info.size != bytes.size()) return false;
  bool same = true;
  uint64_t at = 0;
  ROLLPROOF_TRY(for_each_piece(files, path, [&](std::string_view piece) -> Status {
    same = same && at + piece.size() <= bytes.size() && bytes.substr(at, piece.size()) == piece;
    at += piece.size();
    return {};
  }));
  return same && at == bytes.size();
}

}  // namespace

Result<std::string> read_file_twice(FileSystem& files, const std::string& path, uint64_t limit) {
  for (int attempt = 0; attempt < kReadTwiceMax; ++attempt) {
    ROLLPROOF_ASSIGN(std::string bytes, read_file(files, path, limit));
    ROLLPROOF_ASSIGN(const bool same, reads_as(files, path, bytes));
    if (same) return bytes;
  }
  return never_agree(path);
}

namespace {

std::string beside(const std::string& path) { return path + ".tmp"; }

}  // namespace

Status replace_file(FileSystem& files, const std::string& path, std::string_view bytes) {
  ROLLPROOF_ASSIGN(const std::string replaced, files.behind_links(path));
  ROLLPROOF_ASSIGN(auto file, files.create(beside(replaced)));
  // Before the first byte: what is secret is not to be read meanwhile either.
  ROLLPROOF_TRY(files.take_access(beside(replaced), replaced));
  ROLLPROOF_TRY(file->write_at(0, bytes));
  ROLLPROOF_TRY(file->sync());
  ROLLPROOF_TRY(file->close());
  ROLLPROOF_TRY(files.rename(beside(replaced), replaced));
  return files.sync_directory(parent_of(replaced));
}

Result<std::string> temporary_of(FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const std::string replaced, files.behind_links(path));
  return beside(replaced);
}

Status make_directories(FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const bool there, exists(files, path));
  if (there) return {};
  const std::string parent = parent_of(path);
  if (parent != path) ROLLPROOF_TRY(make_directories(files, parent));
  if (auto made = files.make_directory(path); !made && made.error().code != Code::already_exists) return made;
  return files.sync_directory(parent);
}

Result<bool> exists(FileSystem& files, const std::string& path) {
  auto info = files.stat(path);
  if (info) return true;
  if (info.error().code == Code::not_found) return false;
  return fail(std::move(info).error());
}

Status remove_empty_folder(FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const Info info, files.stat(path));
  if (info.link) return {};
  const Status removed = files.remove_directory(path);
  if (!removed && removed.error().code == Code::locked) return {};
  if (!removed) return removed;
  return files.sync_directory(parent_of(path));
}

Status remove_tree(FileSystem& files, const std::string& path) {
  auto info = files.stat(path);
  if (!info) {
    if (info.error().code == Code::not_found) return {};
    return fail(std::move(info).error());
  }
  // What a link leads to belongs to somebody else; only the link goes.
  if (info->kind != Kind::directory || info->link) return files.remove(path);
  ROLLPROOF_ASSIGN(const auto names, files.list(path));
  for (const std::string& name : names) ROLLPROOF_TRY(remove_tree(files, join(path, name)));
  return files.remove_directory(path);
}

namespace {

Status collect(FileSystem& files, const std::string& root, const std::string& below, std::vector<std::string>& found) {
  ROLLPROOF_ASSIGN(const auto names, files.list(below.empty() ? root : join(root, below)));
  for (const std::string& name : names) {
    const std::string relative = join(below, name);
    ROLLPROOF_ASSIGN(const Info info, files.stat(join(root, relative)));
    // Of a file system that is mounted there, and root's alone.
    if (below.empty() && name == "lost+found" && info.kind == Kind::directory) continue;
    if (info.kind == Kind::directory) {
      ROLLPROOF_TRY(collect(files, root, relative, found));
    } else if (info.kind == Kind::file) {
      found.push_back(relative);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> files_below(FileSystem& files, const std::string& directory) {
  std::vector<std::string> found;
  ROLLPROOF_TRY(collect(files, directory, "", found));
  std::sort(found.begin(), found.end());
  return found;
}

uint64_t bytes_below(FileSystem& files, const std::string& directory) {
  uint64_t sum = 0;
  const auto names = files_below(files, directory);
  if (!names) return 0;
  for (const std::string& name : *names) {
    if (const auto info = files.stat(join(directory, name))) sum += info->size;
  }
  return sum;
}

Status for_each_piece(FileSystem& files, const std::string& path, const std::function<Status(std::string_view)>& visit) {
  ROLLPROOF_ASSIGN(auto file, files.open_read(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  std::string piece(std::min<uint64_t>(size, 256 * 1024), '\0');
  for (uint64_t offset = 0; offset < size;) {
    ROLLPROOF_ASSIGN(const size_t got, file->read_at(offset, piece));
    if (got == 0) return fail(Code::io, "file ended at " + std::to_string(offset) + " of " + std::to_string(size) + " bytes", path);
    ROLLPROOF_TRY(visit(std::string_view(piece).substr(0, got)));
    offset += got;
  }
  return {};
}

Result<std::string> sha256_of_file(FileSystem& files, const std::string& path) {
  Sha256 digest;
  ROLLPROOF_TRY(for_each_piece(files, path, [&](std::string_view piece) -> Status {
    digest.update(piece);
    return {};
  }));
  return digest.finish_hex();
}

Result<std::string> sha256_of_file_twice(FileSystem& files, const std::string& path) {
  for (int attempt = 0; attempt < kReadTwiceMax; ++attempt) {
    ROLLPROOF_ASSIGN(std::string first, sha256_of_file(files, path));
    ROLLPROOF_ASSIGN(const std::string second, sha256_of_file(files, path));
    if (first == second) return first;
  }
  return never_agree(path);
}

}  // namespace rollproof::os
