#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stored::reports {

// An element of an XML document, in a list of all of them in the order of their start tags: what is
// within an element follows it.
struct XmlElement {
  enum class Kind : uint8_t { kDictionary, kArray, kKey, kTrue, kFalse, kOther };

  // Where the text between its tags begins and ends; the same when there is none, or elements are.
  uint32_t text_begin = 0;
  uint32_t text_end = 0;
  // Elements up to the next one that is not within it, itself included: at least 1.
  uint32_t size = 1;
  Kind kind = Kind::kOther;
  // There are comments, CDATA sections or instructions directly in it.
  bool has_markup = false;
};

// Finds the elements of an XML document (W3C, "Extensible Markup Language (XML) 1.0"), as plists
// have them: told apart by name are those that a plist is made of; attributes are passed over; text
// that stands beside elements is ignored, as Python's plistlib does; there is no internal subset of
// a document type, and so no entity but the five that XML has.
//
// It does what a parser that makes a tree does, pugixml for one, in half the time and a quarter of
// the memory, for analyzers write hundreds of megabytes of plists. First all '<' are looked for,
// a block of bytes at a time, so that neither indentation nor text has to be looked at.
class XmlParser {
 public:
  // `bytes` outlives it and has no NUL. At most kMaxBytes of them.
  explicit XmlParser(const std::string& bytes);

  static constexpr size_t kMaxBytes = size_t{UINT32_MAX} - 1;

  // Analyzers nest some ten elements.
  static constexpr size_t kMaxDepth = 256;

  enum class Result : uint8_t {
    kOk,
    kMalformed,
    kCutShort,
    kTooManyElements,
    kTooDeep,
    kEntitiesDeclared,
  };
  // Once.
  Result Parse();

  // After an error: what is wrong, and where.
  const char* error() const { return error_; }
  size_t error_offset() const { return static_cast<size_t>(tag_ - begin_); }
  // When it has gone well; those outermost may be any number.
  std::vector<XmlElement> TakeElements() { return std::move(elements_); }
  // Of the first outermost element.
  std::string_view root_name() const { return root_name_; }

 private:
  // An element whose end tag is yet to come.
  struct Open {
    uint32_t element = 0;
    std::string_view name;
  };

  // The next '<' behind the last one taken; the end when there is none.
  const char* NextTag() {
    if (next_ == found_) FindTags();
    return begin_ + tags_[next_];
  }
  void FindTags();
  // Those before `at` were no tags.
  void ContinueAt(const char* at);

  bool ReadTag();
  template <size_t N>
  bool ReadShort(const char (&name)[N], XmlElement::Kind kind);
  bool ReadStartTag();
  bool PassAttributes(const char*& at);
  bool ReadEndTag();
  bool ReadDeclaration();
  bool ReadDocumentType();
  // To behind `mark`, which is looked for from `from` on.
  bool PassTo(std::string_view mark, const char* from, const char* unclosed);
  void NoteMarkup();
  bool Fail(const char* error, Result result = Result::kMalformed);

  size_t Left(const char* at) const { return static_cast<size_t>(end_ - at); }
  uint32_t Offset(const char* at) const { return static_cast<uint32_t>(at - begin_); }

  const char* const begin_;
  const char* const end_;
  const size_t max_elements_;
  // Where the tags begin that were found last, and up to where they were looked for.
  std::array<uint32_t, 1024> tags_;
  size_t found_ = 0;
  size_t next_ = 0;
  const char* searched_;
  // The one that is being read.
  const char* tag_;
  std::vector<XmlElement> elements_;
  std::vector<Open> open_;
  std::string_view root_name_;
  const char* error_ = "";
  Result result_ = Result::kOk;
};

}  // namespace stored::reports
