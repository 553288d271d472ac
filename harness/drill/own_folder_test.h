// A folder as a user has one, for tests: a configuration and stores on the real disk.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "harness/drill/own_stores.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::drill {

// With a copy of a fixture as the source.
class Folder {
 public:
  explicit Folder(const std::string& source = "leveldb:./db", const std::string& target = "unified-json:./out", const std::string& fixture = "lookcoin-28") {
    std::filesystem::copy(std::string(ROLLPROOF_SOURCE_DIR "/fixtures/") + fixture, path("db"), std::filesystem::copy_options::recursive);
    write(R"({"source": ")" + source + R"(", "target": ")" + target + R"(", "known_exceptions": ["31337"]})");
  }

  std::string path(const std::string& name) const { return os::join(directory_.path(), name); }
  std::string config() const { return path("rollproof.json"); }
  void write(const std::string& text) const { std::ofstream(config()) << text; }
  os::World& world() { return world_.world(); }
  Result<OwnStores> read(uint64_t whole_bytes = 1 << 20) { return read_own_stores(world(), config(), {.whole_bytes = whole_bytes}); }

  // Every path with size, moment of the last change, and content.
  std::string state() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
      std::ostringstream text;
      text << entry.last_write_time().time_since_epoch().count();
      if (entry.is_regular_file()) text << ' ' << entry.file_size() << ' ' << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files[entry.path()] = text.str();
    }
    std::string all;
    for (const auto& [name, text] : files) all += name + "\n" + text + "\n";
    return all;
  }

 private:
  os::ScratchDirectory directory_;
  os::PosixWorld world_;
};

}  // namespace rollproof::drill
