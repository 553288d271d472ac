// Arbitrary bytes as a manifest, a log and CURRENT: the scan answers, and reads nothing outside them.
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/digest.h"
#include "lib/store/leveldb/disk_for_tests.h"
#include "lib/store/leveldb/mend.h"
#include "lib/store/leveldb/scan.h"

namespace level = rollproof::store::level;
using level::testing_ground::TestDisk;

namespace {

void add(TestDisk& disk, const std::string& path, std::string bytes) {
  auto inode = std::make_shared<TestDisk::Inode>();
  inode->now = inode->durable = std::move(bytes);
  disk.names[path] = inode;
}

std::string framed(const std::string& payload) {
  const std::string body = std::string(1, '\x01') + payload;
  const uint32_t crc = rollproof::crc32c(body);
  const uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
  std::string record;
  for (int i = 0; i < 4; ++i) record += static_cast<char>(masked >> (8 * i));
  record += static_cast<char>(payload.size() & 0xff);
  record += static_cast<char>(payload.size() >> 8);
  return record + body;
}

const std::string kManifest = framed(std::string("\x01\x1aleveldb.BytewiseComparator\x02\x03\x09\x00\x03\x09\x04\x05", 36)) +
                              framed(std::string("\x07\x00\x08\x40\x09""abcdefghi\x09""bbcdefghi\x06\x00\x08", 28));
const std::string kLog = framed(std::string("\x06\0\0\0\0\0\0\0\x02\0\0\0\x01\x01k\x02vv\x00\x01k", 21));

}  // namespace

std::vector<std::string> rollproof_fuzz_seeds() { return {"M" + kManifest, "L" + kLog, "E" + kManifest, "B" + kLog, "CMANIFEST-000002\n"}; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  TestDisk disk;
  disk.folders.insert("/db");
  add(disk, "/db/CURRENT", data[0] == 'C' ? bytes : "MANIFEST-000002\n");
  // 'E' and 'B' put the bytes into a record with the right checksum, so that the decoders behind it are reached.
  const std::string enclosed = framed(bytes.substr(0, 30000));
  add(disk, "/db/MANIFEST-000002", data[0] == 'M' ? bytes : data[0] == 'E' ? enclosed : kManifest);
  add(disk, "/db/000003.log", data[0] == 'L' ? bytes : data[0] == 'B' ? enclosed : kLog);
  if (!level::scan(disk, "/db")) __builtin_trap();  // damage is a finding, never an error
  const auto mended = level::mend(disk, "/db", "", false);
  if (!mended) return 0;
  // What was mended stays mended.
  const auto again = level::scan(disk, "/db");
  if (!again) __builtin_trap();
  for (const auto& finding : again->findings) {
    if (finding.trouble == level::Trouble::damage || finding.trouble == level::Trouble::log_tail) __builtin_trap();
  }
  return 0;
}
