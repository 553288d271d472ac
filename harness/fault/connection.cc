#include "harness/fault/connection.h"

#include <fmt/format.h>

#include <array>

#include "harness/fault/text.h"

namespace rollproof::fault {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"refused", "credentials", "lost", "unanswered"};

}  // namespace

std::string Connection::to_string() const { return fmt::format("connection(at {}, {})", at, kNames[static_cast<size_t>(kind)]); }

Result<Connection> Connection::parse(std::string_view text) {
  Text rest(text);
  Connection connection;
  if (rest.skip("connection(at ") && rest.number(connection.at) && rest.skip(", ")) {
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (!rest.skip(kNames[i])) continue;
      connection.kind = static_cast<Kind>(i);
      if (rest.skip(")") && rest.ended()) return connection;
      break;
    }
  }
  return fail(Code::invalid, fmt::format("\"{}\" is no fault of a connection: expected connection(at CALL, {})", text, fmt::join(kNames, "|")));
}

std::string Connection::in_words() const {
  switch (kind) {
    case Kind::refused: return fmt::format("the server refuses the connection at call {}", at);
    case Kind::credentials: return fmt::format("the server refuses the credentials at call {}", at);
    case Kind::lost: return fmt::format("the connection is lost in the middle of call {}", at);
    case Kind::unanswered: return fmt::format("the connection is lost before the answer to call {}, a commit: it may have happened", at);
  }
  return "";
}

bool Connection::can_hit(Kind kind, DatabaseCall::Kind call) {
  switch (kind) {
    case Kind::refused:
    case Kind::credentials: return call == DatabaseCall::Kind::connect;
    case Kind::lost: return call != DatabaseCall::Kind::connect;
    case Kind::unanswered: return call == DatabaseCall::Kind::commit;
  }
  return false;
}

Connection::Hook Connection::hook(uint64_t& fired, bool happened) const {
  return [what = *this, &fired, happened](const DatabaseCall& call) -> std::optional<Broken> {
    if (fired != 0 || call.number != what.at || !can_hit(what.kind, call.kind)) return std::nullopt;
    ++fired;
    switch (what.kind) {
      case Kind::refused: return Broken{{Code::io, "injected: connection refused"}};
      case Kind::credentials: return Broken{{Code::no_permission, "injected: wrong credentials"}};
      case Kind::lost: return Broken{{Code::io, "injected: connection lost"}};
      case Kind::unanswered: return Broken{{Code::outcome_unknown, "injected: connection lost before the answer"}, happened};
    }
    return std::nullopt;
  };
}

}  // namespace rollproof::fault
