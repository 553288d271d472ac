#include "lib/migrate/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "lib/base/digest.h"
#include "lib/os/copy_on_write.h"
#include "lib/os/paths.h"
#include "lib/record/space.h"

namespace rollproof::migrate {
namespace {

constexpr uint64_t kDamagedFilesMax = 4;
constexpr uint64_t kLargeStoreBytes = 64 << 20;  // read once is enough then
constexpr size_t kSpacesMax = 1000;
constexpr const char* kTrialValue = "{\"rollproof\": \"trial\"}";

// The world as it is, but for writes, which go with this object.
class TrialWorld {
 public:
  TrialWorld(os::World& below, const std::string& spill_path) : files_(below.files, kTrialMemoryBytes, spill_path), world_{files_, below.clock, below.memory, below.identity, true} {}
  os::World& world() { return world_; }

 private:
  os::CopyOnWriteFileSystem files_;
  os::World world_;
};

struct Contents {
  MultisetDigest digest;
  std::map<std::string, record::Record> one_of_each_space;
};

Result<Contents> read_contents(store::Store& store) {
  Contents contents;
  ROLLPROOF_ASSIGN(auto cursor, store.scan());
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return contents;
    contents.digest.add(record.key, record.value);
    std::string space = record::space_of(record.key).name;
    if (contents.one_of_each_space.size() < kSpacesMax) contents.one_of_each_space.try_emplace(std::move(space), record);
  }
}

Result<Contents> read_closed(os::World& world, const store::Where& where) {
  ROLLPROOF_ASSIGN(auto store, store::open_read_only(world, where, {}));
  return read_contents(*store);
}

Status expect(store::Store& store, const std::string& key, const std::optional<std::string>& wanted, const char* after) {
  ROLLPROOF_ASSIGN(const auto found, store.get(key));
  if (found == wanted) return {};
  return fail(Code::differs, fmt::format("{}, record {} is {}", after, key, found ? "another one" : wanted ? "not there" : "still there"));
}

record::Batch put(const std::string& key, const std::string& value) { return {{record::Change::Kind::put, key, value}}; }
record::Batch removal(const std::string& key) { return {{record::Change::Kind::remove, key, ""}}; }

Status try_space(store::Store& store, const record::Record& known) {
  const std::string added = known.key + "-rollproof-trial";
  ROLLPROOF_TRY(expect(store, known.key, known.value, "before anything was done"));
  ROLLPROOF_TRY(store.apply(put(known.key, kTrialValue)));
  ROLLPROOF_TRY(expect(store, known.key, kTrialValue, "overwritten"));
  ROLLPROOF_TRY(store.apply(removal(known.key)));
  ROLLPROOF_TRY(expect(store, known.key, std::nullopt, "deleted"));
  ROLLPROOF_TRY(store.apply(put(known.key, known.value)));
  ROLLPROOF_TRY(expect(store, known.key, known.value, "put back"));
  ROLLPROOF_TRY(store.apply(put(added, kTrialValue)));
  ROLLPROOF_TRY(expect(store, added, kTrialValue, "added"));
  ROLLPROOF_TRY(store.apply(removal(added)));
  return expect(store, added, std::nullopt, "added and deleted");
}

Status flip(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(auto file, files.open_write(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  char byte = 0;
  ROLLPROOF_TRY(file->read_at(size / 2, std::span(&byte, 1)));
  byte ^= 0x20;
  ROLLPROOF_TRY(file->write_at(size / 2, std::string_view(&byte, 1)));
  return file->close();
}

}  // namespace

Status try_operations(os::World& world, const store::Where& where, const std::string& spill_path, nlohmann::ordered_json& facts) {
  TrialWorld trial(world, spill_path);
  Contents before;
  {
    ROLLPROOF_ASSIGN(auto store, store::open(trial.world(), where, {}));
    ROLLPROOF_ASSIGN(before, read_contents(*store));
    for (const auto& [space, known] : before.one_of_each_space) ROLLPROOF_TRY(try_space(*store, known));
    ROLLPROOF_TRY(store->close());
  }
  ROLLPROOF_ASSIGN(const Contents after, read_closed(trial.world(), where));
  if (!(after.digest == before.digest)) return fail(Code::differs, "after trying every operation and opening it again, the target holds other records", where.path);
  facts["spaces_tried"] = before.one_of_each_space.size();
  return {};
}

Status try_damaged_file(os::World& world, const store::Where& where, const std::string& spill_path, nlohmann::ordered_json& facts) {
  ROLLPROOF_ASSIGN(const Contents sound, read_closed(world, where));
  ROLLPROOF_ASSIGN(store::Fingerprint fingerprint, store::take_fingerprint(world, where, nullptr));
  const store::Fingerprint recorded = fingerprint;
  auto& files = fingerprint.files;
  std::erase_if(files, [](const auto& file) { return file.size == 0; });
  uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.size;
  // The largest hold the records.
  std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.size > b.size; });
  files.resize(std::min<size_t>(files.size(), bytes > kLargeStoreBytes ? 1 : kDamagedFilesMax));
  facts["damaged_files"] = nlohmann::ordered_json::array();
  for (const auto& file : files) {
    TrialWorld trial(world, spill_path);
    ROLLPROOF_TRY(flip(trial.world().files, os::join(where.path, file.name)));
    const auto found = read_closed(trial.world(), where);
    std::string outcome = found ? "exact records" : found.error().to_string();
    if (found && !(found->digest == sound.digest)) {
      // Files in the form of other programs carry no checksums: what notices then is the fingerprint that every open compares.
      ROLLPROOF_ASSIGN(const store::Fingerprint damaged, store::take_fingerprint(trial.world(), where, nullptr));
      if (damaged == recorded) return fail(Code::differs, fmt::format("a flipped byte in {} changes records and nobody notices", file.name), where.path);
      outcome = "reading does not notice; the fingerprint does";
    }
    facts["damaged_files"].push_back({{"file", file.name}, {"outcome", outcome}});
  }
  return {};
}

Status try_recovery(os::World& world, const store::Where& where, const std::string& spill_path, nlohmann::ordered_json& facts) {
  TrialWorld trial(world, spill_path);
  const std::string durable = "56-rollproof-trial-durable", later = "56-rollproof-trial-later";
  store::Mark mark;
  {
    ROLLPROOF_ASSIGN(auto store, store::open(trial.world(), where, {}));
    ROLLPROOF_TRY(store->apply(put(durable, kTrialValue)));
    ROLLPROOF_ASSIGN(mark, store->checkpoint());
    ROLLPROOF_TRY(store->apply(put(later, kTrialValue)));
  }  // gone without close()
  ROLLPROOF_ASSIGN(auto store, store::open(trial.world(), where, {.interrupted = true, .mark = mark}));
  ROLLPROOF_TRY(expect(*store, durable, kTrialValue, "after a process died"));
  facts["recovered"] = true;
  ROLLPROOF_TRY(store->close());
  return {};
}

}  // namespace rollproof::migrate
