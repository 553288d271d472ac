// Writes one new file beside the old one, with its size and digest, in pieces of a useful size.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/digest.h"
#include "lib/os/file_system.h"

namespace rollproof::store::network_json {

class Writer {
 public:
  // Creates `beside`, or empties it, with mode and owner of `like` if that is not empty. `named` is the file that it is going to be.
  static Result<Writer> create(os::FileSystem& files, const std::string& beside, const std::string& like, const std::string& named, uint64_t bytes_max);

  // Code::refused if the file would grow beyond `bytes_max`.
  Status write(std::string_view piece);
  // Syncs and closes. No call may follow.
  Status finish(uint64_t& size, std::string& sha256);

 private:
  Writer(std::unique_ptr<os::File> file, std::string named, uint64_t bytes_max) : file_(std::move(file)), named_(std::move(named)), bytes_max_(bytes_max) {}
  Status flush();

  std::unique_ptr<os::File> file_;
  std::string named_;
  uint64_t bytes_max_;
  uint64_t written_ = 0;
  std::string buffer_;
  Sha256 digest_;
};

}  // namespace rollproof::store::network_json
