#include "lib/os/folder.h"

namespace rollproof::os {

Result<bool> is_folder(FileSystem& files, const std::string& path) {
  auto info = files.stat(path);
  if (info) return info->kind == Kind::directory;
  if (info.error().code == Code::not_found) return false;
  return fail(std::move(info).error());
}

}  // namespace rollproof::os
