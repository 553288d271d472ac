#include "harness/drill/ground.h"

#include "lib/migrate/config.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::drill {

void put_below(sim::Image& image, const std::string& to, const sim::Image& from) {
  image.make_directory(to);
  for (const std::string& file : from.files()) image.put(os::join(to, file), from.find(file)->content);
}

Result<Ground> fixture_ground(const Story& story, const std::string& fixtures) {
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(const sim::Image fixture, sim::Image::load(files, os::join(fixtures, story.fixture)));
  Ground ground;
  ground.options.places = {.config = "rollproof.json", .state = ".rollproof", .source = "db", .source_kind = story.source_kind, .target = "out", .target_kind = story.target_kind, .backups = "backups"};
  ground.start.put("rollproof.json", migrate::render_config({story.source_kind, "db"}, {story.target_kind, "out"}));
  put_below(ground.start, "db", fixture);
  return ground;
}

}  // namespace rollproof::drill
