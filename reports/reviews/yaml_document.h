#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::reports {

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kSequence, kMapping };
  Kind kind = Kind::kNull;
  // Of a scalar: whether it stands without quotes, so that it may be meant as a number.
  bool plain = false;
  // Where it begins, from 1; of a value that is null, where its key does.
  uint32_t line = 1;
  uint32_t column = 1;
  // Of a scalar.
  std::string text;
  // Places in YamlDocument::nodes. Of a mapping: a key, its value, the next key, ... An alias is
  // the node that it stands for, so a node may have several parents, or be below itself.
  std::vector<uint32_t> children;
};

// One YAML document as a tree. Its size is bounded by that of its text: aliases are not expanded.
struct YamlDocument {
  // The root first. Not empty.
  std::vector<YamlNode> nodes;
};

// More in one document is refused: nodes, and sequences and mappings within one another.
inline constexpr size_t kMaxYamlNodes = 200'000;
inline constexpr size_t kMaxYamlDepth = 64;

// INVALID_ARGUMENT names `name`, line, column and what is wrong; RESOURCE_EXHAUSTED what is over a
// limit. An empty text is a null node.
absl::StatusOr<YamlDocument> ReadYaml(const std::string& text, const std::string& name);

// "NAME: line 3, column 7", for messages about `node`.
std::string PlaceOf(const YamlNode& node, const std::string& name);

}  // namespace stored::reports
