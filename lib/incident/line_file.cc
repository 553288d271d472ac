#include "lib/incident/line_file.h"

#include <algorithm>
#include <optional>

#include "lib/os/paths.h"

namespace rollproof::incident {
namespace {

struct Look {
  Found found = Found::missing;
  std::optional<uint64_t> kept = std::nullopt;  // bytes of the file that are right and end a line; nothing: render anew
};

Look judge(std::string_view there, std::string_view lines, uint64_t durable) {
  if (there.empty() && lines.empty()) return {Found::sound, 0};
  if (there.empty()) return {durable == 0 ? Found::missing : Found::damaged};
  const bool all_same = lines.starts_with(there);  // nearly always, and quickly told
  const uint64_t same = all_same ? there.size() : static_cast<uint64_t>(std::mismatch(there.begin(), there.end(), lines.begin(), lines.end()).first - there.begin());
  // The journal is durable before a line is rendered, so no power loss makes this file longer than the journal's rendering.
  if (same < durable || there.size() > lines.size()) return {Found::damaged};
  if (same == there.size() && there.back() == '\n') return {Found::sound, same};
  return {Found::torn};
}

// A file that can not be read as a whole is damaged: it is only a rendering, and the journal is there to render it again.
Result<Look> look_at(os::FileSystem& files, const std::string& path, std::string_view lines, uint64_t durable) {
  auto info = files.stat(path);
  if (!info) {
    if (info.error().code == Code::not_found) return Look{durable == 0 ? Found::missing : Found::damaged};
    return fail(std::move(info).error());
  }
  if (info->kind != os::Kind::file) return fail(Code::refused, "is not a file", path, "Move it away: the file is rendered anew from the journal.");
  if (info->size > lines.size()) return Look{Found::damaged};
  const auto there = os::read_file(files, path, info->size);
  if (!there) return Look{Found::damaged};
  return judge(*there, lines, durable);
}

}  // namespace

std::string_view name_of(Found found) {
  switch (found) {
    case Found::missing: return "missing";
    case Found::sound: return "sound";
    case Found::torn: return "torn";
    case Found::damaged: return "damaged";
  }
  return "unknown";
}

Result<LineFile> LineFile::with_content(os::FileSystem& files, const std::string& path, std::string_view lines, uint64_t durable, bool again, Found& found) {
  ROLLPROOF_ASSIGN(Look look, look_at(files, path, lines, durable));
  found = look.found;
  if (!look.kept) {
    ROLLPROOF_TRY(os::replace_file(files, path, lines));
    look.kept = lines.size();
  }
  ROLLPROOF_ASSIGN(auto file, files.open_write(path));
  if (again && look.found == Found::sound && *look.kept != 0) ROLLPROOF_TRY(file->write_at(0, lines.substr(0, *look.kept)));
  LineFile opened(std::move(file), *look.kept);
  if (*look.kept < lines.size()) ROLLPROOF_TRY(opened.append(lines.substr(*look.kept)));
  return opened;
}

Result<bool> LineFile::is_current(os::FileSystem& files, const std::string& path, std::string_view lines) {
  ROLLPROOF_ASSIGN(const Look look, look_at(files, path, lines, 0));
  if (look.found == Found::missing) return lines.empty();
  return look.found == Found::sound && look.kept == lines.size();
}

Status LineFile::append(std::string_view lines) {
  if (lines.empty()) return {};
  ROLLPROOF_TRY(file_->write_at(size_, lines));
  size_ += lines.size();
  return {};
}

Status LineFile::sync() { return file_->sync(); }

}  // namespace rollproof::incident
