#include "harness/check/memory_env.h"

#include <cstring>
#include <span>

namespace rollproof::check {
namespace {

using leveldb::Slice;
using leveldb::Status;

std::string_view name_in(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

size_t read_file(const MemoryEnv::File& file, uint64_t offset, size_t size, char* scratch) {
  if (file.given != nullptr) return file.given->read(offset, std::span<char>(scratch, size));
  if (offset >= file.written->size()) return 0;
  const size_t got = std::min(size, file.written->size() - offset);
  std::memcpy(scratch, file.written->data() + offset, got);
  return got;
}

class Sequential : public leveldb::SequentialFile {
 public:
  explicit Sequential(MemoryEnv::File file) : file_(std::move(file)) {}
  Status Read(size_t size, Slice* result, char* scratch) override {
    const size_t got = read_file(file_, offset_, size, scratch);
    offset_ += got;
    *result = Slice(scratch, got);
    return {};
  }
  Status Skip(uint64_t count) override {
    offset_ += count;
    return {};
  }

 private:
  MemoryEnv::File file_;
  uint64_t offset_ = 0;
};

class RandomAccess : public leveldb::RandomAccessFile {
 public:
  explicit RandomAccess(MemoryEnv::File file) : file_(std::move(file)) {}
  Status Read(uint64_t offset, size_t size, Slice* result, char* scratch) const override {
    *result = Slice(scratch, read_file(file_, offset, size, scratch));
    return {};
  }

 private:
  MemoryEnv::File file_;
};

class Writable : public leveldb::WritableFile {
 public:
  explicit Writable(std::shared_ptr<std::string> bytes) : bytes_(std::move(bytes)) {}
  Status Append(const Slice& data) override {
    bytes_->append(data.data(), data.size());
    return {};
  }
  Status Close() override { return {}; }
  Status Flush() override { return {}; }
  Status Sync() override { return {}; }

 private:
  std::shared_ptr<std::string> bytes_;
};

class Silent : public leveldb::Logger {
 public:
  void Logv(const char*, va_list) override {}
};

class Lock : public leveldb::FileLock {};

Status absent(const std::string& path) { return Status::NotFound(path); }

}  // namespace

leveldb::Logger* silent_logger() {
  static Silent logger;
  return &logger;
}

MemoryEnv::MemoryEnv(const sim::Node& folder) { add_missing(folder); }

void MemoryEnv::add_missing(const sim::Node& folder) {
  for (const sim::Entry& entry : folder.entries) {
    if (!entry.node->directory) files_.try_emplace(entry.name->text, File{&entry.node->content, nullptr});
  }
}

void MemoryEnv::run_queued() {
  while (!queue_.empty()) {
    const auto [function, argument] = queue_.front();
    queue_.pop_front();
    function(argument);
  }
}

void MemoryEnv::put_into(sim::Image& image, const std::string& path) const {
  for (const auto& [name, file] : files_) {
    if (file.given != nullptr) {
      image.put(path + "/" + name, *file.given);
    } else {
      image.put(path + "/" + name, *file.written);
    }
  }
}

Status MemoryEnv::NewSequentialFile(const std::string& path, leveldb::SequentialFile** out) {
  *out = nullptr;
  const auto found = files_.find(name_in(path));
  if (found == files_.end()) return absent(path);
  *out = new Sequential(found->second);
  return {};
}

Status MemoryEnv::NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** out) {
  *out = nullptr;
  const auto found = files_.find(name_in(path));
  if (found == files_.end()) return absent(path);
  *out = new RandomAccess(found->second);
  return {};
}

Status MemoryEnv::NewWritableFile(const std::string& path, leveldb::WritableFile** out) {
  auto bytes = std::make_shared<std::string>();
  files_.insert_or_assign(std::string(name_in(path)), File{nullptr, bytes});
  *out = new Writable(std::move(bytes));
  return {};
}

Status MemoryEnv::NewAppendableFile(const std::string& path, leveldb::WritableFile** out) {
  const auto found = files_.find(name_in(path));
  if (found == files_.end()) return NewWritableFile(path, out);
  if (found->second.given != nullptr) found->second = File{nullptr, std::make_shared<std::string>(found->second.given->text())};
  *out = new Writable(found->second.written);
  return {};
}

bool MemoryEnv::FileExists(const std::string& path) { return files_.find(name_in(path)) != files_.end(); }

Status MemoryEnv::GetChildren(const std::string&, std::vector<std::string>* out) {
  out->clear();
  for (const auto& [name, file] : files_) out->push_back(name);
  return {};
}

Status MemoryEnv::RemoveFile(const std::string& path) {
  const auto found = files_.find(name_in(path));
  if (found == files_.end()) return absent(path);
  files_.erase(found);
  return {};
}

Status MemoryEnv::GetFileSize(const std::string& path, uint64_t* out) {
  const auto found = files_.find(name_in(path));
  if (found == files_.end()) return absent(path);
  *out = found->second.size();
  return {};
}

Status MemoryEnv::RenameFile(const std::string& from, const std::string& to) {
  const auto found = files_.find(name_in(from));
  if (found == files_.end()) return absent(from);
  File file = found->second;
  files_.erase(found);
  files_.insert_or_assign(std::string(name_in(to)), std::move(file));
  return {};
}

Status MemoryEnv::LockFile(const std::string&, leveldb::FileLock** out) {
  *out = new Lock;
  return {};
}

Status MemoryEnv::UnlockFile(leveldb::FileLock* lock) {
  delete static_cast<Lock*>(lock);
  return {};
}

Status MemoryEnv::GetTestDirectory(std::string* out) {
  *out = "/tests";
  return {};
}

Status MemoryEnv::NewLogger(const std::string&, leveldb::Logger** out) {
  *out = new Silent;
  return {};
}

}  // namespace rollproof::check
