#include "lib/store/leveldb/log_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/digest.h"
#include "lib/base/zero.h"
#include "lib/store/leveldb/decode.h"

namespace rollproof::store::level {

namespace {

enum FragmentType : uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Fragment {
  uint8_t type = kZero;
  std::string_view payload;
  uint64_t end = 0;
  std::string wrong;        // empty if the fragment is valid
  uint64_t claimed_end = 0; // where it would end if its header is right; the end of the block if that is impossible
};

// The CRC of type and payload as LevelDB stores it: rotated and shifted, so that a CRC over CRCs does not degenerate.
uint32_t masked_crc(std::string_view type_and_payload) {
  const uint32_t crc = crc32c(type_and_payload);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

Fragment read_fragment(std::string_view bytes, uint64_t at) {
  Fragment fragment;
  const uint64_t block_end = at / kBlockBytes * kBlockBytes + kBlockBytes;
  fragment.claimed_end = std::min<uint64_t>(block_end, bytes.size());
  if (bytes.size() - at < kHeaderBytes) {
    fragment.wrong = fmt::format("header of {} bytes, expected {}", bytes.size() - at, kHeaderBytes);
    fragment.claimed_end = block_end;
    return fragment;
  }
  const uint32_t stored = decode_fixed32(bytes.substr(at, 4));
  const uint64_t length = static_cast<uint8_t>(bytes[at + 4]) | static_cast<uint64_t>(static_cast<uint8_t>(bytes[at + 5])) << 8;
  fragment.type = static_cast<uint8_t>(bytes[at + 6]);
  const uint64_t end = at + kHeaderBytes + length;
  if (fragment.type == kZero && length == 0) {
    fragment.wrong = "zeros instead of a record";
  } else if (fragment.type == kZero || fragment.type > kLast) {
    fragment.wrong = fmt::format("type {}, expected 1 to 4", fragment.type);
  } else if (end > block_end) {
    fragment.wrong = fmt::format("length {} leads out of the block", length);
  } else if (end > bytes.size()) {
    fragment.wrong = fmt::format("length {}, but the file ends after {}", length, bytes.size() - at - kHeaderBytes);
    fragment.claimed_end = end;
  } else {
    fragment.claimed_end = end;
    fragment.end = end;
    fragment.payload = bytes.substr(at + kHeaderBytes, length);
    const uint32_t expected = masked_crc(bytes.substr(at + 6, 1 + length));
    if (stored != expected) fragment.wrong = fmt::format("checksum {:08x}, expected {:08x}", stored, expected);
  }
  return fragment;
}

// Some sector's share of [begin, end) was never written.
bool has_zero_sector(std::string_view bytes, uint64_t begin, uint64_t end) {
  end = std::min<uint64_t>(end, bytes.size());
  for (uint64_t at = begin; at < end;) {
    const uint64_t next = std::min(end, at / kSectorBytes * kSectorBytes + kSectorBytes);
    if (all_zero(bytes.substr(at, next - at))) return true;
    at = next;
  }
  return false;
}

// A fragment that begins a record, anywhere behind `from`: lengths before it may be lost, so every offset is tried.
bool record_begins_after(std::string_view bytes, uint64_t from) {
  for (uint64_t at = from; at + kHeaderBytes <= bytes.size(); ++at) {
    const uint8_t type = static_cast<uint8_t>(bytes[at + 6]);
    if ((type == kFull || type == kFirst) && read_fragment(bytes, at).wrong.empty()) return true;
  }
  return false;
}

class Reader {
 public:
  Reader(std::string_view bytes, const RecordVisitor& visit) : bytes_(bytes), visit_(visit) { framing_.size = bytes.size(); }

  Framing run() {
    while (at_ < bytes_.size() && step()) {
    }
    if (!framing_.broken && in_record_) {
      break_at(begin_, "record without its last fragment", true);
    }
    return framing_;
  }

 private:
  bool step() {
    const uint64_t block_end = at_ / kBlockBytes * kBlockBytes + kBlockBytes;
    if (block_end - at_ < kHeaderBytes) {
      const std::string_view rest = bytes_.substr(at_, block_end - at_);
      if (!all_zero(rest)) return break_at(at_, "end of the block is not zero", false);
      at_ = block_end;
      return true;
    }
    const Fragment fragment = read_fragment(bytes_, at_);
    if (!fragment.wrong.empty()) {
      const bool unfinished = fragment.claimed_end > bytes_.size() || has_zero_sector(bytes_, at_, fragment.claimed_end);
      return break_at(at_, fragment.wrong, unfinished);
    }
    const bool begins = fragment.type == kFull || fragment.type == kFirst;
    if (begins == in_record_) {
      return break_at(at_, begins ? "record begins inside another" : "fragment without the begin of its record", false);
    }
    if (begins) begin_ = at_;
    if (fragment.type == kFull) {
      deliver(fragment.payload, fragment.end);
    } else {
      if (begins) record_.clear();
      record_.append(fragment.payload);
      in_record_ = fragment.type != kLast;
      if (!in_record_) deliver(record_, fragment.end);
    }
    at_ = fragment.end;
    return true;
  }

  void deliver(std::string_view payload, uint64_t end) {
    framing_.valid_end = end;
    ++framing_.records;
    visit_(begin_, payload);
  }

  bool break_at(uint64_t at, const std::string& what, bool unfinished) {
    Framing::Break broken{at, fmt::format("record at {}: {}", at, what), unfinished, false};
    broken.record_after = record_begins_after(bytes_, in_record_ && at == begin_ ? at + 1 : at);
    if (broken.record_after) broken.unfinished = false;
    framing_.broken = std::move(broken);
    return false;
  }

  const std::string_view bytes_;
  const RecordVisitor& visit_;
  Framing framing_;
  uint64_t at_ = 0;
  uint64_t begin_ = 0;
  bool in_record_ = false;
  std::string record_;
};

}  // namespace

Framing read_framing(std::string_view bytes, const RecordVisitor& visit) { return Reader(bytes, visit).run(); }

}  // namespace rollproof::store::level
