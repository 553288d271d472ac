#include "lib/store/network_json/network_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/digest.h"
#include "lib/os/paths.h"
#include "lib/record/space.h"
#include "lib/store/network_json/writer.h"
#include "lib/store/unified_json/mark_text.h"

namespace rollproof::store::network_json {

namespace {

Place place_in(uint64_t chain, const std::string& contract) { return unified_json::place_of(fmt::format("{}-{}", chain, contract)); }

bool by_place(const Indexed::Slot& a, const Indexed::Slot& b) { return a.place < b.place; }

}  // namespace

Result<std::shared_ptr<const Indexed>> Indexed::read(os::FileSystem& files, const std::string& path) {
  // One descriptor for both: what is read later is the file that was indexed.
  ROLLPROOF_ASSIGN(auto file, files.open_read(path));
  // Nothing in it tells a bit that was read wrong from one that is.
  ROLLPROOF_ASSIGN(const std::string text, os::read_file_twice(files, path, kFileBytesMax));
  auto network = read_network_text(text);
  if (!network) {
    Error error = std::move(network).error();
    error.path = path;
    return fail(std::move(error));
  }
  if (!*network) return std::shared_ptr<const Indexed>();
  Facts facts{.chain = (*network)->chain, .slots = {}, .size = text.size(), .sha256 = sha256_hex(text), .ours = is_as_we_begin_it(text, **network)};
  for (const Member& member : (*network)->members) {
    const std::string_view value = std::string_view(text).substr(member.value, member.end - member.value);
    facts.slots.push_back({place_in(facts.chain, member.contract), member.value, value.size(), crc32c(value)});
  }
  std::sort(facts.slots.begin(), facts.slots.end(), by_place);
  return std::make_shared<const Indexed>(path, std::move(file), std::move(facts));
}

Result<std::shared_ptr<const Indexed>> Indexed::take(os::FileSystem& files, const std::string& path, Facts facts) {
  ROLLPROOF_ASSIGN(auto file, files.open_read(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  if (size != facts.size) return fail(Code::io, fmt::format("{} bytes, {} were written", size, facts.size), path);
  std::sort(facts.slots.begin(), facts.slots.end(), by_place);
  return std::make_shared<const Indexed>(path, std::move(file), std::move(facts));
}

const Indexed::Slot* Indexed::find(const Place& place) const {
  const auto slot = std::lower_bound(facts_.slots.begin(), facts_.slots.end(), place, [](const Slot& a, const Place& b) { return a.place < b; });
  return slot == facts_.slots.end() || slot->place != place ? nullptr : &*slot;
}

Result<Entry> Indexed::load(const Slot& slot) const {
  Entry entry{slot.place, false, std::string(slot.length, '\0'), unified_json::Form::raw};
  auto got = file_->read_at(slot.offset, entry.value);
  if (!got) return fail(std::move(got).error());
  if (*got == slot.length && crc32c(entry.value) == slot.crc) return entry;
  return fail(Code::corruption, fmt::format("byte {}: {} is not what it was when the file was opened", slot.offset, slot.place.key.substr(0, 200)), path_);
}

Result<std::optional<Entry>> Indexed::get(const Place& place) const {
  const Slot* slot = find(place);
  if (slot == nullptr) return std::optional<Entry>();
  ROLLPROOF_ASSIGN(Entry entry, load(*slot));
  return std::optional(std::move(entry));
}

class IndexedWalker final : public unified_json::Walker {
 public:
  explicit IndexedWalker(std::shared_ptr<const Indexed> file) : file_(std::move(file)) {}
  Result<bool> next(Entry& out) override {
    if (at_ == file_->facts().slots.size()) return false;
    ROLLPROOF_ASSIGN(out, file_->load(file_->facts().slots[at_]));
    ++at_;
    return true;
  }

 private:
  const std::shared_ptr<const Indexed> file_;
  size_t at_ = 0;
};

std::unique_ptr<unified_json::Walker> Indexed::walk() const { return std::make_unique<IndexedWalker>(shared_from_this()); }

NetworkFile::NetworkFile(os::FileSystem& files, std::string directory, uint64_t chain, std::string name)
    : Part(files, std::move(directory), record::network_of_chain(chain), {std::move(name), "", std::string(kTemporarySuffix)}), chain_(chain) {}

void NetworkFile::take(std::shared_ptr<const Indexed> indexed) {
  indexed_ = std::move(indexed);
  stored_ = indexed_;
  empty_ = false;
}

void NetworkFile::take_left(std::shared_ptr<const Indexed> indexed) {
  take(std::move(indexed));
  empty_ = holds_nothing();
}

// What was read at the open is not kept; a file that has changed since is not written over.
Result<std::string> NetworkFile::text_again() const {
  if (indexed_ == nullptr) return new_network_text(chain_);
  ROLLPROOF_ASSIGN(std::string text, os::read_file_twice(files_, path(), kFileBytesMax));
  if (sha256_hex(text) == indexed_->facts().sha256) return text;
  return fail(Code::corruption, "the file is not what it was when it was opened", path());
}

Result<std::optional<Entry>> NetworkFile::change_of(const std::string& contract) const { return Part::change_of(place_in(chain_, contract)); }

Result<bool> NetworkFile::any_left(const NetworkText& network, bool removals) const {
  for (const Member& member : network.members) {
    ROLLPROOF_ASSIGN(const auto change, change_of(member.contract));
    if (!removals || !change || !change->removed) return true;
  }
  const auto changes = walk_changes();
  Entry entry;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, changes->next(entry));
    if (!more) return false;
    if (!entry.removed) return true;
  }
}

Result<std::shared_ptr<const Indexed>> NetworkFile::write(bool removals, bool keep_empty) {
  ROLLPROOF_ASSIGN(const std::string text, text_again());
  ROLLPROOF_ASSIGN(const auto network, read_network_text(text));
  const bool ours = is_as_we_begin_it(text, *network);
  ROLLPROOF_ASSIGN(const bool left, any_left(*network, removals));
  if (!left && ours && !keep_empty) return std::shared_ptr<const Indexed>();
  ROLLPROOF_ASSIGN(auto writer, Writer::create(files_, beside(), like(), path(), kFileBytesMax));
  Splicer splicer(text, *network, [&](std::string_view piece) { return writer.write(piece); });
  Indexed::Facts facts{.chain = chain_, .slots = {}, .size = 0, .sha256 = {}, .ours = ours};
  const auto note = [&](Place place, std::string_view value) { facts.slots.push_back({std::move(place), splicer.value_at(), value.size(), crc32c(value)}); };
  for (const Member& member : network->members) {
    ROLLPROOF_ASSIGN(const auto change, change_of(member.contract));
    if (change && change->removed && removals) continue;
    const bool put = change && !change->removed;
    const std::string_view value = put ? std::string_view(change->value) : std::string_view(text).substr(member.value, member.end - member.value);
    ROLLPROOF_TRY(splicer.keep(member, value));
    note(place_in(chain_, member.contract), value);
  }
  const auto changes = walk_changes();
  Entry entry;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, changes->next(entry));
    if (!more) break;
    if (entry.removed || (indexed_ != nullptr && indexed_->find(entry.place) != nullptr)) continue;
    ROLLPROOF_TRY(splicer.add(record::space_of(entry.place.key).contract, entry.value));
    note(entry.place, entry.value);
  }
  ROLLPROOF_TRY(splicer.finish());
  ROLLPROOF_TRY(writer.finish(facts.size, facts.sha256));
  ROLLPROOF_TRY(files_.rename(beside(), path()));
  return Indexed::take(files_, path(), std::move(facts));
}

Result<bool> NetworkFile::fold(bool keep_empty) {
  ROLLPROOF_ASSIGN(indexed_, write(true, keep_empty));
  empty_ = holds_nothing();
  ROLLPROOF_TRY(take_folded(indexed_));
  return indexed_ != nullptr;
}

Result<bool> NetworkFile::fold_puts() {
  ROLLPROOF_ASSIGN(auto written, write(false, false));
  if (written == nullptr) return false;
  take(std::move(written));
  return true;
}

Status NetworkFile::remove_file() {
  indexed_.reset();
  return Part::remove_file();
}

std::string NetworkFile::mark_line() const {
  const Indexed::Facts& facts = indexed_->facts();
  return unified_json::mark_line(file_name(), facts.size, facts.sha256, facts.ours ? "ours" : "kept");
}

}  // namespace rollproof::store::network_json
