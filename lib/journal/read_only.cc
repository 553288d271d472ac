#include <thread>

#include "lib/journal/journal.h"
#include "lib/journal/scan.h"

namespace rollproof::journal {
namespace {

constexpr int kSameVerdictsToBelieve = 3;
constexpr int kAttempts = 100;

// A writer at work can make a healthy journal look broken: a sector is read while it is being written, a batch appears behind
// sectors that were read empty, a segment appears after the folder was listed. None of that looks the same three times.
Result<Chain> scan_beside_a_writer(os::FileSystem& files, const std::string& directory) {
  Result<Chain> chain = scan(files, directory);
  int same = 1;
  for (int attempt = 1; attempt < kAttempts && same < kSameVerdictsToBelieve; ++attempt) {
    if (chain || chain.error().code != Code::corruption) return chain;
    std::this_thread::yield();
    Result<Chain> again = scan(files, directory);
    const bool repeated = !again && again.error().message == chain.error().message && again.error().path == chain.error().path;
    same = repeated ? same + 1 : 1;
    chain = std::move(again);
  }
  return chain;
}

}  // namespace

Result<Snapshot> read_only(os::FileSystem& files, const std::string& directory, const Visitor& visit) {
  ROLLPROOF_ASSIGN(const Chain chain, scan_beside_a_writer(files, directory));
  Snapshot snapshot;
  if (chain.segments.empty()) return snapshot;
  for (const Segment& segment : chain.segments) ROLLPROOF_TRY(visit_segment(files, segment, 0, visit));
  snapshot.exists = true;
  snapshot.clean = chain.sealed;
  snapshot.last = chain.segments.back().last;
  return snapshot;
}

}  // namespace rollproof::journal
