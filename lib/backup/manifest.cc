#include "lib/backup/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/digest.h"
#include "lib/record/utf8.h"

namespace rollproof::backup {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "rollproof-backup";

bool is_hex(std::string_view text, size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

tl::unexpected<Error> damaged(std::string what, const char* file = kManifestFile) {
  return fail(Code::backup_damaged, std::move(what), file, "Choose another backup: `rollproof backup list`.");
}

// Takes members out of a document; the first one that is missing or of another type is kept as the reason.
class Reader {
 public:
  std::string text(const Json& object, const char* name) {
    const Json* found = member(object, name);
    if (found != nullptr && found->is_string()) return found->get<std::string>();
    return lacks(name, "text"), std::string();
  }
  uint64_t number(const Json& object, const char* name) {
    const Json* found = member(object, name);
    if (found != nullptr && found->is_number_unsigned()) return found->get<uint64_t>();
    return lacks(name, "a number"), 0;
  }
  const Json& list(const Json& object, const char* name) {
    static const Json kNone = Json::array();
    const Json* found = member(object, name);
    if (found != nullptr && found->is_array()) return *found;
    return lacks(name, "a list"), kNone;
  }
  void require(bool holds, std::string_view what) {
    if (!holds && why_.empty()) why_ = what;
  }
  const std::string& why() const { return why_; }

 private:
  static const Json* member(const Json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }
  void lacks(const char* name, const char* what) { require(false, fmt::format("'{}' is not {}", name, what)); }
  std::string why_;
};

Json store_json(const char* role, const StoreCopy& copy) {
  return {{"role", role}, {"kind", copy.kind}, {"path", copy.path}, {"where", copy.where}, {"records", copy.records}, {"digest", copy.digest}};
}

StoreCopy read_store(Reader& reader, const Json& item, const char* role) {
  reader.require(reader.text(item, "role") == role, "the stores are not source and target");
  StoreCopy copy{reader.text(item, "kind"), reader.text(item, "path"), reader.text(item, "where"), reader.number(item, "records"),
                 reader.text(item, "digest")};
  reader.require(is_inside(copy.path), "a store's path leads out of the backup");
  reader.require(is_hex(copy.digest, 48), "a store's digest is not 48 hexadecimal digits");
  return copy;
}

ManifestFile read_entry(Reader& reader, const Json& item, const std::string& before) {
  ManifestFile file{reader.text(item, "path"), reader.number(item, "size"), reader.text(item, "sha256"), item.contains("json")};
  reader.require(is_inside(file.path), "a file's path leads out of the backup");
  reader.require(is_hex(file.sha256, 64), "a checksum is not 64 hexadecimal digits");
  reader.require(before < file.path, "the files are not in order");
  reader.require(file.path != kManifestFile && file.path != kChecksumsFile, "the manifest lists itself");
  return file;
}

std::string escaped(std::string_view path) {
  std::string text;
  for (const char c : path) text += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return text;
}

// Nothing if `line` is not a line of ours.
std::optional<Checksum> read_checksum(std::string_view line) {
  const bool escapes = line.starts_with('\\');
  if (escapes) line.remove_prefix(1);
  if (line.size() < 67 || !is_hex(line.substr(0, 64), 64) || line.substr(64, 2) != "  ") return std::nullopt;
  Checksum sum{"", std::string(line.substr(0, 64))};
  line.remove_prefix(66);
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && (!escapes || ++i == line.size() || line[i] != '\\')) return std::nullopt;
    sum.path += line[i];
  }
  if (!is_inside(sum.path) || escapes != (sum.path.find('\\') != std::string::npos)) return std::nullopt;
  return sum;
}

}  // namespace

bool is_inside(std::string_view relative) {
  if (relative.empty() || relative.size() > kPathBytesMax || relative.front() == '/' || relative.back() == '/') return false;
  if (!record::is_utf8(relative)) return false;
  if (std::any_of(relative.begin(), relative.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return false;
  while (!relative.empty()) {
    const std::string_view part = relative.substr(0, relative.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    relative.remove_prefix(std::min(part.size() + 1, relative.size()));
  }
  return true;
}

std::string render(const Manifest& manifest) {
  Json stores = Json::array({store_json("source", manifest.source)});
  if (manifest.target) stores.push_back(store_json("target", *manifest.target));
  Json files = Json::array();
  for (const ManifestFile& file : manifest.files) {
    Json item{{"path", file.path}, {"size", file.size}, {"sha256", file.sha256}};
    if (file.malformed_json) item["json"] = "malformed";
    files.push_back(std::move(item));
  }
  const Json document{{"format", kFormat},
                      {"version", manifest.version},
                      {"id", manifest.id},
                      {"created_at", manifest.created_at},
                      {"tool_version", manifest.tool_version},
                      {"migration_id", manifest.migration_id},
                      {"position", manifest.position},
                      {"stores", std::move(stores)},
                      {"files", std::move(files)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  if (text.size() > kManifestBytesMax) return damaged(fmt::format("the manifest has {} bytes", text.size()));
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return damaged("the manifest is not JSON");
  Reader reader;
  reader.require(reader.text(document, "format") == kFormat, "it is not a manifest of a backup");
  Manifest manifest;
  manifest.version = reader.number(document, "version");
  reader.require(manifest.version == kManifestVersion, fmt::format("it has version {}, this program reads {}", manifest.version, kManifestVersion));
  manifest.id = reader.text(document, "id");
  manifest.created_at = reader.text(document, "created_at");
  manifest.tool_version = reader.text(document, "tool_version");
  manifest.migration_id = reader.text(document, "migration_id");
  manifest.position = reader.number(document, "position");
  const Json& stores = reader.list(document, "stores");
  reader.require(stores.size() == 1 || stores.size() == 2, "the stores are not source and target");
  if (reader.why().empty()) manifest.source = read_store(reader, stores[0], "source");
  if (reader.why().empty() && stores.size() == 2) manifest.target = read_store(reader, stores[1], "target");
  const Json& files = reader.list(document, "files");
  reader.require(files.size() <= kFilesMax, fmt::format("it lists {} files", files.size()));
  for (const Json& item : files) {
    if (!reader.why().empty()) break;
    manifest.files.push_back(read_entry(reader, item, manifest.files.empty() ? "" : manifest.files.back().path));
  }
  if (!reader.why().empty()) return damaged("the manifest can not be used: " + reader.why());
  // Everything that was not looked at above: unknown and doubled members, spaces, spellings of numbers and texts.
  if (render(manifest) != text) return damaged("the manifest is not as it was written");
  return manifest;
}

store::Fingerprint fingerprint_of(const Manifest& manifest, const StoreCopy& copy) {
  store::Fingerprint fingerprint;
  const std::string folder = copy.path + "/";
  for (const ManifestFile& file : manifest.files) {
    if (file.path.starts_with(folder)) fingerprint.files.push_back({file.path.substr(folder.size()), file.size, file.sha256});
  }
  return fingerprint;
}

std::string render_checksums(const Manifest& manifest, std::string_view manifest_text) {
  std::string text;
  const auto add = [&text](const std::string& path, const std::string& sha256) {
    // As sha256sum does: a line with an escaped name starts with a backslash.
    if (path.find('\\') != std::string::npos) text += '\\';
    text += fmt::format("{}  {}\n", sha256, escaped(path));
  };
  bool own_done = false;
  for (const ManifestFile& file : manifest.files) {
    if (!own_done && kManifestFile < file.path) {
      add(kManifestFile, sha256_hex(manifest_text));
      own_done = true;
    }
    add(file.path, file.sha256);
  }
  if (!own_done) add(kManifestFile, sha256_hex(manifest_text));
  return text;
}

Result<std::vector<Checksum>> parse_checksums(std::string_view text) {
  std::vector<Checksum> sums;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    auto sum = end == std::string_view::npos ? std::nullopt : read_checksum(text.substr(0, end));
    if (!sum) return damaged(fmt::format("line {} is not a checksum", sums.size() + 1), kChecksumsFile);
    if (!sums.empty() && sums.back().path >= sum->path) return damaged(fmt::format("line {} is out of order", sums.size() + 1), kChecksumsFile);
    if (sums.size() > kFilesMax) return damaged("it has too many lines", kChecksumsFile);
    sums.push_back(std::move(*sum));
    text.remove_prefix(end + 1);
  }
  return sums;
}

}  // namespace rollproof::backup
