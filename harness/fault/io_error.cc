#include "harness/fault/io_error.h"

#include <fmt/format.h>

#include <charconv>

namespace rollproof::fault {
namespace {

// Calls that need space; the others work on a full disk.
bool grows(const sim::Operation& operation) {
  switch (operation.call) {
    case sim::Call::create:
    case sim::Call::write:
    case sim::Call::preallocate:
    case sim::Call::make_directory: return true;
    default: return false;
  }
}

bool read_number(std::string_view& text, uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return false;
  text.remove_prefix(end - text.data());
  return true;
}

bool skip(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

std::string IoError::to_string() const {
  switch (kind) {
    case Kind::nothing_done: return fmt::format("io(at {})", at);
    case Kind::part_done: return fmt::format("io(at {}, part {})", at, bytes);
    case Kind::pages_lost: return fmt::format("io(at {}, lose pages)", at);
    case Kind::no_space: return fmt::format("no-space(from {})", at);
  }
  return "";
}

Result<IoError> IoError::parse(std::string_view text) {
  const std::string whole(text);
  IoError error;
  bool good = false;
  if (skip(text, "no-space(from ")) {
    error.kind = Kind::no_space;
    good = read_number(text, error.at);
  } else if (skip(text, "io(at ") && read_number(text, error.at)) {
    good = true;
    if (skip(text, ", part ")) {
      error.kind = Kind::part_done;
      good = read_number(text, error.bytes);
    } else if (skip(text, ", lose pages")) {
      error.kind = Kind::pages_lost;
    }
  }
  if (!good || text != ")") {
    return fail(Code::invalid, fmt::format("\"{}\" is no I/O error: expected io(at K), io(at K, part BYTES), io(at K, lose pages) or no-space(from K)", whole));
  }
  return error;
}

sim::SimDisk::FaultHook IoError::hook() const {
  return [error = *this, done = false](const sim::Operation& operation) mutable -> std::optional<sim::InjectedError> {
    if (!operation.mutating) return std::nullopt;
    if (error.kind == Kind::no_space) {
      if (operation.ordinal < error.at || !grows(operation)) return std::nullopt;
      return sim::InjectedError{.code = Code::no_space, .message = "injected: no space left on device"};
    }
    if (done || operation.ordinal != error.at) return std::nullopt;
    done = true;
    sim::InjectedError injected{.code = Code::io, .message = "injected: input/output error"};
    if (error.kind == Kind::part_done) {
      injected.effect = sim::InjectedError::Effect::part;
      injected.bytes = error.bytes;
    }
    injected.lose_pages = error.kind == Kind::pages_lost;
    return injected;
  };
}

}  // namespace rollproof::fault
