#include "lib/base/result.h"

namespace rollproof {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::not_found: return "not_found";
    case Code::already_exists: return "already_exists";
    case Code::io: return "io";
    case Code::no_space: return "no_space";
    case Code::no_permission: return "no_permission";
    case Code::corruption: return "corruption";
    case Code::locked: return "locked";
    case Code::differs: return "differs";
    case Code::refused: return "refused";
    case Code::outcome_unknown: return "outcome_unknown";
    case Code::stopped: return "stopped";
    case Code::needs_person: return "needs_person";
    case Code::backup_damaged: return "backup_damaged";
    case Code::cancelled: return "cancelled";
    case Code::internal: return "internal";
  }
  return "internal";
}

std::string Error::to_string() const { return path.empty() ? message : message + " (" + path + ")"; }

}  // namespace rollproof
