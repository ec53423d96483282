#include "base/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <cstring>

namespace stored {
namespace {

// Fetched once, because looking an algorithm up by name costs more than hashing a short string.
const EVP_MD* Algorithm() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kAlgorithm;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string ToHex(std::string_view raw) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(raw.size() * 2, '\0');
  for (size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<uint8_t>(raw[i]);
    hex[2 * i] = kDigits[byte >> 4];
    hex[2 * i + 1] = kDigits[byte & 15];
  }
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string raw;
  raw.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexValue(hex[i]);
    const int low = HexValue(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    raw.push_back(static_cast<char>(high << 4 | low));
  }
  return raw;
}

std::string Sha256Digest::Hex() const { return ToHex(Raw()); }

std::optional<Sha256Digest> Sha256Digest::FromHex(std::string_view hex) {
  const std::optional<std::string> raw = stored::FromHex(hex);
  if (!raw) return std::nullopt;
  return FromRaw(*raw);
}

std::optional<Sha256Digest> Sha256Digest::FromRaw(std::string_view raw) {
  Sha256Digest digest;
  if (raw.size() != digest.bytes.size()) return std::nullopt;
  std::memcpy(digest.bytes.data(), raw.data(), raw.size());
  return digest;
}

struct Sha256::Context {
  Context() : md(EVP_MD_CTX_new()) { Reset(); }
  ~Context() { EVP_MD_CTX_free(md); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Aborts if SHA-256, which is in OpenSSL's default provider, is missing: no digest could be
  // trusted.
  void Reset() {
    if (EVP_DigestInit_ex2(md, Algorithm(), nullptr) != 1) std::abort();
  }

  EVP_MD_CTX* md;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;

void Sha256::Update(std::string_view bytes) {
  if (EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()) != 1) std::abort();
}

Sha256Digest Sha256::Finish() {
  Sha256Digest digest;
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(context_->md, digest.bytes.data(), &size) != 1) std::abort();
  context_->Reset();
  return digest;
}

Sha256Digest Sha256::Of(std::string_view bytes) {
  thread_local Sha256 hasher;
  hasher.Update(bytes);
  return hasher.Finish();
}

}  // namespace stored
