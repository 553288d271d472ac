#include "harness/drill/command_report.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "lib/base/digest.h"
#include "lib/base/exit_code.h"
#include "lib/base/words.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "reports/views.h"

namespace rollproof::drill {
namespace {

constexpr uint64_t kLargestRecord = 1ull << 30;
constexpr uint64_t kLargestFinding = 1ull << 24;

int complain(const Error& error) {
  fmt::print(stderr, "rollproof-drill: {}\n", error.to_string());
  if (!error.hint.empty()) fmt::print(stderr, "{}\n", error.hint);
  return static_cast<int>(error.code == Code::invalid ? ExitCode::usage : exit_code_of(error.code));
}

std::string known_formats() {
  std::string names;
  for (const reports::View& view : reports::views()) names += (names.empty() ? "" : ", ") + std::string(view.format);
  return names;
}

// A view that is not wholly written is worse than none: somebody would take the part for all of it.
int print_whole(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return 0;
  return complain({Code::no_space, "the view could not be written to the end", "", "Look at what stdout is connected with."});
}

int report(const std::string& from, const std::string& format) {
  const reports::View* view = reports::view_named(format);
  if (view == nullptr) {
    std::vector<std::string> names;
    for (const reports::View& known : reports::views()) names.emplace_back(known.format);
    const std::string near = nearest(format, names);
    return complain({Code::invalid, fmt::format("there is no format \"{}\"", format), "", near.empty() ? fmt::format("Known: {}.", known_formats()) : fmt::format("Did you mean \"{}\"? Known: {}.", near, known_formats())});
  }
  os::PosixFileSystem files;
  auto bytes = os::read_file(files, from, kLargestRecord);
  if (!bytes) return complain({Code::invalid, bytes.error().message, from, "Name the run.json of a run."});
  auto run = reports::read_run(*bytes);
  if (!run) {
    run.error().path = from;
    return complain(run.error());
  }
  return print_whole(view->render(*run));
}

// All of them, beside the record or elsewhere.
int report_into(const std::string& from, const std::string& folder) {
  os::PosixFileSystem files;
  auto bytes = os::read_file(files, from, kLargestRecord);
  if (!bytes) return complain({Code::invalid, bytes.error().message, from, "Name the run.json of a run."});
  if (auto made = os::make_directories(files, folder); !made) return complain(made.error());
  auto written = write_views(files, folder, *bytes);
  if (!written && written.error().code == Code::invalid) written.error().path = from;
  return written ? 0 : complain(written.error());
}

// The runner's own file, which other steps write to as well: added to, never replaced.
Status add_to(os::FileSystem& files, const std::string& path, const std::string& text) {
  ROLLPROOF_ASSIGN(const auto file, files.open_write(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  ROLLPROOF_TRY(file->write_at(size, text));
  return file->close();
}

}  // namespace

Status write_views(os::FileSystem& files, const std::string& folder, const std::string& record) {
  ROLLPROOF_ASSIGN(const reports::Run run, reports::read_run(record));
  std::string sums;
  const auto write = [&](std::string_view name, const std::string& text) -> Status {
    sums += fmt::format("{}  {}\n", sha256_hex(text), name);
    return os::replace_file(files, os::join(folder, std::string(name)), text);
  };
  ROLLPROOF_TRY(write("run.json", record));
  for (const reports::View& view : reports::views()) ROLLPROOF_TRY(write(view.file, view.render(run)));
  // Findings that stand in the folder already. (events.jsonl is still being written to.)
  for (const reports::Finding& finding : run.findings) {
    if (finding.file.empty() || finding.file.find('/') != std::string::npos) continue;
    if (auto text = os::read_file(files, os::join(folder, finding.file), kLargestFinding)) sums += fmt::format("{}  {}\n", sha256_hex(*text), finding.file);
  }
  return os::replace_file(files, os::join(folder, "SHA256SUMS"), sums);
}

void tell_github(const std::string& folder) {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (actions == nullptr || std::string_view(actions) != "true") return;
  os::PosixFileSystem files;
  if (auto lines = os::read_file(files, os::join(folder, std::string(reports::view_named("github-annotations")->file)))) fmt::print("{}", *lines);
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  auto summary = os::read_file(files, os::join(folder, std::string(reports::view_named("github")->file)));
  if (path == nullptr || !summary) return;
  if (auto added = add_to(files, path, *summary); !added) fmt::print(stderr, "rollproof-drill: the summary of the job could not be written: {}\n", added.error().to_string());
}

void add_report_command(CLI::App& app, int& code) {
  struct Line {
    std::string from, out, format = "checklist";
  };
  auto line = std::make_shared<Line>();
  auto* command = app.add_subcommand("report", "a view of a record, made again");
  command->add_option("--from", line->from, "run.json")->required();
  auto* format = command->add_option("--format", line->format, known_formats());
  command->add_option("--out", line->out, "folder for all of them, with the record and SHA256SUMS")->excludes(format);
  command->callback([line, &code] { code = line->out.empty() ? report(line->from, line->format) : report_into(line->from, line->out); });
}

}  // namespace rollproof::drill
