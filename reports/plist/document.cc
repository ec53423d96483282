#include "reports/plist/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "base/status.h"

namespace stored::reports {
namespace {

// Memory for a tree. An element costs pugixml 64 bytes, and "<a/>" is all it takes to make one, so
// a hostile file could ask for sixteen times its size. The densest plist there can be, keys and
// one-digit integers without white space, needs less than four times its size.
constexpr size_t kTreeBytesPerByte = 5;
constexpr size_t kTreeBytesAtLeast = size_t{4} << 20;

// What the parse under way on this thread may still allocate.
thread_local size_t tree_budget = SIZE_MAX;

void* AllocateForTree(size_t size) {
  if (size > tree_budget) return nullptr;
  tree_budget -= size;
  return std::malloc(size);
}

// Bounds what pugixml allocates on this thread as long as it lives.
class TreeBudget {
 public:
  explicit TreeBudget(size_t bytes) {
    static const bool kInstalled = [] {
      pugi::set_memory_management_functions(&AllocateForTree, &std::free);
      return true;
    }();
    tree_budget = kInstalled ? bytes : 0;
  }
  ~TreeBudget() { tree_budget = SIZE_MAX; }
  TreeBudget(const TreeBudget&) = delete;
  TreeBudget& operator=(const TreeBudget&) = delete;
};

// 1-based line of the byte at `offset`.
size_t LineAt(std::string_view bytes, size_t offset) {
  const std::string_view before = bytes.substr(0, std::min(offset, bytes.size()));
  return static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
}

absl::Status Invalid(const std::string& name, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", name, what));
}

// What can be told without parsing.
absl::Status CheckStart(std::string_view bytes, const std::string& name) {
  if (bytes.substr(0, 6) == "bplist") {
    return Invalid(name, "a binary plist; convert it to XML (plutil -convert xml1)");
  }
  if (bytes.substr(0, 2) == "\xff\xfe" || bytes.substr(0, 2) == "\xfe\xff") {
    return Invalid(name, "UTF-16, not UTF-8; convert it to UTF-8");
  }
  std::string_view text = bytes;
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return Invalid(name, "empty; an XML plist was expected");
  if (text[start] != '<') return Invalid(name, "not XML: it does not start with '<'");
  if (const size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    return Invalid(name,
                   fmt::format("line {}: not XML: it has a NUL character", LineAt(bytes, nul)));
  }
  return absl::OkStatus();
}

absl::Status ParseError(const pugi::xml_parse_result& result, std::string_view bytes,
                        const std::string& name) {
  const auto offset = static_cast<size_t>(std::max<ptrdiff_t>(result.offset, 0));
  const size_t line = LineAt(bytes, offset);
  if (result.status == pugi::status_out_of_memory) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: line {}: far more elements than a plist of {} bytes can hold", name, line,
                    bytes.size()));
  }
  if (result.status == pugi::status_no_document_element) return Invalid(name, "no element in it");
  if (offset + 1 >= bytes.size()) {
    return Invalid(name,
                   fmt::format("line {}: cut short: the file ends before its last element", line));
  }
  return Invalid(name, fmt::format("line {}: not well-formed XML: {}", line, result.description()));
}

// Entities are only ever declared in an internal subset, "<!DOCTYPE plist [ ... ]>". pugixml
// expands none; a file that relies on them would be read wrong, and most such files are attacks.
absl::Status CheckDocumentType(const pugi::xml_document& document, const std::string& name) {
  for (const pugi::xml_node node : document.children()) {
    if (node.type() != pugi::node_doctype) continue;
    if (std::string_view(node.value()).find('[') != std::string_view::npos) {
      return Invalid(name, "its document type declares entities, which no plist needs; refused");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<pugi::xml_node> FindDictionary(const pugi::xml_document& document,
                                              const std::string& name) {
  pugi::xml_node root;
  for (const pugi::xml_node node : document.children()) {
    if (node.type() != pugi::node_element) continue;
    if (root) return Invalid(name, "not a plist: it has more than one outermost element");
    root = node;
  }
  if (std::string_view(root.name()) != "plist") {
    return Invalid(name, fmt::format("not a plist: its outermost element is <{:.64}>, not <plist>",
                                     root.name()));
  }
  const pugi::xml_node dictionary = root.first_child();
  if (!IsPlistDictionary(dictionary) || dictionary.next_sibling()) {
    return Invalid(name, "not an analyzer's plist: <plist> does not hold one <dict>");
  }
  return dictionary;
}

}  // namespace

absl::StatusOr<PlistDocument> PlistDocument::Parse(std::string bytes, const std::string& name) {
  STORED_RETURN_IF_ERROR(CheckStart(bytes, name));
  PlistDocument plist;
  plist.tree_ = std::make_unique<Tree>();
  plist.tree_->bytes = std::move(bytes);
  std::string& kept = plist.tree_->bytes;
  pugi::xml_document& document = plist.tree_->document;

  const TreeBudget budget(kTreeBytesAtLeast + kTreeBytesPerByte * kept.size());
  // Text kept in its element instead of in a child of it: half the nodes.
  constexpr unsigned kOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                pugi::parse_embed_pcdata | pugi::parse_ws_pcdata_single |
                                pugi::parse_doctype;
  const pugi::xml_parse_result result =
      document.load_buffer_inplace(kept.data(), kept.size(), kOptions, pugi::encoding_auto);
  if (!result) return ParseError(result, kept, name);
  STORED_RETURN_IF_ERROR(CheckDocumentType(document, name));
  STORED_ASSIGN_OR_RETURN(plist.dictionary_, FindDictionary(document, name));
  return plist;
}

void PlistText(pugi::xml_node node, std::string& text) {
  const char* const value = node.child_value();
  const pugi::xml_node first = node.first_child();
  text.clear();
  if (!first) {
    const std::string_view element = node.name();
    text = *value == '\0' && (element == "true" || element == "false") ? element : value;
    return;
  }
  // In pieces: CDATA sections, or text around a comment.
  if (value != first.value()) text = value;
  for (const pugi::xml_node piece : node.children()) {
    if (piece.type() != pugi::node_element) text += piece.value();
  }
}

pugi::xml_node FindPlistValue(pugi::xml_node dictionary, std::string_view key) {
  pugi::xml_node found;
  bool malformed = false;
  ForEachPlistEntry(dictionary, malformed, [&](std::string_view name, pugi::xml_node value) {
    if (name != key) return true;
    found = value;
    return false;
  });
  return found;
}

}  // namespace stored::reports
