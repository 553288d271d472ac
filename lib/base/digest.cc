#include "lib/base/digest.h"

#include <isa-l/crc.h>
#include <openssl/evp.h>

#include <cstdio>
#include <new>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace rollproof {
namespace {

std::string hex_of(const unsigned char* bytes, size_t length) {
  static const char digits[] = "0123456789abcdef";
  std::string text(length * 2, '0');
  for (size_t i = 0; i < length; ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

XXH128_hash_t hash_of(std::string_view key, std::string_view value) {
  // The key's length goes into the seed, so that ("ab","c") and ("a","bc") differ.
  const XXH128_hash_t of_key = XXH3_128bits_withSeed(key.data(), key.size(), 0x726f6c6c70726f6fULL + key.size());
  return XXH3_128bits_withSeed(value.data(), value.size(), of_key.low64 ^ (of_key.high64 * 0x9e3779b97f4a7c15ULL));
}

}  // namespace

namespace {
// Fetched once and kept: looking it up costs more than hashing a small file.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}
}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(md); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  if (context_->md == nullptr || EVP_DigestInit_ex(context_->md, sha256_algorithm(), nullptr) != 1) throw std::bad_alloc();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) { EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()); }

std::string Sha256::finish_hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(context_->md, digest, &length);
  return hex_of(digest, length);
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &length, sha256_algorithm(), nullptr);
  return hex_of(digest, length);
}

uint32_t crc32c(std::string_view bytes, uint32_t crc) {
  // isa-l wants a mutable pointer but only reads.
  auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
  uint32_t state = ~crc;
  while (bytes.size() > 0x40000000) {  // its length is an int
    state = crc32_iscsi(data, 0x40000000, state);
    data += 0x40000000;
    bytes.remove_prefix(0x40000000);
  }
  return ~crc32_iscsi(data, static_cast<int>(bytes.size()), state);
}

void MultisetDigest::add(std::string_view key, std::string_view value) {
  const XXH128_hash_t hash = hash_of(key, value);
  ++count_;
  high_ += hash.high64;
  low_ += hash.low64;
}

void MultisetDigest::remove(std::string_view key, std::string_view value) {
  const XXH128_hash_t hash = hash_of(key, value);
  --count_;
  high_ -= hash.high64;
  low_ -= hash.low64;
}

void MultisetDigest::merge(const MultisetDigest& other) {
  count_ += other.count_;
  high_ += other.high_;
  low_ += other.low_;
}

std::string MultisetDigest::hex() const {
  char text[49];
  std::snprintf(text, sizeof text, "%016llx%016llx%016llx", static_cast<unsigned long long>(count_),
                static_cast<unsigned long long>(high_), static_cast<unsigned long long>(low_));
  return text;
}

}  // namespace rollproof
