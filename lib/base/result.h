// The outcome of every fallible call: a value, or an error that says what the caller may assume.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace rollproof {

// What went wrong, in terms of what the caller may assume about the world afterwards.
// Unless a code says otherwise: the operation did not take effect.
enum class Code {
  invalid,          // usage or configuration; nothing was touched
  not_found,        // no such key, file, backup or incident
  already_exists,   // something is there that must not be overwritten
  io,               // the operating system reported an error; effect of a *write* is unknown
  no_space,         // ENOSPC or EDQUOT; effect of a *write* is unknown
  no_permission,    // EACCES, EPERM or EROFS; nothing changed
  corruption,       // bytes on disk are not what was written; nothing was changed because of it
  locked,           // another process owns the route; the message names it
  differs,          // two stores are not equal; nothing changed
  refused,          // a rule forbids it now; nothing changed
  outcome_unknown,  // it may or may not have happened; recovery decides from the disk
  stopped,          // stopped at a safe point; `recover` alone can finish
  needs_person,     // stopped at a safe point; a person has to act first
  backup_damaged,   // a backup is damaged or can not be verified
  cancelled,        // stopped on request at a safe point
  internal,         // a bug in Rollproof
};

// Lower-case name of a code, stable (used in reports and tests).
std::string_view name_of(Code code);

struct Error {
  Code code = Code::internal;
  std::string message;  // lower case, names the thing and the number: "journal sector 7: checksum 9f2c, expected 41aa"
  std::string path;     // the file or directory concerned, empty when there is none
  std::string hint;     // a sentence with a verb: what to do next; may be empty

  // "message (path)"; the hint is not part of it.
  std::string to_string() const;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

inline tl::unexpected<Error> fail(Code code, std::string message, std::string path = {}, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(path), std::move(hint)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace rollproof

// Returns the error of `expression` (a Status or Result) from the enclosing function, if it has one.
#define ROLLPROOF_TRY(expression)                                              \
  do {                                                                         \
    if (auto rollproof_outcome = (expression); !rollproof_outcome)             \
      return ::rollproof::fail(std::move(rollproof_outcome).error());          \
  } while (false)

#define ROLLPROOF_JOIN_(a, b) a##b
#define ROLLPROOF_JOIN(a, b) ROLLPROOF_JOIN_(a, b)

// ROLLPROOF_ASSIGN(auto x, call()) declares x from the value, or returns the error.
#define ROLLPROOF_ASSIGN(declaration, expression) \
  ROLLPROOF_ASSIGN_(declaration, expression, ROLLPROOF_JOIN(rollproof_result_, __LINE__))
#define ROLLPROOF_ASSIGN_(declaration, expression, temporary)                  \
  auto temporary = (expression);                                               \
  if (!temporary) return ::rollproof::fail(std::move(temporary).error());      \
  declaration = std::move(*temporary)
