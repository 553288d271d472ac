#include "lib/incident/incident_id.h"

#include <fmt/format.h>

#include "lib/base/time_text.h"

namespace rollproof::incident {

std::string incident_id(int64_t begun_ms, const std::set<std::string>& taken) {
  std::string digits;
  for (const char c : time_text(begun_ms)) {
    if (c == '.') break;
    if (c >= '0' && c <= '9') digits += c;
    if (c == 'T') digits += '-';
  }
  const std::string id = "INC-" + digits;
  if (!taken.contains(id)) return id;
  for (int n = 2;; ++n) {
    std::string next = fmt::format("{}-{}", id, n);
    if (!taken.contains(next)) return next;
  }
}

}  // namespace rollproof::incident
