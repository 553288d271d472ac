#include "harness/process/real_damage.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "harness/fault/damage.h"
#include "harness/process/real_stage.h"

namespace rollproof::process {
namespace {

// The names of LevelDB's diary and lock are left out: nobody relies on their bytes.
bool is_of(const std::string& file, const std::string& kind) {
  const std::string folder = kind == "backup" ? "backups/" : kind == "journal" ? ".rollproof/journal/" : kind == "audit" ? ".rollproof/audit.jsonl" : kind + "/";
  return file.starts_with(folder) && !file.ends_with("/LOG") && !file.ends_with("/LOCK");
}

}  // namespace

Result<DoneDamage> damage_class(const Workspace& workspace, const std::string& how) {
  const std::string word = how.substr(0, how.find(' ')), kind = how.substr(how.find(' ') + 1);
  ROLLPROOF_ASSIGN(sim::Image image, image_of(workspace));
  fault::Damage damage{.kind = word == "flip" ? fault::Damage::Kind::flip : word == "cut" ? fault::Damage::Kind::cut : fault::Damage::Kind::lose};
  uint64_t most = 0;
  for (const std::string& file : image.files()) {
    // The end of a journal is zeros until something is written there.
    const std::string bytes = *image.read(file);
    const uint64_t written = bytes.find_last_not_of('\0') + 1;
    if (!is_of(file, kind) || written <= most) continue;
    most = written;
    damage.path = file;
  }
  damage.number = most / 2;
  if (most == 0 || !damage.apply(image)) return fail(Code::not_found, "there is no file to damage: " + how, workspace.folder());
  const std::string path = workspace.path(damage.path);
  if (damage.kind == fault::Damage::Kind::lose) {
    std::error_code error;
    if (!std::filesystem::remove(path, error)) return fail(Code::io, "could not be removed: " + error.message(), path);
  } else {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << *image.read(damage.path) << std::flush;
    if (!out) return fail(Code::io, "could not be written", path);
  }
  // What is on the disk now is what the value says; nothing but that.
  ROLLPROOF_ASSIGN(const sim::Image now, image_of(workspace));
  if (!(now == image)) return fail(Code::internal, "the damage on the disk is not what it was meant to be: " + damage.to_string(), path);
  return DoneDamage{damage.path, damage.to_string()};
}

}  // namespace rollproof::process
