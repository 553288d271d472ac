// The half of the ledger that knows what survives of bytes, sizes and names.
#include <algorithm>

#include "harness/sim/ledger.h"

namespace rollproof::sim {
namespace {

constexpr uint64_t sector_bytes = Content::sector_bytes;

// Bytes that were never written by anybody: what a freed block may have held.
std::string noise(uint64_t seed, uint64_t length) {
  std::string bytes(length, '\0');
  for (uint64_t i = 0; i < length; ++i) bytes[i] = static_cast<char>(scramble(seed + i / 8) >> (8 * (i % 8)));
  return bytes;
}

bool whole(const Kept& kept) { return kept.data == Kept::Data::all && kept.size; }
bool nothing_kept(const Kept& kept) { return kept.data == Kept::Data::none && !kept.size; }

}  // namespace

bool DataEffect::touches(uint64_t sector) const {
  if (!remaining.empty()) return std::binary_search(remaining.begin(), remaining.end(), sector);
  return sector >= first_sector && sector - first_sector < sectors;
}

bool Kept::keeps(const DataEffect& effect, uint64_t sector) const {
  switch (data) {
    case Data::all: return true;
    case Data::none:
    case Data::noise: return false;
    case Data::prefix: return (sector + 1) * Content::sector_bytes <= effect.offset + number || effect.offset + number >= effect.end;
    case Data::all_but: return sector != effect.first_sector + number;
    case Data::random: return (scramble(number + sector) & 1) != 0;
  }
  return true;
}

void Ledger::change_data(const Operation& operation) {
  Inode& inode = inodes_[operation.file];
  const uint64_t size = inode.now.size();
  DataEffect effect{.ordinal = operation.ordinal, .call = operation.call, .file = operation.file, .size_before = size};
  if (operation.call == Call::write) {
    effect.offset = operation.offset;
    effect.end = operation.offset + operation.applied;
    effect.first_sector = effect.offset / sector_bytes;
    effect.sectors = (effect.end - 1) / sector_bytes - effect.first_sector + 1;
  } else {
    if (operation.call == Call::create) effect.call = Call::truncate;
    effect.end = operation.length;
    if (effect.end == size || (effect.call == Call::preallocate && effect.end < size)) return;
    if (effect.end < size) {
      effect.first_sector = effect.end / sector_bytes;
      effect.sectors = (size - 1) / sector_bytes - effect.first_sector + 1;
    }
  }
  const bool first = std::none_of(data_.begin(), data_.end(), [&](const DataEffect& e) { return e.file == operation.file; });
  if (first) inode.durable = inode.now;
  if (effect.call == Call::write) {
    inode.now.write(effect.offset, std::string_view(*operation.data).substr(0, operation.applied));
  } else {
    inode.now.resize(effect.end);
  }
  effect.after = inode.now;
  touch(operation.file);
  data_.push_back(std::move(effect));
}

void Ledger::sync_file(uint32_t file) {
  const auto abandoned = [&](const DataEffect& e) { return e.file == file && e.abandoned; };
  if (std::any_of(data_.begin(), data_.end(), abandoned)) {
    std::vector<Kept> kept(data_.size());
    for (size_t i = 0; i < data_.size(); ++i) {
      if (abandoned(data_[i])) kept[i].data = Kept::Data::none;
    }
    Content durable = content_under(file, kept);
    for (size_t i = 0; i < data_.size(); ++i) {
      DataEffect& effect = data_[i];
      if (!abandoned(effect)) continue;
      std::vector<uint64_t> remaining;
      for (uint64_t sector = effect.first_sector; sector < effect.first_sector + effect.sectors; ++sector) {
        const auto written_again = [&](const DataEffect& e) { return e.file == file && !e.abandoned && e.ordinal > effect.ordinal && e.touches(sector); };
        if (effect.touches(sector) && std::none_of(data_.begin(), data_.end(), written_again)) remaining.push_back(sector);
      }
      effect.size_settled = true;
      effect.sectors = remaining.empty() ? 0 : effect.sectors;
      effect.remaining = std::move(remaining);
    }
    inodes_[file].durable = std::move(durable);
  }
  std::erase_if(data_, [&](const DataEffect& e) { return e.file == file && (!e.abandoned || e.sectors == 0); });
}

Content Ledger::content_under(uint32_t file, const std::vector<Kept>& kept) const {
  const Inode& inode = inodes_[file];
  std::vector<size_t> mine;
  for (size_t i = 0; i < data_.size(); ++i) {
    if (data_[i].file == file) mine.push_back(i);
  }
  if (std::all_of(mine.begin(), mine.end(), [&](size_t i) { return nothing_kept(kept[i]); })) return inode.durable;

  uint64_t size = inode.durable.size();
  uint64_t size_max = std::max(size, inode.now.size());
  uint64_t limit = UINT64_MAX;  // ordered: the size never gets ahead of the data
  std::vector<uint64_t> lost;
  for (size_t i : mine) {
    const DataEffect& effect = data_[i];
    size_max = std::max({size_max, effect.size_before, effect.after.size()});
    uint64_t end = effect.end;
    if (kept[i].data == Kept::Data::prefix && !kept[i].size) end = std::min(end, effect.offset + kept[i].number);
    const bool counts = !effect.size_settled && (kept[i].size || (kept[i].data == Kept::Data::prefix && kept[i].number > 0));
    if (effect.call == Call::truncate && counts) {
      size = effect.end;
      limit = UINT64_MAX;
    } else if (counts) {
      size = std::max(size, end);
    }
    if (model_ == Model::ordered && effect.call == Call::write && effect.end > effect.size_before && !whole(kept[i])) {
      limit = std::min(limit, kept[i].data == Kept::Data::prefix ? std::max(effect.size_before, effect.offset + kept[i].number) : effect.size_before);
    }
    size = std::min(size, limit);
    if (kept[i].data == Kept::Data::all) continue;
    for (uint64_t sector = effect.first_sector; sector < effect.first_sector + effect.sectors; ++sector) {
      if (effect.touches(sector) && !kept[i].keeps(effect, sector)) lost.push_back(sector);
    }
  }
  std::sort(lost.begin(), lost.end());
  lost.erase(std::unique(lost.begin(), lost.end()), lost.end());

  Content content = inode.now;
  if (size_max > content.size()) content.resize(size_max);
  for (uint64_t sector : lost) {
    // The last survivor decides: it took the sector from memory together with everything written there before.
    const DataEffect* survivor = nullptr;
    const DataEffect* cut = nullptr;
    const DataEffect* noisy = nullptr;
    bool newest = true;
    for (auto i = mine.rbegin(); i != mine.rend() && survivor == nullptr; ++i) {
      const DataEffect& effect = data_[*i];
      if (!effect.touches(sector)) continue;
      if (kept[*i].keeps(effect, sector)) {
        survivor = &effect;
        break;
      }
      newest = false;
      const uint64_t begin = sector * sector_bytes;
      const bool cut_here = kept[*i].data == Kept::Data::prefix && effect.offset + kept[*i].number > std::max(begin, effect.offset);
      if (cut_here && cut == nullptr) cut = &effect;
      if ((kept[*i].data == Kept::Data::noise || kept[*i].noise) && noisy == nullptr) noisy = &effect;
    }
    if (newest) continue;
    content.copy_sector(survivor != nullptr ? survivor->after : inode.durable, sector);
    if (noisy != nullptr) {
      const uint64_t from = std::max({sector * sector_bytes, noisy->size_before, inode.durable.size()});
      const uint64_t to = std::min((sector + 1) * sector_bytes, noisy->end);
      if (from < to) content.write(from, noise(scramble(noisy->ordinal) ^ sector, to - from));
    }
    if (cut != nullptr) {
      const uint64_t from = std::max(sector * sector_bytes, cut->offset);
      std::string bytes(cut->offset + kept[static_cast<size_t>(cut - data_.data())].number - from, '\0');
      cut->after.read(from, bytes);
      content.write(from, bytes);
    }
  }
  content.resize(size);
  return content;
}

std::vector<Ledger::Slot> Ledger::listing_under(uint32_t directory, const std::vector<uint8_t>& kept) const {
  std::vector<Slot> slots = inodes_[directory].slots;
  std::vector<std::pair<const NamePtr*, uint32_t>> values;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const EntryEffect& effect = entries_[i];
    if (effect.directory != directory) continue;
    auto value = std::find_if(values.begin(), values.end(), [&](const auto& v) { return (*v.first)->text == effect.name->text; });
    if (value == values.end()) value = values.insert(values.end(), {&effect.name, effect.before});
    if (kept[i]) value->second = effect.after;
  }
  for (const auto& [name, id] : values) {
    const auto at = position(slots, (*name)->text);
    const bool there = at != slots.end() && at->name->text == (*name)->text;
    if (there && id == nothing) {
      slots.erase(at);
    } else if (there) {
      *at = Slot{at->name, nullptr, id};
    } else if (id != nothing) {
      slots.insert(at, Slot{*name, nullptr, id});
    }
  }
  return slots;
}

void Ledger::restrict(Survival& survival) const {
  if (model_ == Model::prefix) return restrict_to_prefix(survival);
  auto& kept = survival.entries;
  if (model_ == Model::ordered) {
    // Names reach the disk in order, and a rename in one piece.
    uint64_t first_lost = UINT64_MAX;
    for (size_t i = 0; i < kept.size() && first_lost == UINT64_MAX; ++i) {
      if (!kept[i]) first_lost = entries_[i].ordinal;
    }
    for (size_t i = 0; i < kept.size(); ++i) kept[i] = entries_[i].ordinal < first_lost;
    return;
  }
  if (std::find(kept.begin(), kept.end(), 0) == kept.end()) return;
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < kept.size(); ++i) {
      if (!kept[i]) continue;
      for (uint64_t need : entries_[i].needs) {
        const auto at = std::lower_bound(entries_.begin(), entries_.end(), need, [](const EntryEffect& e, uint64_t s) { return e.serial < s; });
        if (at == entries_.end() || at->serial != need || kept[static_cast<size_t>(at - entries_.begin())]) continue;
        kept[i] = 0;
        changed = true;
        break;
      }
    }
  }
}

void Ledger::restrict_to_prefix(Survival& survival) const {
  uint64_t first_lost = UINT64_MAX;
  for (size_t i = 0; i < data_.size(); ++i) {
    if (!whole(survival.data[i]) && !data_[i].size_settled) first_lost = std::min(first_lost, data_[i].ordinal);
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (!survival.entries[i]) first_lost = std::min(first_lost, entries_[i].ordinal);
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].ordinal >= first_lost) survival.entries[i] = 0;
  }
  for (size_t i = 0; i < data_.size(); ++i) {
    Kept& kept = survival.data[i];
    if (data_[i].ordinal < first_lost || data_[i].size_settled) continue;
    const bool last = data_[i].ordinal == first_lost;
    if (last && kept.data == Kept::Data::all_but) {
      const uint64_t cut = (data_[i].first_sector + kept.number) * sector_bytes;
      kept = Kept{.data = Kept::Data::prefix, .size = false, .number = cut > data_[i].offset ? cut - data_[i].offset : 0};
    } else if (last && kept.data == Kept::Data::prefix) {
      kept.size = kept.noise = false;
    } else {
      kept = Kept{.data = Kept::Data::none, .size = false};
    }
  }
}

}  // namespace rollproof::sim
