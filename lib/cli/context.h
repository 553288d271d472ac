// What every command has at hand: the world, the global options, and how a command ends.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lib/base/exit_code.h"
#include "lib/base/result.h"
#include "lib/cli/output.h"
#include "lib/migrate/session.h"
#include "lib/os/posix_world.h"

namespace rollproof::cli {

inline constexpr const char* kConfigName = "rollproof.json";  // in the folder that a command is typed in

using Json = nlohmann::ordered_json;

struct Context {
  os::PosixWorld posix;
  std::string config_path = kConfigName;
  std::string command;  // "rollproof migrate", for lock, audit and messages
  bool json = false;
  bool yes = false;
  bool execute = false;
  Output output;

  os::World& world() { return posix.world(); }

  // Options for a session of a changing command: progress on stderr, first Ctrl-C stops safely.
  migrate::SessionOptions session_options();

  // Prints one JSON document (--json) or the text on stdout.
  void print(const Json& document, const std::string& text);

  // Prints what failed as the last line on stderr: code, the state the data is in, what to type next. Returns the exit code: `code`, or
  // what the error means where the migration stands.
  int finish(const Error& error, std::optional<ExitCode> code = {}) { return conclude(error, code, json); }
  // The last line alone, for a command that has printed its one document already.
  int tell(const Error& error, std::optional<ExitCode> code = {}) { return conclude(error, code, false); }

  // Opens a session, runs the work, closes it; the first error counts.
  Status with_session(const migrate::SessionOptions& options, const std::function<Status(migrate::Session&)>& work);

 private:
  int conclude(const Error& error, std::optional<ExitCode> code, bool document);
};

// Text for people: 12,345 and 4.2 MB.
std::string grouped(uint64_t number);
std::string bytes_text(uint64_t bytes);

}  // namespace rollproof::cli
