#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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
  // The text is not what it means as it stands. Certain of keys; of other texts only where there
  // are comments, CDATA sections or instructions in it.
  bool coded = false;
};

// Finds the elements of an XML document (W3C, "Extensible Markup Language (XML) 1.0"), as plists
// have them: by name those that a plist is made of; an element has text or elements in it, not both
// beside one another; attributes are passed over; there is no internal subset of a document type,
// and so no entity but the five that XML has. What is refused and what is not is otherwise as in
// pugixml, which makes a tree of nodes of 64 bytes and takes twice the time.
class XmlParser {
 public:
  // `bytes` outlives it, has no NUL, and is followed by one. At most kMaxBytes of them.
  explicit XmlParser(const std::string& bytes);

  static constexpr size_t kMaxBytes = size_t{UINT32_MAX} - 1;

  enum class Result : uint8_t { kOk, kMalformed, kCutShort, kTooManyElements, kEntitiesDeclared };
  // Once.
  Result Parse();

  // After an error: what is wrong, and where.
  const char* error() const { return error_; }
  size_t error_offset() const { return static_cast<size_t>(at_ - begin_); }
  // When it has gone well; those outermost may be any number.
  std::vector<XmlElement> TakeElements() { return std::move(elements_); }
  // Of the first outermost element.
  std::string_view root_name() const { return root_name_; }

 private:
  // An element whose end tag is yet to come.
  struct Open {
    uint32_t element = 0;
    std::string_view name;
    bool has_text = false;
    bool has_elements = false;
  };

  bool ReadMarkup();
  bool ReadText();
  bool ReadStartTag();
  bool ReadEndTag();
  bool ReadDeclaration();
  bool ReadDocumentType();
  bool PassAttributes(const char*& at);
  // To behind `mark`, which is looked for from `from` on.
  bool PassTo(std::string_view mark, const char* from, const char* unclosed);
  bool NoteText();
  bool Fail(const char* error, Result result = Result::kMalformed);

  const char* const begin_;
  const char* const end_;
  const size_t max_elements_;
  const char* at_;
  std::vector<XmlElement> elements_;
  std::vector<Open> open_;
  std::string_view root_name_;
  const char* error_ = "";
  Result result_ = Result::kOk;
};

// What the text between two tags means: entities and character references replaced, line ends as
// \n, CDATA sections as what they hold, comments and instructions left out. A reference that means
// nothing stays as it is.
void DecodeXmlText(std::string_view raw, std::string& text);
// Whether DecodeXmlText would answer the same.
bool IsPlainXmlText(std::string_view raw);

}  // namespace stored::reports
