#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/plist/xml_parser.h"

namespace stored::reports {

// An element of a plist. It points into its PlistDocument, which must outlive it.
class PlistNode {
 public:
  // Constructs a null node, which stands for an element that was not found.
  PlistNode() = default;
  PlistNode(const char* bytes, const XmlElement* element) : bytes_(bytes), element_(element) {}

  explicit operator bool() const { return element_ != nullptr; }

  bool IsDictionary() const { return Is(XmlElement::Kind::kDictionary); }
  bool IsArray() const { return Is(XmlElement::Kind::kArray); }
  bool IsKey() const { return Is(XmlElement::Kind::kKey); }

  // Returns the text between the tags, not decoded. Empty for a null node, and for an element that
  // contains elements.
  std::string_view raw_text() const {
    if (element_ == nullptr) return {};
    return {bytes_ + element_->text_begin, element_->text_end - element_->text_begin};
  }
  // Sets `text` to the decoded text of a <string>, <key>, <integer>, <real> or <date>; for <true/>
  // and <false/>, to the element's name.
  void ReadText(std::string& text) const;
  // Same, but avoids a copy if possible. The result may point into `scratch`.
  std::string_view Text(std::string& scratch) const;

  // Returns the elements within this one, in order; a null node has none.
  class Children;
  Children children() const;

  // Calls visit(std::string_view key, PlistNode value) for each entry of a <dict> until one call
  // returns false; returns false in that case. If keys and values do not alternate, sets
  // `malformed` and returns false.
  template <typename Visit>
  bool ForEachEntry(bool& malformed, Visit visit) const;

  // Returns the value of the last entry with this key, or a null node. Stops where keys and values
  // do not alternate.
  PlistNode FindValue(std::string_view key) const;

 private:
  // Returns true if Text() is `text`, which must be plain. Decodes only if needed.
  bool TextIs(std::string_view text) const;
  bool Is(XmlElement::Kind kind) const { return element_ != nullptr && element_->kind == kind; }

  const char* bytes_ = nullptr;
  const XmlElement* element_ = nullptr;
};

class PlistNode::Children {
 public:
  class Iterator {
   public:
    Iterator(const char* bytes, const XmlElement* at) : bytes_(bytes), at_(at) {}
    PlistNode operator*() const { return {bytes_, at_}; }
    Iterator& operator++() {
      at_ += at_->size;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const char* bytes_;
    const XmlElement* at_;
  };

  Children(const char* bytes, const XmlElement* first, const XmlElement* end)
      : bytes_(bytes), first_(first), end_(end) {}
  Iterator begin() const { return {bytes_, first_}; }
  Iterator end() const { return {bytes_, end_}; }

 private:
  const char* bytes_;
  const XmlElement* first_;
  const XmlElement* end_;
};

inline PlistNode::Children PlistNode::children() const {
  if (element_ == nullptr) return {bytes_, nullptr, nullptr};
  return {bytes_, element_ + 1, element_ + element_->size};
}

template <typename Visit>
bool PlistNode::ForEachEntry(bool& malformed, Visit visit) const {
  const Children all = children();
  std::string scratch;
  for (auto at = all.begin(); at != all.end(); ++at) {
    const PlistNode key = *at;
    if (++at == all.end() || !key.IsKey()) {
      malformed = true;
      return false;
    }
    if (!visit(key.Text(scratch), *at)) return false;
  }
  return true;
}

// An XML property list (Apple's plist(5), DTD PropertyList-1.0). Immutable; safe for concurrent
// use.
class PlistDocument {
 public:
  // Parses the bytes of a file, which must outlive the document. `name` is the file's name for
  // messages.
  //
  // INVALID_ARGUMENT names the file, the line and the fault: not XML, cut short, a document type
  // with its own declarations (entities), not a plist with a dictionary. RESOURCE_EXHAUSTED if
  // there are far more elements than in any real plist of that size, or if they are nested deeper
  // than XmlParser::kMaxDepth. Ill-formed UTF-8 is kept.
  static absl::StatusOr<PlistDocument> Parse(const std::string& bytes, const std::string& name);
  static absl::StatusOr<PlistDocument> Parse(std::string&& bytes, const std::string& name) = delete;

  // Returns the outermost <dict>.
  PlistNode dictionary() const { return {bytes_, &elements_[1]}; }

 private:
  PlistDocument() = default;

  // The text in UTF-8, if it had to be converted.
  std::unique_ptr<std::string> converted_;
  const char* bytes_ = nullptr;
  std::vector<XmlElement> elements_;
};

}  // namespace stored::reports
