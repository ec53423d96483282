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

// An element of a plist: a place in its PlistDocument, which outlives it.
class PlistNode {
 public:
  // None: what is looked for and not there.
  PlistNode() = default;
  PlistNode(const char* bytes, const XmlElement* element) : bytes_(bytes), element_(element) {}

  explicit operator bool() const { return element_ != nullptr; }

  bool IsDictionary() const { return Is(XmlElement::Kind::kDictionary); }
  bool IsArray() const { return Is(XmlElement::Kind::kArray); }
  bool IsKey() const { return Is(XmlElement::Kind::kKey); }

  // What stands between its tags, as it stands there; nothing of none, and where elements do.
  std::string_view raw_text() const {
    if (element_ == nullptr) return {};
    return {bytes_ + element_->text_begin, element_->text_end - element_->text_begin};
  }
  // The text within a <string>, <key>, <integer>, <real> or <date>; of <true/> and <false/> the
  // element's name. `text` is overwritten.
  void ReadText(std::string& text) const;
  // The same, without a copy where that can be: `scratch` may be what is returned.
  std::string_view Text(std::string& scratch) const;

  // The elements in it, in order; none of none.
  class Children;
  Children children() const;

  // Calls visit(std::string_view key, PlistNode value) for each entry of a <dict> until one answers
  // false. False when one did; `malformed` is set when keys and values do not alternate.
  template <typename Visit>
  bool ForEachEntry(bool& malformed, Visit visit) const;

  // The value of the last entry of this key, as far as keys and values alternate; else none.
  PlistNode FindValue(std::string_view key) const;

 private:
  // Whether Text() is `text`, which is plain; decodes only what may be.
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
  // `bytes` are those of a file, and outlive it; `name` is the file's name for messages.
  //
  // INVALID_ARGUMENT names the file, the line and what is wrong: no XML, cut short, a document type
  // with declarations of its own (entities), no plist with a dictionary. RESOURCE_EXHAUSTED when
  // there are far more elements than in any real plist of that size, or they are nested deeper than
  // XmlParser::kMaxDepth. Ill-formed UTF-8 is kept.
  static absl::StatusOr<PlistDocument> Parse(const std::string& bytes, const std::string& name);
  static absl::StatusOr<PlistDocument> Parse(std::string&& bytes, const std::string& name) = delete;

  // The outermost <dict>.
  PlistNode dictionary() const { return {bytes_, &elements_[1]}; }

 private:
  PlistDocument() = default;

  // What had to be converted.
  std::unique_ptr<std::string> converted_;
  const char* bytes_ = nullptr;
  std::vector<XmlElement> elements_;
};

}  // namespace stored::reports
