#include "harness/process/workspace.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/check/read_leveldb.h"
#include "harness/check/read_network.h"
#include "harness/check/read_unified.h"
#include "harness/sim/image.h"
#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"

namespace rollproof::process {
namespace {

namespace fs = std::filesystem;

Result<Records> read_store(const std::string& path, const std::string& kind) {
  if (!fs::exists(path)) return fail(Code::not_found, "there is no store", path);
  os::PosixFileSystem files;
  ROLLPROOF_ASSIGN(const sim::Image image, sim::Image::load(files, path));
  const sim::Node* folder = image.root().get();
  const check::Records read = kind == "leveldb"        ? check::read_leveldb(folder)
                              : kind == "network-json" ? check::read_network(folder, check::Strictness::strict)
                                                       : check::read_unified(folder);
  if (!read.readable()) return fail(Code::corruption, "not readable by an independent reader: " + read.error, path);
  if (!read.there) return fail(Code::not_found, "there is no store", path);
  Records records;
  for (const check::Record& record : read.sorted) records.emplace(record.key, record.value);
  return records;
}

std::string contents_of(const std::string& path) {
  os::PosixFileSystem files;
  auto text = os::read_file(files, path);
  return text ? *text : std::string();
}

std::string shortened(std::string text) {
  constexpr size_t kEnough = 2000;
  return text.size() <= kEnough ? text : text.substr(0, kEnough) + "…\n";
}

Status copy_tree(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::remove_all(to, error);
  fs::create_directories(fs::path(to).parent_path(), error);
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) return fail(Code::io, "copying to " + to + ": " + error.message(), from);
  return {};
}

}  // namespace

Footprint footprint_of(const std::string& folder) {
  Footprint footprint;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end && !error; at.increment(error)) {
    struct stat seen{};
    if (::lstat(at->path().c_str(), &seen) != 0) continue;
    footprint[at->path().string().substr(folder.size())] =
        fmt::format("inode {} size {} modified {}.{:09} changed {}.{:09}", seen.st_ino, S_ISDIR(seen.st_mode) ? 0 : seen.st_size, seen.st_mtim.tv_sec,
                    seen.st_mtim.tv_nsec, seen.st_ctim.tv_sec, seen.st_ctim.tv_nsec);
  }
  return footprint;
}

std::string difference(const Footprint& before, const Footprint& after) {
  std::string text;
  for (const auto& [path, seen] : before) {
    const auto now = after.find(path);
    if (now == after.end()) text += path + " is gone\n";
    if (now != after.end() && now->second != seen) text += fmt::format("{}: was {}, is {}\n", path, seen, now->second);
  }
  for (const auto& [path, seen] : after) {
    if (!before.contains(path)) text += path + " is new\n";
  }
  return text;
}

Status Workspace::begin_with(const std::string& database, const std::string& target_kind) {
  target_kind_ = target_kind;
  std::error_code error;
  fs::create_directories(folder_, error);
  ROLLPROOF_TRY(copy_tree(database, path("source")));
  ROLLPROOF_ASSIGN(expected_, read_source());
  ROLLPROOF_TRY(must({"init", "--source", "leveldb:source", "--target", target_kind + ":target"}));
  // How fast this machine is at this moment is not what these runs are about.
  const std::string commented = "// \"enforce_performance\": true,";
  std::ifstream in(path("rollproof.json"), std::ios::binary);
  std::string configuration{std::istreambuf_iterator<char>(in), {}};
  const size_t at = configuration.find(commented);
  if (at == std::string::npos) return fail(Code::internal, "init writes another configuration than this expects", path("rollproof.json"));
  configuration.replace(at, commented.size(), "\"enforce_performance\": false,");
  std::ofstream out(path("rollproof.json"), std::ios::binary | std::ios::trunc);
  out << configuration << std::flush;
  if (!out) return fail(Code::io, "the configuration could not be written", path("rollproof.json"));
  return {};
}

Result<Workspace> Workspace::copy_to(const std::string& folder) const {
  ROLLPROOF_TRY(copy_tree(folder_, folder));
  Workspace copy = *this;
  copy.folder_ = folder;
  return copy;
}

void Workspace::remove() const {
  std::error_code ignored;  // what can not be removed is in the way of the next run, which then says so
  fs::remove_all(folder_, ignored);
}

Program Workspace::command(const std::vector<std::string>& arguments) const {
  Program program{{program_}, folder_};
  program.arguments.insert(program.arguments.end(), arguments.begin(), arguments.end());
  return program;
}

Result<Finished> Workspace::rollproof(const std::vector<std::string>& arguments) const { return run(command(arguments)); }

Status Workspace::must(const std::vector<std::string>& arguments) {
  ROLLPROOF_ASSIGN(const Finished finished, rollproof(arguments));
  if (!finished.ok()) return fail(Code::internal, fmt::format("rollproof {}: {}", fmt::join(arguments, " "), finished.to_string()), folder_);
  if (arguments[0] == "put") expected_[arguments[1]] = arguments[2];
  if (arguments[0] == "delete") expected_.erase(arguments[1]);
  return {};
}

Result<Records> Workspace::read_source() const { return read_store(path("source"), "leveldb"); }
Result<Records> Workspace::read_target() const { return read_store(path("target"), target_kind_); }
bool Workspace::target_exists() const { return fs::exists(path("target")); }

std::string Workspace::compare_partial(const Records& found, const char* store) const {
  std::string text;
  for (const auto& [key, value] : found) {
    const auto wanted = expected_.find(key);
    if (wanted == expected_.end()) text += fmt::format("{}: {} was never written\n", store, key);
    if (wanted != expected_.end() && wanted->second != value) text += fmt::format("{}: {} is changed\n", store, key);
  }
  return shortened(std::move(text));
}

std::string Workspace::compare(const Records& found, const char* store) const {
  std::string text = compare_partial(found, store);
  for (const auto& [key, value] : expected_) {
    if (!found.contains(key)) text += fmt::format("{}: {} is lost\n", store, key);
  }
  return shortened(std::move(text));
}

std::string Workspace::leftovers(bool active) const {
  std::string text;
  for (const auto& [path, seen] : footprint_of(folder_)) {
    const std::string name = fs::path(path).filename().string();
    const bool always = name.ends_with(".tmp") || name.find(".rollproof-partial-") != std::string::npos || name.ends_with(".dbtmp") || name == "rollproof-obsolete" ||
                        name == migrate::kCancelFile || name == migrate::kProgressFile;
    const bool at_the_end = name == migrate::kLockFile || name == migrate::kReserveFile || name == ".rollproof-migration";
    if (always || (at_the_end && !active)) text += path + " is left over\n";
  }
  if (!active && contents_of(path("rollproof.json")).find("migration_id") != std::string::npos) text += "the configuration still carries a migration\n";
  return text;
}

Result<Standing> standing_of(const Workspace& workspace) {
  os::PosixWorld world;
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(world.world().files, workspace.path("rollproof.json")));
  ROLLPROOF_ASSIGN(const migrate::LedgerView view, migrate::view_ledger(world.world(), config));
  Standing standing{.exists = view.journal.exists,
                    .active = view.state.active,
                    .following = view.state.following != migrate::Following::none,
                    .copied = view.state.is_done(migrate::Phase::copy),
                    .source_answers = answers_from_source(view.state.route),
                    .safe_stop = view.state.safe_stop};
  if (view.state.operation) standing.operation = view.state.operation->kind;
  if (!view.state.steps_begun.empty()) standing.step = *view.state.steps_begun.begin();
  return standing;
}

}  // namespace rollproof::process
