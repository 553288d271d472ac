// The runs of before, in one SQLite file: the newest comparable ones are copied into each record (`history`), so that a trend needs nothing but the
// record. It is a convenience: whatever is wrong with it, the drill goes on.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/result.h"

struct sqlite3;

namespace rollproof::drill {

inline constexpr int kHistoryCopied = 20;

class History {
 public:
  // Makes the file if there is none. Code::corruption if it is no database, Code::refused for one of another version, Code::io otherwise.
  static Result<History> open(const std::string& path);

  // The newest `most` runs of the same profile, seed, subject and pattern, the oldest first.
  Result<nlohmann::ordered_json> comparable(const nlohmann::ordered_json& record, int most = kHistoryCopied);

  // The run of this record, which ended with record.gate.exit_code. A shard, a run that did not come to its end and one without a scenario are no
  // measure for others, and are left out. Waits two seconds at most for another process; Code::locked behind that.
  Status add(const nlohmann::ordered_json& record);

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  explicit History(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  tl::unexpected<Error> failure(const std::string& what) const;

  std::unique_ptr<sqlite3, Closer> database_;
  std::string path_;
};

}  // namespace rollproof::drill
