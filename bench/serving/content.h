#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::bench {

// What is uploaded, in the pieces that become chunks. Digested when it is made, so that an upload
// costs the client no more than sending it.
class Content {
 public:
  // All of `bytes`.
  static Content Of(const std::string& bytes);
  // `head`, and after it noise up to `size` bytes or a piece more.
  static Content WithNoise(const std::string& head, uint64_t size);

  struct Piece {
    std::string_view data;
    uint32_t crc32c = 0;
  };
  const std::vector<Piece>& pieces() const { return pieces_; }
  uint64_t size() const { return size_; }
  // 64 hexadecimal digits.
  const std::string& sha256() const { return sha256_; }

 private:
  void Append(const std::string& bytes, int times);
  void Digest();

  // What the pieces lie in.
  std::vector<std::shared_ptr<const std::string>> parts_;
  std::vector<Piece> pieces_;
  uint64_t size_ = 0;
  std::string sha256_;
};

// A bundle with so many reports, all different, in 1,000 files, with bug paths as the analyzer's
// are on the average. `directory` is where it is made, and not kept.
absl::StatusOr<std::string> MakeBundle(int reports, const std::string& directory);

}  // namespace stored::bench
