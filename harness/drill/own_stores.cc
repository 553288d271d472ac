#include "harness/drill/own_stores.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/drill/own_records.h"
#include "harness/sim/sim_world.h"
#include "lib/base/digest.h"
#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"
#include "lib/store/store.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;

const check::Places kPlaces = {.config = "rollproof.json", .state = ".rollproof", .source = "source", .target = "target", .backups = "backups"};
constexpr const char* kLegacy = "legacy";

std::string config_text(const migrate::Config& config, bool enforce) {
  Json json{{"source", config.source.kind + ":" + kPlaces.source}, {"target", config.target.kind + ":" + kPlaces.target}, {"backups", kPlaces.backups}};
  if (!config.legacy_json.empty()) json["legacy_json"] = kLegacy;
  json["known_exceptions"] = config.known_exceptions;
  json["enforce_performance"] = enforce;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Nobody may be at work on them: what is copied has to be what one program has left.
Status check_at_rest(os::World& world, const migrate::Config& config) {
  ROLLPROOF_ASSIGN(const auto holder, world.files.lock_holder(os::join(config.state_directory(), migrate::kLockFile)));
  if (holder) return fail(Code::locked, "a migration is at work: held by " + *holder, config.state_directory(), "Wait for it; `rollproof status` shows how far it is.");
  ROLLPROOF_ASSIGN(const migrate::LedgerView view, migrate::view_ledger(world, config));
  if (view.state.active || !config.migration_id.empty()) {
    return fail(Code::refused, fmt::format("migration {} is under way, and a drill begins with a source that no migration has touched", view.state.active ? view.state.migration : config.migration_id),
                config.path, "`rollproof can-rollback` tries the way back of that one. To drill, name a copy of the source in another configuration.");
  }
  if (config.source.kind == "leveldb") {
    ROLLPROOF_ASSIGN(const auto user, world.files.lock_holder(os::join(config.source.path, "LOCK")));
    if (user) return fail(Code::locked, "another process has the database open", config.source.path, "Stop the program that uses it, or name a copy of it in another configuration.");
  }
  ROLLPROOF_ASSIGN(const bool there, store::is_there(world, config.source));
  if (!there) return fail(Code::invalid, fmt::format("there is no {} store", config.source.kind), config.source.path, "Correct \"source\" in " + config.path + ".");
  ROLLPROOF_ASSIGN(const bool occupied, store::is_there(world, config.target));
  if (occupied) return fail(Code::refused, "the target already holds a store, into which no migration begins", config.target.path, "Name an empty or a new folder as the target.");
  return {};
}

Error damaged(const store::Where& source, const std::string& what) {
  return {Code::refused, "the source is damaged: " + what, source.path, "`rollproof doctor` shows all of it; restore the file from a copy of your own."};
}

// A damaged source is refused by the first phase; nothing behind it could be drilled.
Status check_sound(os::World& world, const store::Where& source, OwnStores& own) {
  ROLLPROOF_ASSIGN(const store::Inspection inspection, store::inspect(world, source));
  for (const auto& problem : inspection.problems) {
    if (!problem.ordinary) {
      return fail(damaged(source, problem.file + ": " + problem.what));
    }
    if (!own.ground.options.accept_ordinary_damage) own.left_out.push_back("the last writer of the source did not close it; drilled as with --yes: " + problem.file + ": " + problem.what);
    own.ground.options.accept_ordinary_damage = true;
  }
  return {};
}

Result<bool> folder_is_there(os::World& world, const std::string& path) {
  ROLLPROOF_ASSIGN(const bool there, os::exists(world.files, path));
  if (!there) return false;
  ROLLPROOF_ASSIGN(const os::Info info, world.files.stat(path));
  return info.kind == os::Kind::directory;
}

Status copy_folder(os::World& world, const std::string& from, sim::Image& image, const std::string& to) {
  if (from.empty()) return {};
  ROLLPROOF_ASSIGN(const bool there, folder_is_there(world, from));
  if (!there) return {};
  ROLLPROOF_ASSIGN(const sim::Image found, sim::Image::load(world.files, from));
  put_below(image, to, found);
  return {};
}

// The spaces with the most records first, so that writes go where the data is. An empty source keeps the words of the fixtures.
void choose_keys(const RecordCounts& counts, OwnStores& own) {
  std::vector<std::pair<std::string, SpaceCount>> spaces(counts.spaces.begin(), counts.spaces.end());
  std::stable_sort(spaces.begin(), spaces.end(), [](const auto& a, const auto& b) { return a.second.records > b.second.records; });
  subject::Keys& keys = own.ground.options.keys;
  std::string first = keys.batch.front(), second = keys.inside;
  if (!spaces.empty()) {
    keys.existing = spaces.front().second.smallest_key;
    first = fresh_prefix(keys.existing);
    second = fresh_prefix(spaces[std::min<size_t>(1, spaces.size() - 1)].second.smallest_key);
  }
  keys.inside = second + "Inside";
  keys.batch = {first + "Batch", second + "Batch"};
  own.new_key = first + "New";
  own.second_key = second + "Second";
}

void take_counts(const RecordCounts& counts, OwnStores& own) {
  own.records = counts.records;
  own.record_bytes = counts.bytes;
  for (const auto& [space, count] : counts.spaces) own.spaces[space] = count.records;
}

// What a scan of the files does not see, the checksums of its blocks do.
Result<RecordCounts> counted(os::World& world, const store::Where& where, const store::Where& source) {
  auto counts = count_records(world, where);
  if (!counts && counts.error().code == Code::corruption) return fail(damaged(source, counts.error().message));
  return counts;
}

// What is in memory now, and how a story writes to it.
Status look_at_copy(OwnStores& own) {
  sim::SimDisk disk(own.ground.start);
  sim::SimWorld copy(disk);
  const store::Where where{own.config.source.kind, kPlaces.source};
  ROLLPROOF_ASSIGN(const RecordCounts counts, counted(copy.world, where, own.config.source));
  ROLLPROOF_ASSIGN(const auto names, os::files_below(disk, where.path));
  for (const std::string& name : names) {
    ROLLPROOF_ASSIGN(const os::Info info, disk.stat(os::join(where.path, name)));
    own.drilled_bytes += info.size;
  }
  own.drilled_records = counts.records;
  choose_keys(counts, own);
  if (own.whole) take_counts(counts, own);
  return {};
}

Status copy_sample(os::World& world, OwnStores& own, uint64_t bytes) {
  if (store::holds_more_than_records(own.config.source)) {
    return fail(Code::refused, fmt::format("the source has {} bytes; one of this kind holds more than records, so it can only be drilled whole, up to {} bytes", own.file_bytes, bytes),
                own.config.source.path, "Name a folder with some of its files in another configuration.");
  }
  ROLLPROOF_ASSIGN(const RecordCounts counts, counted(world, own.config.source, own.config.source));
  take_counts(counts, own);
  sim::SimDisk disk(own.ground.start);
  sim::SimWorld copy(disk);
  ROLLPROOF_TRY(sample_records(world, own.config.source, counts, bytes, copy.world, {own.config.source.kind, kPlaces.source}));
  own.ground.start = disk.now();
  own.whole = false;
  own.ground.options.accept_ordinary_damage = false;  // the sample's store is closed as it should be
  return {};
}

bool damages_something(const Story& story) {
  return std::any_of(story.before.begin(), story.before.end(), [](const subject::Command& command) { return command.kind == subject::Command::Kind::damage; });
}

Status add_digest(os::World& world, const std::string& path, std::string& listing) {
  ROLLPROOF_ASSIGN(const bool there, os::exists(world.files, path));
  if (!there) return {};
  ROLLPROOF_ASSIGN(const os::Info info, world.files.stat(path));
  if (info.kind == os::Kind::directory) {
    ROLLPROOF_ASSIGN(const auto names, world.files.list(path));
    listing += path + "/\n";
    for (const std::string& name : names) ROLLPROOF_TRY(add_digest(world, os::join(path, name), listing));
    return {};
  }
  ROLLPROOF_ASSIGN(const std::string sha256, os::sha256_of_file(world.files, path));
  listing += fmt::format("{} {} {}\n", path, info.size, sha256);
  return {};
}

}  // namespace

// In files that other programs write as well, a byte that has turned over may be what one of them wrote.
bool tells_of_damage(const OwnStores& own) { return own.config.source.kind == "leveldb"; }

Result<std::string> digest_of_originals(os::World& world, const migrate::Config& config) {
  std::string listing;
  for (const std::string& path : {config.path, config.source.path, config.target.path, config.legacy_json}) {
    if (!path.empty()) ROLLPROOF_TRY(add_digest(world, path, listing));
  }
  return sha256_hex(listing);
}

Result<OwnStores> read_own_stores(os::World& world, const std::string& config_path, const OwnLimits& limits) {
  OwnStores own;
  ROLLPROOF_ASSIGN(own.config, migrate::read_config(world.files, config_path));
  ROLLPROOF_TRY(check_at_rest(world, own.config));
  ROLLPROOF_ASSIGN(own.sha256, digest_of_originals(world, own.config));
  ROLLPROOF_ASSIGN(const auto names, os::files_below(world.files, own.config.source.path));
  for (const std::string& name : names) {
    ROLLPROOF_ASSIGN(const os::Info info, world.files.stat(os::join(own.config.source.path, name)));
    ++own.files;
    own.file_bytes += info.size;
  }
  own.ground.options.places = kPlaces;
  own.ground.options.places.source_kind = own.config.source.kind;
  own.ground.options.places.target_kind = own.config.target.kind;
  own.ground.start.put(kPlaces.config, config_text(own.config, own.config.enforce_performance));
  own.lenient_config = config_text(own.config, false);
  ROLLPROOF_TRY(check_sound(world, own.config.source, own));
  ROLLPROOF_TRY(own.file_bytes <= limits.whole_bytes ? copy_folder(world, own.config.source.path, own.ground.start, kPlaces.source) : copy_sample(world, own, limits.whole_bytes));
  ROLLPROOF_TRY(look_at_copy(own));
  ROLLPROOF_TRY(copy_folder(world, own.config.legacy_json, own.ground.start, kLegacy));
  ROLLPROOF_ASSIGN(const bool target_there, folder_is_there(world, own.config.target.path));
  if (target_there) own.ground.start.make_directory(kPlaces.target);
  // A copy goes in as many batches as that of a fixture, whatever the size.
  own.ground.options.copy_batch_bytes = std::max<uint64_t>(own.ground.options.copy_batch_bytes, own.drilled_bytes / 8);
  if (!own.config.checks.empty()) {
    own.left_out.push_back(fmt::format("{} checks of the configuration: programs can not be run on a disk in memory; `rollproof migrate` and `rollproof rollback` run them", own.config.checks.size()));
  }
  if (!tells_of_damage(own)) own.left_out.push_back("stories that begin with a damaged source: in files of this kind a byte that has turned over may be what another program wrote");
  ROLLPROOF_ASSIGN(const std::string now, digest_of_originals(world, own.config));
  if (now != own.sha256) return fail(Code::refused, "the stores changed while they were copied", own.config.source.path, "Stop the program that writes to them, and run the drill again.");
  return own;
}

Result<std::vector<Story>> stories_on(const OwnStores& own, const std::string& folder) {
  ROLLPROOF_ASSIGN(auto stories, load_stories(folder));
  if (!tells_of_damage(own)) std::erase_if(stories, damages_something);
  for (Story& story : stories) {
    story.source_kind = own.config.source.kind;
    story.target_kind = own.config.target.kind;
    for (auto* commands : {&story.before, &story.drilled}) {
      for (subject::Command& command : *commands) {
        if (command.argument == "{existing}") command.argument = own.ground.options.keys.existing;
        if (command.argument == "{new}") command.argument = own.new_key;
        if (command.argument == "{second}") command.argument = own.second_key;
      }
    }
  }
  return stories;
}

}  // namespace rollproof::drill
