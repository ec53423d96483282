#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stored::reports {

// An element of an XML document. The elements are listed in the order of their start tags, so that
// those within an element follow it.
struct XmlElement {
  enum class Kind : uint8_t { kDictionary, kArray, kKey, kTrue, kFalse, kOther };

  // The bounds of the text between the tags; equal if there is no text, or if there are elements.
  uint32_t text_begin = 0;
  uint32_t text_end = 0;
  // The number of elements up to the next one that is not within this one, itself included; at
  // least 1.
  uint32_t size = 1;
  Kind kind = Kind::kOther;
  // True if comments, CDATA sections or instructions are directly in it.
  bool has_markup = false;
};

// Finds the elements of an XML document (W3C, "Extensible Markup Language (XML) 1.0") that is a
// plist. Distinguishes the names of the elements that make up a plist. Skips attributes, and
// ignores text beside elements as Python's plistlib does. A document type may not have an internal
// subset, so that XML's five entities are the only ones.
//
// A parser that builds a tree, such as pugixml, takes twice the time and four times the memory, and
// analyzers write hundreds of megabytes of plists. This parser first searches for '<' in whole
// blocks of bytes, so that it need not inspect indentation or text.
class XmlParser {
 public:
  // `bytes` must outlive the parser. REQUIRES: `bytes` has no NUL and at most kMaxBytes bytes.
  explicit XmlParser(const std::string& bytes);

  static constexpr size_t kMaxBytes = size_t{UINT32_MAX} - 1;

  // Analyzers nest about ten elements.
  static constexpr size_t kMaxDepth = 256;

  enum class Result : uint8_t {
    kOk,
    kMalformed,
    kCutShort,
    kTooManyElements,
    kTooDeep,
    kEntitiesDeclared,
  };
  // REQUIRES: called once.
  Result Parse();

  // Return the fault and its place. REQUIRES: Parse() returned an error.
  const char* error() const { return error_; }
  size_t error_offset() const { return static_cast<size_t>(tag_ - begin_); }
  // Returns the elements, of which any number may be outermost. REQUIRES: Parse() returned kOk.
  std::vector<XmlElement> TakeElements() { return std::move(elements_); }
  // Returns the name of the first outermost element.
  std::string_view root_name() const { return root_name_; }

 private:
  // An element whose end tag has not been read.
  struct Open {
    uint32_t element = 0;
    std::string_view name;
  };

  // Returns the next '<' after the last one taken, or the end of the text.
  const char* NextTag() {
    if (next_ == found_) FindTags();
    return begin_ + tags_[next_];
  }
  // Finds the next tags, and at the end of the text adds the end as one.
  void FindTags();
  // Continues at `at`; each '<' before it is not a tag.
  void ContinueAt(const char* at);

  bool ReadTag();
  template <size_t N>
  bool ReadShort(const char (&name)[N], XmlElement::Kind kind);
  bool ReadStartTag();
  bool PassAttributes(const char*& at);
  bool ReadEndTag();
  bool ReadDeclaration();
  bool ReadDocumentType();
  // Moves past the next `mark`, searching from `from`. Fails with `unclosed` if there is none.
  bool PassTo(std::string_view mark, const char* from, const char* unclosed);
  void NoteMarkup();
  bool Fail(const char* error, Result result = Result::kMalformed);

  size_t Left(const char* at) const { return static_cast<size_t>(end_ - at); }
  uint32_t Offset(const char* at) const { return static_cast<uint32_t>(at - begin_); }

  const char* const begin_;
  const char* const end_;
  const size_t max_elements_;
  // The tags that were found last, and the place up to which the text was searched.
  std::array<uint32_t, 1024> tags_;
  size_t found_ = 0;
  size_t next_ = 0;
  const char* searched_;
  // The tag that is being read.
  const char* tag_;
  std::vector<XmlElement> elements_;
  std::vector<Open> open_;
  std::string_view root_name_;
  const char* error_ = "";
  Result result_ = Result::kOk;
};

}  // namespace stored::reports
