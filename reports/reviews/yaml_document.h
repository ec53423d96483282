#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::reports {

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kSequence, kMapping };
  Kind kind = Kind::kNull;
  // True for a scalar without quotes, which may be meant as a number.
  bool plain = false;
  // The place where the node begins, from 1; for a null value, the place of its key.
  uint32_t line = 1;
  uint32_t column = 1;
  // The text of a scalar.
  std::string text;
  // Indices in YamlDocument::nodes; for a mapping: a key, its value, the next key, ... An alias is
  // the node that it stands for, so that a node may have several parents, or be below itself.
  std::vector<uint32_t> children;
};

// One YAML document as a tree. Its size is bounded by that of its text, because aliases are not
// expanded.
struct YamlDocument {
  // The root comes first. Not empty.
  std::vector<YamlNode> nodes;
};

// Limits for one document: the number of nodes, and the nesting of sequences and mappings.
inline constexpr size_t kMaxYamlNodes = 200'000;
inline constexpr size_t kMaxYamlDepth = 64;

// Parses a YAML document. INVALID_ARGUMENT names `name`, line, column and the fault;
// RESOURCE_EXHAUSTED if a limit is exceeded. An empty text is a null node.
absl::StatusOr<YamlDocument> ReadYaml(const std::string& text, const std::string& name);

// Returns "NAME: line 3, column 7", for messages about `node`.
std::string PlaceOf(const YamlNode& node, const std::string& name);

}  // namespace stored::reports
