#include "harness/check/read_backup.h"

#include <optional>
#include <set>
#include <string_view>

#include "harness/check/sha256.h"

namespace rollproof::check {
namespace {

constexpr std::string_view kManifest = "BACKUP_MANIFEST.json";
constexpr std::string_view kSums = "checksums/SHA256SUMS";
constexpr size_t kDigits = 64;

struct Line {
  std::string digest, path;
};

// The next line of what `sha256sum` writes: "DIGEST  PATH", with a backslash in front where the path has one, or a newline, in it.
std::optional<Line> next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  const bool escaped = line.starts_with('\\');
  if (escaped) line.remove_prefix(1);
  if (line.size() <= kDigits + 2 || line.substr(kDigits, 2) != "  ") return std::nullopt;
  Line read{std::string(line.substr(0, kDigits)), ""};
  for (size_t i = kDigits + 2; i < line.size(); ++i) {
    const bool special = escaped && line[i] == '\\' && i + 1 < line.size();
    if (special) ++i;
    read.path += special && line[i] == 'n' ? '\n' : line[i];
  }
  return read;
}

const sim::Node* file_in(const sim::Node& folder, std::string_view path) {
  const sim::Node* node = &folder;
  size_t position = 0;
  for (std::string_view name; !(name = sim::next_component(path, position)).empty();) {
    const sim::Entry* entry = node->directory ? node->find(name) : nullptr;
    if (entry == nullptr) return nullptr;
    node = entry->node.get();
  }
  return node->directory ? nullptr : node;
}

// The first file below `folder` that nobody has named.
std::string unnamed_in(const sim::Node& folder, const std::string& path, const std::set<std::string>& named) {
  for (const sim::Entry& entry : folder.entries) {
    const std::string inside = path.empty() ? entry.name->text : path + "/" + entry.name->text;
    if (entry.node->directory) {
      if (std::string found = unnamed_in(*entry.node, inside, named); !found.empty()) return found;
    } else if (!named.contains(inside) && inside != kSums) {
      return inside;
    }
  }
  return "";
}

enum class Look { names, contents };

std::string wrong_with(const sim::Node& folder, Look look) {
  if (file_in(folder, kManifest) == nullptr) return "it has no " + std::string(kManifest);
  const sim::Node* sums = file_in(folder, kSums);
  if (sums == nullptr) return "it has no " + std::string(kSums);
  const std::string text = sums->content.text();
  std::set<std::string> named;
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = next_line(rest);
    if (!line) return std::string(kSums) + " is no list of checksums";
    const sim::Node* file = file_in(folder, line->path);
    if (file == nullptr) return line->path + " is missing";
    if (look == Look::contents && sha256_of(file->content.text()) != line->digest) return line->path + " is not what its checksum says";
    named.insert(line->path);
  }
  if (!named.contains(std::string(kManifest))) return std::string(kSums) + " does not name " + std::string(kManifest);
  const std::string unnamed = look == Look::contents ? unnamed_in(folder, "", named) : "";
  return unnamed.empty() ? "" : unnamed + " has no checksum";
}

}  // namespace

std::string wrong_with_backup(const sim::Node* folder) {
  if (folder == nullptr || !folder->directory) return "it is not there";
  return wrong_with(*folder, Look::contents);
}

std::string missing_in_backup(const sim::Node& folder) { return wrong_with(folder, Look::names); }

}  // namespace rollproof::check
