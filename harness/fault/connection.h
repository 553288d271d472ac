// The connection to a database or a cache breaks: an interface for stores that have one. There is none yet, so no story has such a case, and the record says
// that these cells are not applicable.
//
// May happen, at any one call: the server refuses the connection or the credentials (nothing has happened); the connection is lost in the middle (what was not
// committed has not happened); it is lost before the answer to a commit (it has happened or has not, and nobody has been told which).
// May not happen: an answer that is wrong; a commit that was answered and is gone (that is the server's crash, and a fault of its own disk).
// Survivable because: the sequence of the last write is committed together with it, so that after reconnecting a look tells which of both it was; a
// store that does not answer stays in the journal's backlog and fails nobody's write.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace rollproof::fault {

// What a simulated server is asked to do next.
struct DatabaseCall {
  enum class Kind { connect, query, commit };
  Kind kind = Kind::query;
  uint64_t number = 0;  // from 0, of the story
};

// Texts: "connection(at 3, refused)", "connection(at 3, credentials)", "connection(at 3, lost)", "connection(at 3, unanswered)"; 3 is the call's number.
struct Connection {
  enum class Kind { refused, credentials, lost, unanswered };
  Kind kind = Kind::refused;
  uint64_t at = 0;

  std::string to_string() const;
  static Result<Connection> parse(std::string_view text);
  std::string in_words() const;
  bool operator==(const Connection&) const = default;

  // Whether it can happen at such a call at all: refused and credentials at connect, unanswered at commit, lost at all but connect.
  static bool can_hit(Kind kind, DatabaseCall::Kind call);

  // What a simulated server asks before each call. An answer: the call ends with `error`, and has taken effect if `happened`; the connection is gone.
  struct Broken {
    Error error;
    bool happened = false;
  };
  using Hook = std::function<std::optional<Broken>(const DatabaseCall&)>;
  // Fires once. `fired`, which outlives the hook, is the proof. `happened`: of unanswered, whether the commit took effect.
  Hook hook(uint64_t& fired, bool happened) const;
};

}  // namespace rollproof::fault
