// How fast crash images come: enumerated and hashed; a clone opened and read; one image built from its id.
#include <benchmark/benchmark.h>

#include "harness/sim/crash.h"
#include "harness/sim/disk.h"
#include "lib/os/paths.h"

namespace rollproof::sim {
namespace {

// Thirty files in three directories, as a small migration has them.
Image start_image() {
  Image image;
  for (int i = 0; i < 30; ++i) image.put("store" + std::to_string(i % 3) + "/00000" + std::to_string(i) + ".ldb", std::string(700 + 300 * i, static_cast<char>('a' + i)));
  return image;
}

// 28 records: each appended to a preallocated journal and synced, and to a log that is not; a file replaced now and then.
Trace small_migration() {
  SimDisk disk(start_image());
  auto journal = disk.create("store0/journal").value();
  bool fine = journal->preallocate(256 * 1024) && journal->sync() && disk.sync_directory("store0");
  auto log = disk.create("store1/log").value();
  for (uint64_t i = 0; i < 28; ++i) {
    fine = fine && journal->write_at(i * 512, std::string(512, 'j')) && journal->sync() && log->write_at(i * 300, std::string(300, 'r'));
    if (i % 7 == 6) fine = fine && os::replace_file(disk, "store2/position", std::to_string(i));
  }
  if (!fine) std::abort();
  return disk.trace();
}

void EnumerateAndHash(benchmark::State& state) {
  const Trace trace = small_migration();
  uint64_t images = 0;
  for (auto _ : state) {
    const auto counts = for_each_crash(trace, {.model = static_cast<Model>(state.range(0)), .pairs_max = 20, .randoms = 4}, [&](const CrashId&, LazyImage& image) {
      benchmark::DoNotOptimize(image.digest());
      return true;
    });
    images += counts.total();
  }
  state.counters["per_second"] = benchmark::Counter(static_cast<double>(images), benchmark::Counter::kIsRate);
  state.SetLabel(count_crashes(trace, {.model = static_cast<Model>(state.range(0)), .pairs_max = 20, .randoms = 4}).to_string());
}
BENCHMARK(EnumerateAndHash)->DenseRange(0, 3);

// What enumeration saves: each image worked out from the beginning of the trace.
void EachImageFromItsName(benchmark::State& state) {
  const Trace trace = small_migration();
  uint64_t images = 0;
  for (auto _ : state) {
    for (uint64_t after = 0; after <= trace.size(); after += 8) {
      CrashImages alone(trace, Model::strict);
      benchmark::DoNotOptimize(alone.build({.after = after, .shape = CrashId::Shape::keep_none})->digest());
      ++images;
    }
  }
  state.counters["per_second"] = benchmark::Counter(static_cast<double>(images), benchmark::Counter::kIsRate);
}
BENCHMARK(EachImageFromItsName);

void CloneAndReadEverything(benchmark::State& state) {
  const Image image = start_image();
  std::string bytes(16 * 1024, '\0');
  for (auto _ : state) {
    SimDisk disk(image);
    disk.record_calls(false);
    for (const char* directory : {"store0", "store1", "store2"}) {
      const auto names = disk.list(directory).value();
      for (const std::string& name : names) benchmark::DoNotOptimize(disk.open_read(os::join(directory, name)).value()->read_at(0, bytes));
    }
  }
}
BENCHMARK(CloneAndReadEverything);

void Clone(benchmark::State& state) {
  const Image image = start_image();
  for (auto _ : state) benchmark::DoNotOptimize(SimDisk(image).operations());
}
BENCHMARK(Clone);

void AfterProcessDeath(benchmark::State& state) {
  const Trace trace = small_migration();
  for (auto _ : state) benchmark::DoNotOptimize(SimDisk::after_process_death(trace, trace.size() / 2)->operations());
}
BENCHMARK(AfterProcessDeath);

}  // namespace
}  // namespace rollproof::sim

BENCHMARK_MAIN();
