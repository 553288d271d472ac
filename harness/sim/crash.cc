#include "harness/sim/crash.h"

#include <algorithm>

namespace rollproof::sim {

struct CrashImages::Walk {
  const CrashOptions& options;
  const std::function<bool(const CrashId&, LazyImage&)>& visit;
  CrashImages& images;
  CrashCounts counts;

  bool one(const CrashId& id, uint64_t& counter) {
    ++counter;
    LazyImage image(images, id);
    return visit(id, image);
  }
};

const Image& LazyImage::get() {
  if (!image_) image_ = images_.build_here(id_);
  return *image_;
}

std::string CrashCounts::to_string() const {
  std::string text = std::to_string(total()) + " images: whole " + std::to_string(whole) + ", torn " + std::to_string(torn) + ", single omissions " +
                     std::to_string(singles) + ", parts " + std::to_string(parts) + ", sectors " + std::to_string(sectors) + ", suffixes " +
                     std::to_string(suffixes) + ", nothing unsynced " + std::to_string(none) + ", pairs " + std::to_string(pairs) + ", random " +
                     std::to_string(randoms);
  if (splits_left_out + sectors_left_out + pairs_left_out == 0) return text;
  return text + "; left out by limits: splits " + std::to_string(splits_left_out) + ", sectors " + std::to_string(sectors_left_out) + ", pairs " +
         std::to_string(pairs_left_out);
}

void CrashImages::move_to(uint64_t k) {
  if (!ledger_ || ledger_->at() > k) ledger_.emplace(trace_, model_);
  while (ledger_->at() < k) ledger_->advance();
}

Survival CrashImages::survival_of(const CrashId& id) const {
  Survival survival = ledger_->everything();
  const auto& data = ledger_->data();
  const auto& entries = ledger_->entries();
  uint64_t keep = UINT64_MAX;
  if (id.shape == CrashId::Shape::keep) keep = id.number;
  if (id.shape == CrashId::Shape::keep_none) keep = 0;
  uint64_t drawn = 0;
  const auto draw = [&] { return scramble(scramble(id.number) + drawn++); };
  for (size_t i = 0; i < data.size(); ++i) {
    Kept& kept = survival.data[i];
    if (data[i].ordinal >= keep) kept = Kept{.data = Kept::Data::none, .size = false};
    if (id.shape == CrashId::Shape::torn && data[i].ordinal == id.after) {
      kept = Kept{.data = Kept::Data::prefix, .size = id.rest != CrashId::Rest::absent, .noise = id.rest == CrashId::Rest::noise, .number = id.number};
    }
    if (id.shape == CrashId::Shape::random) {
      const uint64_t dice = draw();
      if (dice % 4 == 0) kept = Kept{.data = Kept::Data::none, .size = false};
      if (dice % 4 == 1) kept = Kept{.data = Kept::Data::random, .size = (dice & 16) != 0, .number = dice};
    }
    for (const Loss& loss : id.losses) {
      if (loss.ordinal != data[i].ordinal) continue;
      if (loss.part == Loss::Part::all) kept = Kept{.data = Kept::Data::none, .size = false};
      if (loss.part == Loss::Part::data) kept = Kept{.data = Kept::Data::none};
      if (loss.part == Loss::Part::noise) kept = Kept{.data = Kept::Data::noise};
      if (loss.part == Loss::Part::sector) kept = Kept{.data = Kept::Data::all_but, .number = loss.sector};
    }
    // A change of the size alone happens or not.
    const bool in_part = kept.data != Kept::Data::all && !(kept.data == Kept::Data::prefix && data[i].call == Call::preallocate);
    if (data[i].call != Call::write && in_part) kept = Kept{.data = Kept::Data::none, .size = false};
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const bool from = entries[i].from_side;
    bool lost = entries[i].ordinal >= keep;
    if (id.shape == CrashId::Shape::torn && entries[i].ordinal == id.after) lost = id.number == 0 || (id.number == 2) != from;
    if (id.shape == CrashId::Shape::random) lost = draw() % 2 == 0;
    for (const Loss& loss : id.losses) {
      lost |= loss.ordinal == entries[i].ordinal && (loss.part == Loss::Part::all || (loss.part == Loss::Part::from && from));
    }
    survival.entries[i] = !lost;
  }
  return survival;
}

// REQUIRES: the ledger is where the id needs it.
Image CrashImages::build_here(const CrashId& id) {
  if (id.shape == CrashId::Shape::whole) return ledger_->now();
  return ledger_->build(survival_of(id));
}

Result<Image> CrashImages::build(const CrashId& id) {
  const bool in_flight = id.shape == CrashId::Shape::torn;
  if (id.after > trace_.size() || (in_flight && id.after == trace_.size())) {
    return fail(Code::invalid, id.to_string() + ": the trace has only " + std::to_string(trace_.size()) + " operations");
  }
  for (const Loss& loss : id.losses) {
    if (loss.ordinal >= id.after) return fail(Code::invalid, id.to_string() + ": operation " + std::to_string(loss.ordinal) + " does not come before the crash");
  }
  move_to(id.after + (in_flight ? 1 : 0));
  return build_here(id);
}

std::vector<uint64_t> CrashImages::unsynced(uint64_t after) {
  move_to(after);
  return pending();
}

std::vector<uint64_t> CrashImages::pending() const {
  std::vector<uint64_t> ordinals;
  for (const DataEffect& effect : ledger_->data()) ordinals.push_back(effect.ordinal);
  for (const EntryEffect& effect : ledger_->entries()) ordinals.push_back(effect.ordinal);
  std::sort(ordinals.begin(), ordinals.end());
  ordinals.erase(std::unique(ordinals.begin(), ordinals.end()), ordinals.end());
  return ordinals;
}

bool CrashImages::visit_torn(Walk& walk, uint64_t k) {
  const Operation& operation = *trace_.operations[k];
  if (operation.applied == 0) return true;
  CrashId id{.after = k, .shape = CrashId::Shape::torn};
  if (operation.call == Call::rename) {
    for (id.number = 1; id.number <= (model_ == Model::hostile ? 2u : 1u); ++id.number) {
      if (!walk.one(id, walk.counts.torn)) return false;
    }
    return true;
  }
  const auto effect = std::find_if(ledger_->data().begin(), ledger_->data().end(), [&](const DataEffect& e) { return e.ordinal == k; });
  if (effect == ledger_->data().end() || effect->call == Call::truncate) return true;
  const uint64_t length = effect->end - effect->offset;
  std::vector<uint64_t> splits;
  for (uint64_t third : {length / 3, 2 * length / 3}) {
    const uint64_t down = (effect->offset + third) / 512 * 512;
    splits.push_back(walk.options.inside_sectors || down <= effect->offset ? third : down - effect->offset);
    if (!walk.options.inside_sectors && down <= effect->offset) splits.pop_back();
  }
  if (effect->call == Call::write) {
    for (uint64_t cut = (effect->offset / 512 + 1) * 512; cut < effect->end; cut += 512) splits.push_back(cut - effect->offset);
  }
  std::sort(splits.begin(), splits.end());
  splits.erase(std::unique(splits.begin(), splits.end()), splits.end());
  const uint64_t step = (splits.size() + walk.options.splits_max - 1) / std::max(1u, walk.options.splits_max);
  const bool grows = effect->call == Call::write && effect->end > effect->size_before && (model_ == Model::strict || model_ == Model::hostile);
  for (size_t i = 0; i < splits.size(); ++i) {
    if (splits[i] == 0 || i % std::max<uint64_t>(1, step) != 0) {
      walk.counts.splits_left_out += splits[i] != 0;
      continue;
    }
    id.number = splits[i];
    for (CrashId::Rest rest : {CrashId::Rest::absent, CrashId::Rest::sized, CrashId::Rest::noise}) {
      id.rest = rest;
      if ((rest == CrashId::Rest::absent || grows) && !walk.one(id, walk.counts.torn)) return false;
    }
  }
  return true;
}

bool CrashImages::visit_parts(Walk& walk, uint64_t k) {
  const bool free_order = model_ == Model::strict || model_ == Model::hostile;
  for (const EntryEffect& effect : ledger_->entries()) {
    if (!walk.options.parts || !free_order || !effect.from_side) continue;
    const CrashId id{.after = k, .shape = CrashId::Shape::lose, .losses = {{effect.ordinal, Loss::Part::from, 0}}};
    if (!walk.one(id, walk.counts.parts)) return false;
  }
  for (const DataEffect& effect : ledger_->data()) {
    if (effect.call != Call::write) continue;
    CrashId id{.after = k, .shape = CrashId::Shape::lose, .losses = {{effect.ordinal, Loss::Part::data, 0}}};
    if (walk.options.parts && free_order && effect.end > effect.size_before && !effect.size_settled) {
      if (!walk.one(id, walk.counts.parts)) return false;
      id.losses[0].part = Loss::Part::noise;
      if (!walk.one(id, walk.counts.parts)) return false;
    }
    if (!walk.options.sectors || effect.sectors < 2) continue;
    id.losses[0].part = Loss::Part::sector;
    const uint64_t step = std::max<uint64_t>(1, (effect.sectors + walk.options.sectors_max - 1) / std::max(1u, walk.options.sectors_max));
    for (uint64_t sector = 0; sector < effect.sectors; ++sector) {
      if (!effect.touches(effect.first_sector + sector)) continue;
      if (sector % step != 0) {
        ++walk.counts.sectors_left_out;
        continue;
      }
      id.losses[0].sector = static_cast<uint32_t>(sector);
      if (!walk.one(id, walk.counts.sectors)) return false;
    }
  }
  return true;
}

bool CrashImages::visit_losses(Walk& walk, uint64_t k) {
  const CrashOptions& options = walk.options;
  const std::vector<uint64_t> ordinals = pending();
  if (ordinals.empty()) return true;
  if (options.none && !walk.one(CrashId{.after = k, .shape = CrashId::Shape::keep_none}, walk.counts.none)) return false;
  if (ordinals.size() > 1) {
    // Alone, an omission is the same as keeping nothing; the first and the last suffix are in the other classes.
    for (size_t i = 0; options.singles && i < ordinals.size(); ++i) {
      if (!walk.one(CrashId{.after = k, .shape = CrashId::Shape::lose, .losses = {{ordinals[i]}}}, walk.counts.singles)) return false;
    }
    for (size_t i = 1; options.suffixes && i + 1 < ordinals.size(); ++i) {
      if (!walk.one(CrashId{.after = k, .shape = CrashId::Shape::keep, .number = ordinals[i]}, walk.counts.suffixes)) return false;
    }
  }
  if (!visit_parts(walk, k)) return false;
  uint64_t pairs = 0;
  for (size_t i = 0; options.pairs_max > 0 && i < ordinals.size(); ++i) {
    for (size_t j = i + 1; j < ordinals.size(); ++j) {
      if (++pairs > options.pairs_max) {
        ++walk.counts.pairs_left_out;
        continue;
      }
      const CrashId id{.after = k, .shape = CrashId::Shape::lose, .losses = {{ordinals[i]}, {ordinals[j]}}};
      if (!walk.one(id, walk.counts.pairs)) return false;
    }
  }
  for (uint32_t i = 0; i < options.randoms; ++i) {
    const uint64_t seed = scramble(scramble(options.seed + k) + i) >> 32;
    if (!walk.one(CrashId{.after = k, .shape = CrashId::Shape::random, .number = seed}, walk.counts.randoms)) return false;
  }
  return true;
}

CrashCounts CrashImages::for_each(const CrashOptions& options, const std::function<bool(const CrashId&, LazyImage&)>& visit) {
  Walk walk{options, visit, *this, {}};
  const uint64_t last = std::min(options.last, trace_.size());
  for (uint64_t k = options.first; k <= last; ++k) {
    move_to(k);
    if (!walk.one(CrashId{.after = k}, walk.counts.whole) || !visit_losses(walk, k)) break;
    if (k == trace_.size()) break;
    move_to(k + 1);
    if (options.torn && !visit_torn(walk, k)) break;
  }
  return walk.counts;
}

CrashCounts for_each_crash(const Trace& trace, const CrashOptions& options, const std::function<bool(const CrashId&, LazyImage&)>& visit) {
  return CrashImages(trace, options.model).for_each(options, visit);
}

CrashCounts count_crashes(const Trace& trace, const CrashOptions& options) {
  return for_each_crash(trace, options, [](const CrashId&, LazyImage&) { return true; });
}

std::vector<Digest128> legal_digests(const Trace& trace, const CrashOptions& options) {
  std::vector<Digest128> digests;
  for_each_crash(trace, options, [&](const CrashId&, LazyImage& image) {
    digests.push_back(image.digest());
    return true;
  });
  std::sort(digests.begin(), digests.end());
  digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
  return digests;
}

}  // namespace rollproof::sim
