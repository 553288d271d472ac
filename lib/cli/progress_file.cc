#include "lib/cli/progress_file.h"

#include <fmt/format.h>

#include "lib/cli/context.h"
#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"

namespace rollproof::cli {
namespace {

constexpr int64_t kEveryMs = 1000;
constexpr uint64_t kBytesMax = 4096;

}  // namespace

std::optional<uint64_t> LiveProgress::seconds_left() const {
  if (rate_per_s == 0 || records_total < records) return std::nullopt;
  return (records_total - records) / rate_per_s;
}

std::string LiveProgress::to_text() const {
  std::string text = fmt::format("{}/{}", phase, step);
  if (records == 0) return text;
  text += fmt::format("  {}{} records", grouped(records), records_total == 0 ? "" : " of " + grouped(records_total));
  if (rate_per_s > 0) text += fmt::format(", {}/s", grouped(rate_per_s));
  if (const auto left = seconds_left()) text += fmt::format(", {} s left", *left);
  return text;
}

void ProgressFile::show(const migrate::Progress& progress) {
  if (given_up_) return;
  const int64_t now = world_.clock.monotonic_ms();
  const std::string step = progress.phase + "/" + progress.step;
  if (step != step_) {
    step_ = step;
    step_started_ms_ = now;
  }
  if (last_ms_ < 0) last_ms_ = now;  // a command that is done within a second writes none
  if (now - last_ms_ < kEveryMs) return;
  last_ms_ = now;
  given_up_ = !write(progress, now);
}

Status ProgressFile::write(const migrate::Progress& progress, int64_t now_ms) {
  if (path_.empty()) {
    ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(world_.files, config_path_));
    path_ = os::join(config.state_directory(), migrate::kProgressFile);
  }
  const int64_t elapsed_ms = now_ms - step_started_ms_;
  const Json document{{"pid", world_.identity.pid()}, {"phase", progress.phase}, {"step", progress.step}, {"records", progress.records}, {"records_total", progress.records_total},
                      {"rate_per_s", elapsed_ms > 0 ? progress.records * 1000 / static_cast<uint64_t>(elapsed_ms) : 0}, {"updated_ms", world_.clock.wall_ms()}};
  ROLLPROOF_ASSIGN(const auto file, world_.files.create(path_ + ".tmp"));
  ROLLPROOF_TRY(file->write_at(0, document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"));
  ROLLPROOF_TRY(file->close());
  return world_.files.rename(path_ + ".tmp", path_);
}

std::optional<LiveProgress> read_progress(os::World& world, const migrate::Config& config, const migrate::State& state, const std::string& holder) {
  const auto text = os::read_file(world.files, os::join(config.state_directory(), migrate::kProgressFile), kBytesMax);
  if (!text) return std::nullopt;
  LiveProgress live;
  try {
    const Json document = Json::parse(*text);
    live = {document.at("pid").get<int64_t>(),        document.at("phase").get<std::string>(),      document.at("step").get<std::string>(),   document.at("records").get<uint64_t>(),
            document.at("records_total").get<uint64_t>(), document.at("rate_per_s").get<uint64_t>(), document.at("updated_ms").get<int64_t>()};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  if (!holder.starts_with(fmt::format("pid {} ", live.pid))) return std::nullopt;
  if (!state.steps_begun.contains(live.phase + "/" + live.step)) return std::nullopt;
  return live;
}

}  // namespace rollproof::cli
