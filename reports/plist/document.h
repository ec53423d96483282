#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "pugixml.hpp"

namespace stored::reports {

// An XML property list (Apple's plist(5), DTD PropertyList-1.0) as a tree. Owns the bytes it was
// made of. Immutable; safe for concurrent use.
class PlistDocument {
 public:
  // Takes the bytes of a file; `name` is the file's name for messages.
  //
  // INVALID_ARGUMENT names the file, the line and what is wrong: no XML, cut short, a document type
  // with declarations of its own (entities), no plist with a dictionary. RESOURCE_EXHAUSTED when
  // the tree would be much larger than that of any real plist of that size. Ill-formed UTF-8 is
  // kept.
  static absl::StatusOr<PlistDocument> Parse(std::string bytes, const std::string& name);

  // The outermost <dict>.
  pugi::xml_node dictionary() const { return dictionary_; }

 private:
  struct Tree {
    std::string bytes;
    pugi::xml_document document;
  };

  // On the heap, as nodes and bytes must stay where they are.
  std::unique_ptr<Tree> tree_;
  pugi::xml_node dictionary_;
};

// The text within a <string>, <key>, <integer>, <real> or <date>; of <true/> and <false/> the
// element's name. `text` is overwritten.
void PlistText(pugi::xml_node node, std::string& text);

// Whether it is the element of this name. Asked some twenty times a diagnostic, of names of a few
// letters: looking for their end first, as a comparison of strings does, takes longer than this.
template <size_t N>
bool IsElement(pugi::xml_node node, const char (&name)[N]) {
  const char* const other = node.name();
  for (size_t i = 0; i < N; ++i) {
    if (other[i] != name[i]) return false;
  }
  return true;
}

inline bool IsPlistDictionary(pugi::xml_node node) { return IsElement(node, "dict"); }
inline bool IsPlistArray(pugi::xml_node node) { return IsElement(node, "array"); }

// The value of the first entry of this key, as far as keys and values alternate; else none.
pugi::xml_node FindPlistValue(pugi::xml_node dictionary, std::string_view key);

// Calls visit(std::string_view key, pugi::xml_node value) for each entry of a <dict> until one
// answers false. False when one did; `malformed` is set when keys and values do not alternate.
template <typename Visit>
bool ForEachPlistEntry(pugi::xml_node dictionary, bool& malformed, Visit visit) {
  for (pugi::xml_node node = dictionary.first_child(); node; node = node.next_sibling()) {
    const pugi::xml_node key = node;
    node = node.next_sibling();
    if (!node || !IsElement(key, "key")) {
      malformed = true;
      return false;
    }
    if (!visit(std::string_view(key.child_value()), node)) return false;
  }
  return true;
}

}  // namespace stored::reports
