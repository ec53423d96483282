#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::bench {

// The bytes of an upload, in pieces that become chunks. The digest is computed in advance, so that
// an upload costs the client no more than sending it.
class Content {
 public:
  // Returns content that consists of `bytes`.
  static Content Of(const std::string& bytes);
  // Returns `head` followed by noise, up to `size` bytes or at most one piece more.
  static Content WithNoise(const std::string& head, uint64_t size);

  struct Piece {
    std::string_view data;
    uint32_t crc32c = 0;
  };
  const std::vector<Piece>& pieces() const { return pieces_; }
  uint64_t size() const { return size_; }
  // Returns 64 hexadecimal digits.
  const std::string& sha256() const { return sha256_; }

 private:
  void Append(const std::string& bytes, int times);
  void Digest();

  // The memory that holds the pieces.
  std::vector<std::shared_ptr<const std::string>> parts_;
  std::vector<Piece> pieces_;
  uint64_t size_ = 0;
  std::string sha256_;
};

// Returns a bundle with `reports` reports, all different, in 1,000 files, with bug paths of the
// average length of the analyzer's. It is made in `directory`, where nothing remains.
absl::StatusOr<std::string> MakeBundle(int reports, const std::string& directory);

}  // namespace stored::bench
