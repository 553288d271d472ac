#include "lib/store/unified_json/writer.h"

namespace rollproof::store::unified_json {

namespace {
constexpr size_t kBufferBytes = 256 << 10;
}

Result<FileWriter> FileWriter::create(os::FileSystem& files, const std::string& path, const std::string& like, const std::string& space, bool run) {
  ROLLPROOF_ASSIGN(auto file, files.create(path));
  if (!like.empty()) ROLLPROOF_TRY(files.take_access(path, like));
  FileWriter writer(std::move(file), run);
  ROLLPROOF_TRY(writer.text(header_of(space)));
  return writer;
}

Status FileWriter::text(std::string_view text) {
  facts_.size += text.size();
  buffer_ += text;
  return buffer_.size() >= kBufferBytes ? flush() : Status{};
}

Status FileWriter::flush() {
  if (buffer_.empty()) return {};
  ROLLPROOF_TRY(file_->write_at(written_, buffer_));
  if (!run_) digest_.update(buffer_);
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status FileWriter::add(const Entry& entry) {
  if (!open_ || *group_ != entry.place.group) {
    ROLLPROOF_TRY(sections_until(entry.place.group));
  } else {
    ROLLPROOF_TRY(last_line(true));
  }
  line_.clear();
  if (entry.removed) {
    append_removal(line_, entry.place.key);
  } else {
    append_entry(line_, entry.place.key, entry.value, entry.form);
  }
  waiting_ = entry.place;
  ++facts_.records;
  return {};
}

Status FileWriter::last_line(bool another) {
  line_ += another ? ",\n" : "\n";
  index_.add(*waiting_, line_, facts_.size);
  waiting_.reset();
  return text(line_);
}

Status FileWriter::close_section() {
  if (!open_) return {};
  ROLLPROOF_TRY(last_line(false));
  open_ = false;
  return text(section_end(*group_));
}

Status FileWriter::sections_until(record::Group group) {
  ROLLPROOF_TRY(close_section());
  for (const record::Group other : record::kGroups) {
    if (other < group && (!group_ || other > *group_)) ROLLPROOF_TRY(text(section_without_entries(other)));
  }
  group_ = group;
  open_ = true;
  return text(section_begin(group));
}

Result<Sealed::Facts> FileWriter::finish() {
  ROLLPROOF_TRY(close_section());
  if (!run_) {
    for (const record::Group other : record::kGroups) {
      if (!group_ || other > *group_) ROLLPROOF_TRY(text(section_without_entries(other)));
    }
    ROLLPROOF_TRY(text(end_of_sections(facts_.records)));
    ROLLPROOF_TRY(flush());
    facts_.sha256 = digest_.finish_hex();
    const std::string end = checksum_line(facts_.sha256);
    ROLLPROOF_TRY(file_->write_at(written_, end));
    facts_.size += end.size();
    ROLLPROOF_TRY(file_->sync());
  } else {
    ROLLPROOF_TRY(flush());
  }
  ROLLPROOF_TRY(file_->close());
  facts_.blocks = index_.take();
  return std::move(facts_);
}

}  // namespace rollproof::store::unified_json
