#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"

namespace stored {

// A SHA-256 digest (FIPS 180-4), 32 raw bytes.
struct Sha256Digest {
  std::array<uint8_t, 32> bytes{};

  // Returns 64 lower-case hexadecimal digits.
  std::string Hex() const;
  // Returns the 32 raw bytes, which is the form that databases and bundles keep.
  std::string_view Raw() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // Returns nothing unless `hex` is 64 hexadecimal digits.
  static std::optional<Sha256Digest> FromHex(std::string_view hex);
  // Returns nothing unless `raw` is 32 bytes long.
  static std::optional<Sha256Digest> FromRaw(std::string_view raw);

  friend auto operator<=>(const Sha256Digest&, const Sha256Digest&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Sha256Digest& d) {
    return H::combine(std::move(h), d.bytes);
  }
};

// Computes a digest piece by piece. Not safe for concurrent use; reusable after Finish().
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(std::string_view bytes);
  // Returns the digest of all bytes since construction or the last Finish().
  Sha256Digest Finish();

  static Sha256Digest Of(std::string_view bytes);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Returns `raw` as lower-case hexadecimal digits, two per byte.
std::string ToHex(std::string_view raw);
// Returns the bytes that `hex` spells, or nothing if its length is odd or a character is not a
// hexadecimal digit.
std::optional<std::string> FromHex(std::string_view hex);

}  // namespace stored
