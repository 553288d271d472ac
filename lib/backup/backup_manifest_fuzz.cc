// Any bytes as a manifest (first byte even) or a checksum list (odd): reading ends with a value or Code::backup_damaged; a value is written
// again as exactly the same bytes, and none of its paths leads out of the backup.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/backup/manifest.h"

using namespace rollproof;
using namespace rollproof::backup;

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", what);
  std::abort();
}

// Written apart from is_inside, and only as much of it as matters for safety.
bool leads_out(const std::string& path) {
  return path.empty() || path[0] == '/' || ("/" + path + "/").find("/../") != std::string::npos || path.find('\0') != std::string::npos;
}

}  // namespace

std::vector<std::string> rollproof_fuzz_seeds() {
  const std::string sum(64, 'a');
  Manifest manifest{.id = "migration-x", .created_at = "2025-08-13T11:26:18.516Z", .tool_version = "0", .migration_id = "m", .position = 1};
  manifest.source = {.kind = "leveldb", .path = "leveldb/current", .where = "leveldb:x", .records = 2, .digest = std::string(48, '0')};
  manifest.files = {{"configuration/a.json", 1, sum, true}, {"leveldb/current/CURRENT", 16, sum}};
  std::vector<std::string> seeds{std::string(1, '\0') + render(manifest), "\1" + render_checksums(manifest, "x")};
  manifest.target = StoreCopy{.kind = "unified-json", .path = "unified-json", .where = "unified-json:y", .digest = std::string(48, 'f')};
  manifest.files.push_back({"z\\z", 7, sum});
  seeds.push_back(std::string(1, '\0') + render(manifest));
  seeds.push_back("\1" + render_checksums(manifest, "y"));
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) {
    const auto sums = parse_checksums(text);
    require(sums || sums.error().code == Code::backup_damaged, "a refused list is a damaged backup");
    std::string again;
    for (size_t i = 0; sums && i < sums->size(); ++i) {
      const Checksum& sum = (*sums)[i];
      require(!leads_out(sum.path), "a listed path stays inside");
      if (sum.path.find('\\') != std::string::npos) again += '\\';
      again += sum.sha256 + "  ";
      for (const char c : sum.path) again += c == '\\' ? "\\\\" : std::string(1, c);
      again += '\n';
    }
    require(!sums || again == text, "a list is written as it was read");
    return 0;
  }
  const auto manifest = parse_manifest(text);
  require(manifest || manifest.error().code == Code::backup_damaged, "a refused manifest is a damaged backup");
  if (!manifest) return 0;
  require(render(*manifest) == text, "a manifest is written as it was read");
  require(!leads_out(manifest->source.path), "the store stays inside");
  for (const ManifestFile& file : manifest->files) require(!leads_out(file.path), "a file stays inside");
  require(parse_checksums(render_checksums(*manifest, text)).has_value(), "its checksum list can be read");
  return 0;
}
