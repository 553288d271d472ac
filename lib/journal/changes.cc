#include "lib/journal/changes.h"

#include <cstring>
#include <optional>

// count, then for each change: kind (1 byte), key length, key, and for a put value length, value. Numbers are 32 bits, little-endian.
namespace rollproof::journal {
namespace {

constexpr size_t kSmallestChange = 5;  // a removal of the empty key

void put_number(std::string& out, size_t number) {
  const auto narrow = static_cast<uint32_t>(number);
  char bytes[4];
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(narrow >> (8 * i));
  out.append(bytes, sizeof bytes);
}

std::optional<uint32_t> take_number(std::string_view& in) {
  if (in.size() < 4) return std::nullopt;
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number |= static_cast<uint32_t>(static_cast<unsigned char>(in[i])) << (8 * i);
  in.remove_prefix(4);
  return number;
}

std::optional<std::string_view> take_text(std::string_view& in) {
  const auto length = take_number(in);
  if (!length || *length > in.size()) return std::nullopt;
  const std::string_view text = in.substr(0, *length);
  in.remove_prefix(*length);
  return text;
}

tl::unexpected<Error> malformed(const char* what) { return fail(Code::corruption, std::string("journal change entry: ") + what); }

}  // namespace

std::string encode_changes(const record::Batch& batch) {
  size_t size = 4;
  for (const record::Change& change : batch) size += 9 + change.key.size() + change.value.size();
  std::string out;
  out.reserve(size);
  put_number(out, batch.size());
  for (const record::Change& change : batch) {
    out.push_back(static_cast<char>(change.kind));
    put_number(out, change.key.size());
    out += change.key;
    if (change.kind != record::Change::Kind::put) continue;
    put_number(out, change.value.size());
    out += change.value;
  }
  return out;
}

Result<record::Batch> decode_changes(std::string_view bytes) {
  const auto count = take_number(bytes);
  if (!count) return malformed("shorter than its count");
  if (*count > bytes.size() / kSmallestChange) return malformed("more changes than bytes for them");
  record::Batch batch;
  for (uint32_t index = 0; index < *count; ++index) {
    if (bytes.empty()) return malformed("cut short");
    const auto kind = static_cast<record::Change::Kind>(bytes.front());
    bytes.remove_prefix(1);
    if (kind != record::Change::Kind::put && kind != record::Change::Kind::remove) return malformed("unknown kind of change");
    const auto key = take_text(bytes);
    if (!key) return malformed("cut short in a key");
    record::Change change{kind, std::string(*key), {}};
    if (kind == record::Change::Kind::put) {
      const auto value = take_text(bytes);
      if (!value) return malformed("cut short in a value");
      change.value = *value;
    }
    batch.push_back(std::move(change));
  }
  if (!bytes.empty()) return malformed("bytes behind the last change");
  return batch;
}

}  // namespace rollproof::journal
