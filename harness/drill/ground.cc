#include "harness/drill/ground.h"

#include "harness/drill/own_records.h"
#include "harness/sim/mounted.h"
#include "harness/sim/sim_world.h"
#include "lib/migrate/config.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::drill {

void put_below(sim::Image& image, const std::string& to, const sim::Image& from) {
  image.make_directory(to);
  for (const std::string& file : from.files()) image.put(os::join(to, file), from.find(file)->content);
}

namespace {

// The records of a LevelDB in a store of another kind.
Result<sim::Image> rewritten(sim::Image image, const store::Where& source) {
  sim::SimDisk from_disk(image), to_disk(image.remove(source.path));
  sim::SimWorld from(from_disk), to(to_disk);
  const store::Where leveldb{"leveldb", source.path};
  ROLLPROOF_ASSIGN(const RecordCounts counts, count_records(from.world, leveldb));
  ROLLPROOF_TRY(sample_records(from.world, leveldb, counts, counts.bytes, to.world, source));
  return to_disk.now();
}

// A new store with the records that a story brings along.
Result<sim::Image> written(const sim::Image& image, const store::Where& source, const std::vector<StoryRecord>& records) {
  sim::SimDisk disk(image);
  sim::SimWorld world(disk);
  ROLLPROOF_ASSIGN(const auto store, store::open(world.world, source, {.create = true}));
  record::Batch batch;
  for (const StoryRecord& record : records) batch.push_back({record::Change::Kind::put, record.key, record.value});
  if (!batch.empty()) ROLLPROOF_TRY(store->apply(batch));
  ROLLPROOF_TRY(store->close());
  return disk.now();
}

}  // namespace

Result<Ground> fixture_ground(const Story& story, const std::string& fixtures) {
  Ground ground;
  const store::Where source{story.source_kind, story.source_mounted ? "db" + std::string(sim::kMountedSuffix) : "db"};
  ground.options.places = {.config = "rollproof.json", .state = ".rollproof", .source = source.path, .source_kind = story.source_kind, .target = "out", .target_kind = story.target_kind, .backups = "backups"};
  ground.start.put("rollproof.json", migrate::render_config(source, {story.target_kind, "out"}));
  if (story.target_folder) ground.start.make_directory(ground.options.places.target);
  if (story.records) {
    ROLLPROOF_ASSIGN(ground.start, written(ground.start, source, *story.records));
    return ground;
  }
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(const sim::Image fixture, sim::Image::load(files, os::join(fixtures, story.fixture)));
  put_below(ground.start, source.path, fixture);
  sim::SimDisk disk(ground.start);
  sim::SimWorld world(disk);
  ROLLPROOF_ASSIGN(const bool of_its_kind, store::is_there(world.world, source));
  if (!of_its_kind) {
    ROLLPROOF_ASSIGN(ground.start, rewritten(std::move(ground.start), source));
  }
  return ground;
}

}  // namespace rollproof::drill
