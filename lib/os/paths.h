// Pure text operations on paths, and the small durable file idioms that every room needs.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/os/file_system.h"

namespace rollproof::os {

std::string join(std::string_view directory, std::string_view name);
std::string parent_of(std::string_view path);  // "." if there is none
std::string name_of_path(std::string_view path);

// Whole content of a file of at most `limit` bytes (Code::refused if larger: never a huge allocation for a wrong file).
Result<std::string> read_file(FileSystem& files, const std::string& path, uint64_t limit = 1ull << 30);

// The same, read until two reads agree: for a file without a checksum whose content is acted upon or written back, where one bit that a read
// returns wrong would become the truth. Only one of the two is ever in memory. Code::io if of four reads no pair agrees.
Result<std::string> read_file_twice(FileSystem& files, const std::string& path, uint64_t limit = 1ull << 30);

// Replaces `path` by `bytes` durably: writes beside it, syncs, renames, syncs the directory. Mode, owner and group stay (FileSystem::take_access).
// A symbolic link stays too: what it leads to is replaced, in its own folder. On failure `path` holds the whole old or the whole new
// content, and what is left in temporary_of() is harmless.
Status replace_file(FileSystem& files, const std::string& path, std::string_view bytes);

// The file that replace_file() writes: `path`.tmp, or the same of what the link `path` leads to.
Result<std::string> temporary_of(FileSystem& files, const std::string& path);

// Creates `path` and its missing parents, each durable in its parent.
Status make_directories(FileSystem& files, const std::string& path);

// True / false / an error other than not_found.
Result<bool> exists(FileSystem& files, const std::string& path);

// Removes a file or a whole tree; absent is fine. Does not sync the parent directory.
Status remove_tree(FileSystem& files, const std::string& path);

// Removes a folder in which nothing is, and syncs its parent. One that somebody has put elsewhere and linked stays, empty, as the link to it does; and so does
// one where a file system is mounted.
Status remove_empty_folder(FileSystem& files, const std::string& path);

// All regular files below `directory`, as paths relative to it, sorted; but for the lost+found of a file system that is mounted there.
Result<std::vector<std::string>> files_below(FileSystem& files, const std::string& directory);

// Bytes of them together, for estimates: what can not be looked at counts as nothing.
uint64_t bytes_below(FileSystem& files, const std::string& directory);

// Reads a file in pieces of at most 256 KiB.
Status for_each_piece(FileSystem& files, const std::string& path, const std::function<Status(std::string_view)>& visit);

// SHA-256 of a file, streamed.
Result<std::string> sha256_of_file(FileSystem& files, const std::string& path);

// The same, as read_file_twice.
Result<std::string> sha256_of_file_twice(FileSystem& files, const std::string& path);

}  // namespace rollproof::os
