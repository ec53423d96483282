#include "reports/content_digest.h"

#include <xxhash.h>

#include <cstring>
#include <type_traits>

namespace stored::reports {
namespace {

// Encodes fields one after another so that no two reports yield the same bytes: a number has a
// fixed width (little-endian on every machine that this is built for), and a text or list is
// preceded by its length.
class Encoder {
 public:
  Encoder(const std::vector<uint64_t>& path_digests, std::string& buffer)
      : path_digests_(path_digests), buffer_(buffer) {}

  void Add(const Report& report) {
    Add(report.analyzer_name);
    Add(report.category);
    Add(report.type);
    Add(report.message);
    Add(static_cast<uint8_t>(report.severity));
    Add(static_cast<uint8_t>(report.severity_is_default));
    Add(report.location);
    Add(report.logical_location);
    Add(report.bug_path);
  }
  void AddContext(const Report& report) {
    Add(report.logical_location);
    AddEach(report.bug_path.notes);
    AddEach(report.bug_path.further_paths);
  }

 private:
  template <typename Number>
  requires std::is_integral_v<Number>
  void Add(Number number) {
    char bytes[sizeof(number)];
    std::memcpy(bytes, &number, sizeof(number));
    buffer_.append(bytes, sizeof(bytes));
  }
  void Add(const std::string& text) {
    Add(static_cast<uint32_t>(text.size()));
    buffer_ += text;
  }
  template <typename Item>
  void AddEach(const std::vector<Item>& items) {
    Add(static_cast<uint32_t>(items.size()));
    for (const Item& item : items) Add(item);
  }

  uint64_t PathDigest(FileIndex file) const {
    return file < path_digests_.size() ? path_digests_[file] : 0;
  }
  // Appends all numbers of a place at once, because reports have many places.
  template <typename Place>
  requires std::has_unique_object_representations_v<Place>
  void AddPlace(const Place& place) {
    buffer_.append(reinterpret_cast<const char*>(&place), sizeof(place));
  }
  void Add(const Location& location) {
    const struct {
      uint64_t path;
      uint32_t line;
      uint32_t column;
    } place = {PathDigest(location.file), location.line, location.column};
    AddPlace(place);
  }
  void Add(const Range& range) {
    const struct {
      uint64_t path;
      uint32_t numbers[4];
    } place = {PathDigest(range.file),
               {range.start_line, range.start_column, range.end_line, range.end_column}};
    AddPlace(place);
  }
  void Add(const BugPathEvent& event) {
    Add(event.location);
    Add(event.message);
    Add(event.depth);
    AddEach(event.ranges);
  }
  void Add(const MacroExpansion& macro) {
    Add(macro.location);
    Add(macro.name);
    Add(macro.expansion);
  }
  void Add(const std::vector<BugPathEvent>& steps) { AddEach(steps); }
  void Add(const BugPath& bug_path) {
    // The places and messages of events are left out because they are part of the identity.
    for (const BugPathEvent& event : bug_path.events) {
      Add(event.depth);
      AddEach(event.ranges);
    }
    AddEach(bug_path.positions);
    AddEach(bug_path.notes);
    AddEach(bug_path.macro_expansions);
    AddEach(bug_path.further_paths);
  }

  const std::vector<uint64_t>& path_digests_;
  std::string& buffer_;
};

}  // namespace

void ContentDigester::AddFile(std::string_view path) {
  path_digests_.push_back(XXH3_64bits(path.data(), path.size()));
}

uint64_t ContentDigester::DigestOf(const Report& report) {
  Clear();
  Encoder(path_digests_, buffer_).Add(report);
  return DigestOfBuffer();
}

uint64_t ContentDigester::ContextDigestOf(const Report& report) {
  Clear();
  Encoder(path_digests_, buffer_).AddContext(report);
  return DigestOfBuffer();
}

void ContentDigester::Clear() {
  // Frees the memory that an enormous report took.
  constexpr size_t kKept = size_t{1} << 20;
  if (buffer_.capacity() > kKept) std::string().swap(buffer_);
  buffer_.clear();
}

uint64_t ContentDigester::DigestOfBuffer() const {
  const uint64_t digest = XXH3_64bits(buffer_.data(), buffer_.size());
  return digest != 0 ? digest : 1;
}

}  // namespace stored::reports
