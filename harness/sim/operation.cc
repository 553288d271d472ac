#include "harness/sim/operation.h"

namespace rollproof::sim {

std::string_view name_of(Call call) {
  switch (call) {
    case Call::create: return "create";
    case Call::truncate: return "truncate";
    case Call::write: return "write";
    case Call::preallocate: return "preallocate";
    case Call::sync: return "sync";
    case Call::rename: return "rename";
    case Call::remove: return "remove";
    case Call::make_directory: return "make_directory";
    case Call::remove_directory: return "remove_directory";
    case Call::sync_directory: return "sync_directory";
    case Call::open_read: return "open_read";
    case Call::open_write: return "open_write";
    case Call::read: return "read";
    case Call::size: return "size";
    case Call::stat: return "stat";
    case Call::list: return "list";
    case Call::free_bytes: return "free_bytes";
    case Call::lock: return "lock";
    case Call::close: return "close";
  }
  return "?";
}

std::string Operation::to_string() const {
  std::string text = mutating ? std::to_string(ordinal) + " " : std::string("- ");
  text += name_of(call);
  if (path) text += " " + *path;
  if (to) text += " to " + *to;
  if (call == Call::write || call == Call::read) text += " " + std::to_string(length) + " bytes at " + std::to_string(offset);
  if (call == Call::truncate || call == Call::preallocate) text += " to " + std::to_string(length) + " bytes";
  if (failed) text += call == Call::write ? " FAILED after " + std::to_string(applied) : applied != 0 ? " FAILED but done" : " FAILED";
  if (lost_pages) text += ", pages lost";
  if (context) text += " [" + *context + "]";
  return text;
}

std::string Trace::to_string() const {
  std::string text;
  size_t call = 0;
  size_t mark = 0;
  for (uint64_t k = 0; k <= operations.size(); ++k) {
    for (; mark < marks.size() && marks[mark].after <= k; ++mark) text += "-- " + marks[mark].text + "\n";
    const bool end = k == operations.size();
    while (call < calls.size() && (end || calls[call]->call_ordinal < operations[k]->call_ordinal)) text += calls[call++]->to_string() + "\n";
    if (!end) text += operations[k]->to_string() + "\n";
  }
  return text;
}

}  // namespace rollproof::sim
