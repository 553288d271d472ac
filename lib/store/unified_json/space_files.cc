#include "lib/store/unified_json/space_files.h"

#include "lib/store/unified_json/mark_text.h"
#include "lib/store/unified_json/writer.h"

namespace rollproof::store::unified_json {

Status SpaceFiles::read_file() {
  ROLLPROOF_ASSIGN(file_, Sealed::read(files_, path(), space_));
  stored_ = file_;
  empty_ = file_->records() == 0;
  return {};
}

Result<bool> SpaceFiles::fold(bool keep_empty) {
  const auto walker = walk();
  Entry entry;
  ROLLPROOF_ASSIGN(bool more, walker->next(entry));
  empty_ = !more;
  const bool writes = more || keep_empty;
  std::shared_ptr<const Sealed> folded;
  if (writes) {
    ROLLPROOF_ASSIGN(auto writer, FileWriter::create(files_, beside(), like(), space_, false));
    while (more) {
      ROLLPROOF_TRY(writer.add(entry));
      ROLLPROOF_ASSIGN(more, walker->next(entry));
    }
    ROLLPROOF_ASSIGN(auto facts, writer.finish());
    ROLLPROOF_TRY(files_.rename(beside(), path()));
    ROLLPROOF_ASSIGN(folded, Sealed::take(files_, path(), std::move(facts)));
  }
  file_ = folded;
  ROLLPROOF_TRY(take_folded(std::move(folded)));
  return writes;
}

std::string SpaceFiles::mark_line() const { return unified_json::mark_line(file_name(), file_->size(), file_->sha256()); }

}  // namespace rollproof::store::unified_json
