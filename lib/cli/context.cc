#include "lib/cli/context.h"

#include <fmt/format.h>

#include <cstdio>

#include "lib/cli/progress.h"
#include "lib/cli/progress_file.h"
#include "lib/cli/say.h"

namespace rollproof::cli {

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string bytes_text(uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{} kB", bytes / 1000);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

namespace {

// A command that is named has to reach the same configuration as the one that names it.
std::string with_config(std::string text, const std::string& config_path) {
  if (config_path == kConfigName) return text;
  const std::string called = "`rollproof ";
  const bool plain = config_path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%") == std::string::npos;
  std::string quoted = config_path;
  for (size_t at = quoted.find('\''); at != std::string::npos; at = quoted.find('\'', at + 4)) quoted.replace(at, 1, "'\\''");
  const std::string named = called + "--config " + (plain ? config_path : "'" + quoted + "'") + " ";
  for (size_t at = text.find(called); at != std::string::npos; at = text.find(called, at + named.size())) text.replace(at, called.size(), named);
  return text;
}

}  // namespace

migrate::SessionOptions Context::session_options() {
  migrate::SessionOptions options;
  options.ledger.command = command;
  options.accept_ordinary_damage = yes;
  auto bar = std::make_shared<ProgressBar>(world().clock);
  auto file = std::make_shared<ProgressFile>(world(), config_path);
  options.progress = [bar, file](const migrate::Progress& progress) {
    bar->show(progress);
    file->show(progress);
  };
  options.note = [](const std::string& line) { say(stderr, "rollproof: note: {}\n", line); };
  options.cancelled = stop_requested;
  return options;
}

void Context::print(const Json& document, const std::string& text) {
  output.out(json ? document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : text);
  std::fflush(stdout);
}

namespace {

// Who has found it deep below knows the file and not what was typed.
std::string next_where_none_is_named(Code code) {
  switch (code) {
    case Code::no_space: return "Make room there, then run the command again.";
    case Code::no_permission: return "Give the permission back, then run the command again.";
    case Code::io:
    case Code::outcome_unknown: return "Look at the disk, then run `rollproof recover`.";
    case Code::corruption:
    case Code::needs_person: return "`rollproof doctor` looks at everything and names what to type.";
    default: return "";
  }
}

}  // namespace

int Context::conclude(const Error& error, std::optional<ExitCode> given, bool document_too) {
  ExitCode code = given.value_or(exit_code_of(error.code));
  std::string where;
  if (auto config = migrate::read_config(world().files, config_path)) {
    auto view = migrate::view_ledger(world(), *config);
    if (view && !given) code = migrate::exit_code_of(error.code, view->state);
    if (view && view->journal.exists) {
      where = view->state.active ? fmt::format(" State: migration {} is at {}, {} answers.", view->state.migration,
                                               view->state.reached() ? name_of(*view->state.reached()) : "its beginning",
                                               answers_from_source(view->state.route) ? "the source" : "the target")
                                 : " State: no migration is running, the source answers.";
    }
  }
  const int number = static_cast<int>(code);
  const std::string next = with_config(error.hint.empty() ? next_where_none_is_named(error.code) : error.hint, config_path);
  if (document_too) {
    Json document{{"exit_code", number}, {"code", name_of(error.code)}, {"message", error.message}, {"path", error.path}, {"next", next}};
    output.out(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  output.err(fmt::format("{}: {}\nexit {} ({}).{}{}{}\n", command, error.to_string(), number, meaning_of(code), where, next.empty() ? "" : " Next: ", next));
  return number;
}

namespace {

// Of what "nothing changed" speaks: a write, the route, which stores follow, that target and configuration are claimed, the end of a migration, records that
// are being copied, a source that is being replaced.
bool has_changed(const migrate::State& before, const migrate::State& now) {
  if (now.steps_done.contains("dual-write/claim") && !before.steps_done.contains("dual-write/claim")) return true;
  const bool copies = now.steps_begun.contains("copy/copy-records") && !before.steps_begun.contains("copy/copy-records");
  return before.last_change != now.last_change || before.epoch != now.epoch || before.following != now.following || (before.active && !now.active) || copies ||
         before.replacement.has_value() != now.replacement.has_value() || before.set_aside != now.set_aside;
}

// No space or no permission is an answer of its own only where nothing has been done.
Error told_as_it_is(Error error, bool changed) {
  if (!changed || (error.code != Code::no_space && error.code != Code::no_permission)) return error;
  error.hint = error.code == Code::no_space ? "Make space there, then run the command again: it goes on from here." : "Allow it, then run the command again: it goes on from here.";
  error.message += "; what was done before that is in the journal and stays";
  error.code = Code::stopped;
  return error;
}

}  // namespace

Status Context::with_session(const migrate::SessionOptions& options, const std::function<Status(migrate::Session&)>& work) {
  ROLLPROOF_ASSIGN(auto session, migrate::Session::open(world(), config_path, options));
  const migrate::State before = session->state();
  const journal::Position journaled = session->ledger().last();
  auto outcome = work(*session);
  auto closed = session->close();
  const bool changed = has_changed(before, session->state());
  if (!outcome) {
    if (!closed) outcome.error().message += "; closing failed as well: " + closed.error().to_string();
    return fail(told_as_it_is(std::move(outcome).error(), changed));
  }
  const bool wrote = changed || (!before.active && !session->state().active && session->ledger().last() != journaled);  // without a migration writes are in no journal
  if (!closed && wrote) closed.error().message = "done, but it could not be closed: " + closed.error().message;
  return closed ? Status() : fail(told_as_it_is(std::move(closed).error(), wrote));
}

}  // namespace rollproof::cli
