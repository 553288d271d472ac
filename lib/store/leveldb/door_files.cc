#include "lib/store/leveldb/door_files.h"

namespace rollproof::store::level {

namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr int kReadsMore = 3;  // behind the first, until two agree

leveldb::Status read_failed(const Error& error, const std::string& path) {
  return leveldb::Status::IOError(path, error.message);
}

}  // namespace

DoorWritableFile::DoorWritableFile(DoorEnv& env, std::string path, std::unique_ptr<os::File> file, uint64_t size, bool name_is_new)
    : env_(env),
      path_(std::move(path)),
      name_(parse_file_name(path_.substr(path_.rfind('/') + 1))),
      file_(std::move(file)),
      name_is_new_(name_is_new),
      offset_(size),
      durable_size_(0) {}

DoorWritableFile::~DoorWritableFile() {
  // LevelDB drops a rotated log without Close and would never see this error; the Env keeps it and accepts no more changes.
  if (file_) (void)Close();
}

leveldb::Status DoorWritableFile::Append(const leveldb::Slice& data) {
  if (auto refused = env_.refusal(); !refused.ok()) return refused;
  if (buffer_.size() + data.size() <= kBufferBytes) {
    buffer_.append(data.data(), data.size());
    return leveldb::Status::OK();
  }
  Status written = flush();
  if (written && data.size() < kBufferBytes) {
    buffer_.assign(data.data(), data.size());
  } else if (written) {
    written = file_->write_at(offset_, {data.data(), data.size()});
    if (written) offset_ += data.size();
  }
  return env_.answer(written, true);
}

Status DoorWritableFile::flush() {
  if (buffer_.empty()) return {};
  ROLLPROOF_TRY(file_->write_at(offset_, buffer_));
  offset_ += buffer_.size();
  buffer_.clear();
  return {};
}

leveldb::Status DoorWritableFile::Flush() {
  if (auto refused = env_.refusal(); !refused.ok()) return refused;
  return env_.answer(flush(), true);
}

Status DoorWritableFile::make_durable() {
  ROLLPROOF_TRY(flush());
  ROLLPROOF_TRY(file_->sync());
  if (name_is_new_) {
    ROLLPROOF_TRY(env_.sync_names());  // mend 3: a new file's first sync makes its name durable
    name_is_new_ = false;
  }
  durable_size_ = offset_;
  return {};
}

leveldb::Status DoorWritableFile::Sync() {
  if (auto refused = env_.refusal(); !refused.ok()) return refused;
  return env_.answer(make_durable(), true);
}

leveldb::Status DoorWritableFile::Close() {
  Status outcome;
  if (env_.refusal().ok()) outcome = flush();
  if (Status closed = file_->close(); outcome) outcome = closed;
  file_.reset();
  env_.closed(this);
  return env_.answer(outcome, true);
}

// Until two reads in a row agree.
Result<size_t> DoorSequentialFile::read_same_twice(std::span<char> out) {
  ROLLPROOF_ASSIGN(size_t got, file_->read_at(offset_, out));
  for (int more = 0; more < kReadsMore; ++more) {
    again_.assign(out.data(), got);
    ROLLPROOF_ASSIGN(got, file_->read_at(offset_, out));
    if (again_ == std::string_view(out.data(), got)) return got;
  }
  return fail(Code::io, "two reads of the same bytes never agree", path_, "Check the disk and the memory of this machine.");
}

leveldb::Status DoorSequentialFile::Read(size_t count, leveldb::Slice* result, char* scratch) {
  *result = leveldb::Slice();
  const auto got = read_same_twice({scratch, count});
  if (!got) return read_failed(got.error(), path_);
  offset_ += *got;
  *result = leveldb::Slice(scratch, *got);
  return leveldb::Status::OK();
}

leveldb::Status DoorSequentialFile::Skip(uint64_t count) {
  offset_ += count;
  return leveldb::Status::OK();
}

leveldb::Status DoorRandomAccessFile::Read(uint64_t offset, size_t count, leveldb::Slice* result, char* scratch) const {
  const auto got = file_->read_at(offset, {scratch, count});
  *result = leveldb::Slice(scratch, got ? *got : 0);
  if (!got) return read_failed(got.error(), path_);
  return leveldb::Status::OK();
}

}  // namespace rollproof::store::level
