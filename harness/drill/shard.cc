#include "harness/drill/shard.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace rollproof::drill {
namespace {

// FNV-1a with the bits mixed once more: the last of them alone would follow the last letters of a name.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

}  // namespace

bool Shard::holds(const Cell& cell) const { return hash_of(fmt::format("{}.{}.{}@{}", cell.phase, cell.direction, cell.step, cell.store)) % count == index - 1; }

Result<Shard> Shard::parse(std::string_view text) {
  Shard shard;
  const size_t slash = text.find('/');
  const auto number = [](std::string_view digits, uint32_t& out) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  };
  const bool good = slash != std::string_view::npos && number(text.substr(0, slash), shard.index) && number(text.substr(slash + 1), shard.count);
  if (!good || shard.index == 0 || shard.index > shard.count || shard.count > kShardsMax) {
    return fail(Code::invalid, fmt::format("\"{}\" is no shard", text), "", fmt::format("Write I/N: the I-th of N parts, from 1/N to N/N, N at most {}.", kShardsMax));
  }
  return shard;
}

void keep_shard(Plan& plan, const Shard& shard) {
  if (shard.whole()) return;
  std::vector<bool> ours;
  for (size_t i = 0; i < plan.cells.size(); ++i) {
    ours.push_back(shard.holds(plan.cells[i]));
    if (!ours[i]) plan.counts[i] = {};
  }
  std::erase_if(plan.cases, [&](const Planned& planned) { return !ours[planned.cell]; });
}

}  // namespace rollproof::drill
