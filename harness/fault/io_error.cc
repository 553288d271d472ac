#include "harness/fault/io_error.h"

#include <fmt/format.h>

#include <charconv>

namespace rollproof::fault {
namespace {

// Calls that need space; the others work on a full disk, and so does a write within what a file has already.
bool grows(const sim::Operation& operation) {
  switch (operation.call) {
    case sim::Call::write: return operation.grows != 0;
    case sim::Call::create:
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
    case Kind::no_changes: return fmt::format("io(from {})", at);
    case Kind::read_fails: return fmt::format("io(at {}, read {})", at, read);
    case Kind::disk_gone: return fmt::format("io(from {}, read {})", at, read);
    case Kind::full: return bytes == 0 ? fmt::format("full(at {})", at) : fmt::format("full(at {}, left {})", at, bytes);
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
  } else if (skip(text, "full(at ")) {
    error.kind = Kind::full;
    good = read_number(text, error.at) && (!skip(text, ", left ") || (read_number(text, error.bytes) && error.bytes != 0));
  } else if (skip(text, "io(from ") && read_number(text, error.at)) {
    error.kind = Kind::no_changes;
    good = true;
    if (skip(text, ", read ")) {
      error.kind = Kind::disk_gone;
      good = read_number(text, error.read) && error.read != 0;
    }
  } else if (skip(text, "io(at ") && read_number(text, error.at)) {
    good = true;
    if (skip(text, ", part ")) {
      error.kind = Kind::part_done;
      good = read_number(text, error.bytes);
    } else if (skip(text, ", read ")) {
      error.kind = Kind::read_fails;
      good = read_number(text, error.read) && error.read != 0;
    } else if (skip(text, ", lose pages")) {
      error.kind = Kind::pages_lost;
    }
  }
  if (!good || text != ")") {
    return fail(Code::invalid, fmt::format("\"{}\" is no I/O error: expected io(at K), io(at K, part BYTES), io(at K, lose pages), io(at K, read N), no-space(from K), "
                                           "full(at K), full(at K, left BYTES), io(from K) or io(from K, read N)", whole));
  }
  return error;
}

namespace {

// What goes wrong from some call on goes on until the process has ended.
class Failing {
 public:
  explicit Failing(const IoError& error) : error_(error) {}

  std::optional<sim::InjectedError> operator()(const sim::Operation& operation) {
    using Kind = IoError::Kind;
    const sim::InjectedError injected{.code = Code::io, .message = "injected: input/output error"};
    switch (error_.kind) {
      case Kind::no_space:
        if (!operation.mutating || operation.ordinal < error_.at || !grows(operation)) return std::nullopt;
        return sim::InjectedError{.code = Code::no_space, .message = "injected: no space left on device"};
      case Kind::no_changes:
        if (!operation.mutating || operation.ordinal < error_.at) return std::nullopt;
        return injected;
      case Kind::read_fails:
      case Kind::disk_gone: return looking(operation, injected);
      case Kind::full: return std::nullopt;
      default: return once(operation, injected);
    }
  }

 private:
  std::optional<sim::InjectedError> looking(const sim::Operation& operation, const sim::InjectedError& injected) {
    if (begun_) return error_.kind == IoError::Kind::disk_gone ? std::optional(injected) : std::nullopt;
    begun_ = IoError::looks(operation.call) && operation.ordinal == error_.at && ++seen_ == error_.read;
    return begun_ ? std::optional(injected) : std::nullopt;
  }

  std::optional<sim::InjectedError> once(const sim::Operation& operation, sim::InjectedError injected) {
    if (begun_ || !operation.mutating || operation.ordinal != error_.at) return std::nullopt;
    begun_ = true;
    if (error_.kind == IoError::Kind::part_done) {
      injected.effect = sim::InjectedError::Effect::part;
      injected.bytes = error_.bytes;
    }
    injected.lose_pages = error_.kind == IoError::Kind::pages_lost;
    return injected;
  }

  const IoError error_;
  bool begun_ = false;
  uint64_t seen_ = 0;
};

}  // namespace

sim::SimDisk::FaultHook IoError::hook() const { return Failing(*this); }

}  // namespace rollproof::fault
