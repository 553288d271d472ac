#include "lib/rollback/trial.h"

#include <fmt/format.h>

#include "lib/base/digest.h"
#include "lib/migrate/trial.h"
#include "lib/os/copy_on_write.h"
#include "lib/record/space.h"

namespace rollproof::rollback {
namespace {

using record::Change;

constexpr const char* kSuffix = ".rollproof-trial";

Error wrong(const store::Where& where, const std::string& what) { return Error{Code::differs, "trial: " + what, where.path, ""}; }

struct Tried {
  std::string key;     // new in its space
  std::string value;   // of a record that the store holds already, so it can hold this one
};

class TrialRun {
 public:
  TrialRun(os::World& world, const store::Where& where, const std::string& spill_path)
      : files_(world.files, migrate::kTrialMemoryBytes, spill_path), world_{files_, world.clock, world.memory, world.identity, true}, where_(where) {}

  Result<Trial> run() {
    ROLLPROOF_TRY(open());
    ROLLPROOF_TRY(read_all(&before_, true));
    ROLLPROOF_TRY(change("put"));
    ROLLPROOF_TRY(reopen());
    ROLLPROOF_TRY(expect_values("put"));
    for (Tried& tried : tried_) tried.value = std::string("\"") + kSuffix + "\"";
    ROLLPROOF_TRY(change("overwrite"));
    ROLLPROOF_TRY(expect_values("overwrite"));
    ROLLPROOF_TRY(remove());
    ROLLPROOF_TRY(reopen());
    MultisetDigest after;
    ROLLPROOF_TRY(read_all(&after, false));
    if (after != before_) return fail(wrong(where_, "what was put and deleted again is not gone without a trace"));
    ROLLPROOF_TRY(store_->close());
    return trial_;
  }

 private:
  Status open() {
    ROLLPROOF_ASSIGN(store_, store::open(world_, where_, {}));
    return {};
  }
  Status reopen() {
    ROLLPROOF_TRY(store_->close());
    store_.reset();
    return open();
  }

  Status read_all(MultisetDigest* digest, bool singly) {
    ROLLPROOF_ASSIGN(auto cursor, store_->scan());
    record::Record record;
    for (;;) {
      ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
      if (!more) return {};
      digest->add(record.key, record.value);
      if (singly) ROLLPROOF_TRY(look_at(record));
    }
  }

  Status look_at(const record::Record& record) {
    ROLLPROOF_ASSIGN(const auto alone, store_->get(record.key));
    if (!alone || *alone != record.value) return fail(wrong(where_, fmt::format("record {} is another one when it is read singly", record.key)));
    ++trial_.records;
    if (++trial_.per_space[record::space_of(record.key).name] == 1) tried_.push_back({record.key + kSuffix, record.value});
    return {};
  }

  Status change(const char* what) {
    for (const Tried& tried : tried_) {
      if (auto done = store_->apply({{Change::Kind::put, tried.key, tried.value}}); !done) {
        done.error().message = fmt::format("{} of {}: {}", what, tried.key, done.error().message);
        return done;
      }
      ++trial_.operations;
    }
    return {};
  }

  Status expect_values(const char* after) {
    for (const Tried& tried : tried_) {
      ROLLPROOF_ASSIGN(const auto found, store_->get(tried.key));
      ++trial_.operations;
      if (found != tried.value) return fail(wrong(where_, fmt::format("{} does not hold its value after the {}", tried.key, after)));
    }
    return {};
  }

  Status remove() {
    for (const Tried& tried : tried_) {
      ROLLPROOF_TRY(store_->apply({{Change::Kind::remove, tried.key, ""}}));
      ROLLPROOF_ASSIGN(const auto found, store_->get(tried.key));
      trial_.operations += 2;
      if (found) return fail(wrong(where_, tried.key + " is there after it was deleted"));
    }
    return {};
  }

  os::CopyOnWriteFileSystem files_;
  os::World world_;
  const store::Where& where_;
  std::unique_ptr<store::Store> store_;
  std::vector<Tried> tried_;
  MultisetDigest before_;
  Trial trial_;
};

}  // namespace

Result<Trial> try_store(os::World& world, const store::Where& where, const std::string& spill_path) {
  if (where.kind != "leveldb" && where.kind != "unified-json" && where.kind != "network-json") {
    return fail(Code::refused, "a trial needs a store of files, whose view can be thrown away", where.path);
  }
  return TrialRun(world, where, spill_path).run();
}

}  // namespace rollproof::rollback
