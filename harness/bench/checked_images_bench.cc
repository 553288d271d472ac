// How fast cases are run: the library recovers twice from a disk content, and all ten promises are checked; and the least that anybody has to do
// for one, a clone of the same database that is opened and read.
#include <benchmark/benchmark.h>
#include <leveldb/db.h>

#include <memory>

#include "harness/check/memory_env.h"
#include "harness/drill/drill.h"

namespace rollproof::drill {
namespace {

// The story that most cases are of: back from the cutover, on the smallest fixture.
const Recording& recording() {
  static const Recording once = [] {
    auto story = load_story(ROLLPROOF_SOURCE_DIR "/scenarios/rollback-from-cutover.json");
    auto told = story ? recording_of(*story, {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"}) : fail(story.error());
    if (!told) std::abort();
    return std::move(*told);
  }();
  return once;
}

void run_all(benchmark::State& state, const char* pattern) {
  CaseRunner planner(recording());
  const Plan plan = plan_cases(recording(), planner, *Profile::named("default"), pattern);
  if (plan.cases.empty()) std::abort();
  uint64_t cases = 0, images = 0;
  for (auto _ : state) {
    CaseRunner runner(recording());  // remembers no recovery of the turn before
    for (const Planned& planned : plan.cases) {
      const CaseResult result = runner.run(planned.fault);
      if (result.verdict == Verdict::failed) std::abort();
      ++cases;
      images += result.images;
    }
  }
  state.counters["per_second"] = benchmark::Counter(static_cast<double>(cases), benchmark::Counter::kIsRate);
  state.counters["images_per_second"] = benchmark::Counter(static_cast<double>(images), benchmark::Counter::kIsRate);
}

void CheckedCrashImages(benchmark::State& state) { run_all(state, "*.crash.*"); }
BENCHMARK(CheckedCrashImages)->Unit(benchmark::kMillisecond);

void FailedCalls(benchmark::State& state) { run_all(state, "*.io-error.*"); }
BENCHMARK(FailedCalls)->Unit(benchmark::kMillisecond);

void FailedAllocations(benchmark::State& state) { run_all(state, "*.memory.*"); }
BENCHMARK(FailedAllocations)->Unit(benchmark::kMillisecond);

void ProcessDeaths(benchmark::State& state) { run_all(state, "*.process-death.*"); }
BENCHMARK(ProcessDeaths)->Unit(benchmark::kMillisecond);

void CloneOpenAndScan(benchmark::State& state) {
  const sim::Node* folder = recording().start.find(recording().options.places.source);
  uint64_t done = 0;
  for (auto _ : state) {
    check::MemoryEnv env(*folder);
    leveldb::Options options;
    options.env = &env;
    options.info_log = check::silent_logger();
    leveldb::DB* opened = nullptr;
    if (!leveldb::DB::Open(options, "db", &opened).ok()) std::abort();
    std::unique_ptr<leveldb::DB> database(opened);
    std::unique_ptr<leveldb::Iterator> each(database->NewIterator({}));
    for (each->SeekToFirst(); each->Valid(); each->Next()) benchmark::DoNotOptimize(each->value().size());
    each.reset();
    env.run_queued();
    database.reset();
    ++done;
  }
  state.counters["per_second"] = benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate);
}
BENCHMARK(CloneOpenAndScan);

}  // namespace
}  // namespace rollproof::drill

BENCHMARK_MAIN();
