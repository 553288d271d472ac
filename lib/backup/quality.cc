#include "lib/backup/quality.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

namespace rollproof::backup {
namespace {

constexpr int64_t kMsPerHour = 3'600'000;

bool holds(const Report& report, std::string_view folder) {
  for (const ManifestFile& file : report.manifest.files) {
    if (file.path.starts_with(folder)) return true;
  }
  return false;
}

QualityPart completeness(const Report& report) {
  QualityPart part{"completeness", 0, 35, ""};
  const bool store = !report.manifest.source.path.empty() && holds(report, report.manifest.source.path + "/");
  const bool configuration = holds(report, "configuration/");
  part.points = (store ? 30 : 0) + (configuration ? 5 : 0);
  part.why = fmt::format("{}, {}", store ? fmt::format("the source with {} records", report.manifest.source.records) : "no source", configuration ? "the configuration" : "no configuration");
  return part;
}

QualityPart integrity(const Report& report) {
  QualityPart part{"integrity", 0, 45, ""};
  if (report.problems.empty()) {
    part.points = part.points_max;
    part.why = fmt::format("{} files with their checksums, every record read", report.files);
  } else {
    const Problem& first = report.problems.front();
    part.why = fmt::format("{} {}{}", first.file, first.what, report.problems.size() == 1 ? "" : fmt::format(", and {} more", report.problems.size() - 1));
  }
  return part;
}

QualityPart age(const Report& report, int64_t now_ms) {
  QualityPart part{"age", 0, 10, "the manifest does not say when it was taken"};
  const auto taken = ms_of_time_text(report.manifest.created_at);
  if (!taken) return part;
  const int64_t hours = (now_ms - *taken) / kMsPerHour;
  part.points = hours < 0 ? 0 : hours <= 24 ? 10 : hours <= 24 * 7 ? 7 : hours <= 24 * 30 ? 4 : 0;
  part.why = hours < 0 ? "taken in the future: one of two clocks is wrong" : fmt::format("{} hours", hours);
  return part;
}

QualityPart size(const Report& report, uint64_t source_bytes) {
  QualityPart part{"size", 0, 10, ""};
  uint64_t copied = 0;
  for (const ManifestFile& file : report.manifest.files) copied += file.path.starts_with(report.manifest.source.path + "/") ? file.size : 0;
  const bool expected = copied > 0 && (source_bytes == 0 || (copied <= 4 * source_bytes && source_bytes <= 4 * copied));
  part.points = expected ? part.points_max : 0;
  part.why = source_bytes == 0 ? fmt::format("{} bytes; the source can not be measured to compare with", copied) : fmt::format("{} bytes, the source takes {} now", copied, source_bytes);
  return part;
}

}  // namespace

int Quality::score() const {
  int sum = 0;
  for (const QualityPart& part : parts) sum += part.points;
  return sum;
}

std::optional<int64_t> ms_of_time_text(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, end = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day, &hour, &minute, &second, &ms, &end) != 7) return std::nullopt;
  if (static_cast<size_t>(end) != text.size()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms;
}

Result<Quality> assess_quality(os::World& world, const std::string& path, uint64_t source_bytes) {
  Quality quality{.path = path};
  ROLLPROOF_ASSIGN(quality.report, examine(world, path, Depth::records));
  const Report& report = quality.report;
  quality.parts = {completeness(report), integrity(report), age(report, world.clock.wall_ms()), size(report, source_bytes)};
  const bool json = holds(report, "legacy-json/") || holds(report, "unified-json/") || holds(report, "network-json/");
  if (!json) quality.warnings.push_back("it holds no JSON: what only older JSON files know can not be restored from it");
  for (const ManifestFile& file : report.manifest.files) {
    if (file.malformed_json) quality.warnings.push_back(file.path + " was no JSON when it was copied");
  }
  return quality;
}

}  // namespace rollproof::backup
