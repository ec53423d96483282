#include "reports/reviews/yaml_document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <map>
#include <new>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/reviews/line_reader.h"

namespace stored::reports {
namespace {

std::string Place(const std::string& name, int64_t line, int64_t column) {
  return fmt::format("{}: line {}, column {}", name, line, column);
}

// An exception, because yaml-cpp's parser cannot be stopped by other means.
class OverLimit final : public std::exception {
 public:
  OverLimit(const YAML::Mark& mark, std::string what) : mark_(mark), what_(std::move(what)) {}

  const char* what() const noexcept override { return what_.c_str(); }
  const YAML::Mark& mark() const { return mark_; }

 private:
  const YAML::Mark mark_;
  const std::string what_;
};

// Builds the tree from yaml-cpp's events.
class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlDocument Take() {
    if (document_.nodes.empty()) document_.nodes.emplace_back();
    return std::move(document_);
  }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode& node = Add(YamlNode::Kind::kNull, mark, anchor);
    if (open_.empty()) return;
    // yaml-cpp reports a missing value at the place of the next token.
    const YamlNode& parent = document_.nodes[open_.back()];
    if (parent.kind != YamlNode::Kind::kMapping || parent.children.size() % 2 != 0) return;
    const YamlNode& key = document_.nodes[parent.children[parent.children.size() - 2]];
    node.line = key.line;
    node.column = key.column;
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    // Unreachable as long as yaml-cpp reports each anchor before its aliases.
    if (found == anchors_.end()) throw YAML::ParserException(mark, "unknown anchor");
    if (open_.empty()) return;
    if (++aliases_ > kMaxYamlNodes) {
      throw OverLimit(mark, fmt::format("more than {} aliases", kMaxYamlNodes));
    }
    document_.nodes[open_.back()].children.push_back(found->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode& node = Add(YamlNode::Kind::kScalar, mark, anchor);
    node.plain = tag == "?";
    node.text = value;
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kSequence, mark, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kMapping, mark, anchor);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  YamlNode& Add(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (document_.nodes.size() == kMaxYamlNodes) {
      throw OverLimit(mark, fmt::format("more than {} values", kMaxYamlNodes));
    }
    const auto index = static_cast<uint32_t>(document_.nodes.size());
    if (!open_.empty()) document_.nodes[open_.back()].children.push_back(index);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = index;
    YamlNode& node = document_.nodes.emplace_back();
    node.kind = kind;
    node.line = static_cast<uint32_t>(mark.line + 1);
    node.column = static_cast<uint32_t>(mark.column + 1);
    return node;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() == kMaxYamlDepth) {
      throw OverLimit(mark, fmt::format("nested more than {} deep", kMaxYamlDepth));
    }
    Add(kind, mark, anchor);
    open_.push_back(static_cast<uint32_t>(document_.nodes.size() - 1));
  }

  YamlDocument document_;
  // The sequences and mappings around the next node, the innermost last.
  std::vector<uint32_t> open_;
  std::map<YAML::anchor_t, uint32_t> anchors_;
  size_t aliases_ = 0;
};

// Refuses control characters. YAML does not have them (1.1, section 4.1.1), and yaml-cpp takes some
// of them for the end of the text.
absl::Status CheckCharacters(std::string_view text, const std::string& name) {
  if (!IsValidUtf8(text)) {
    for (LineReader reader(text); reader.Next();) {
      if (IsValidUtf8(reader.line())) continue;
      return absl::InvalidArgumentError(
          fmt::format("{}: line {}: not UTF-8", name, reader.number()));
    }
  }
  for (LineReader reader(text); reader.Next();) {
    for (size_t i = 0; i < reader.line().size(); ++i) {
      const auto byte = static_cast<uint8_t>(reader.line()[i]);
      if ((byte >= 0x20 && byte != 0x7f) || byte == '\t') continue;
      return absl::InvalidArgumentError(
          fmt::format("{}: control character \\x{:02x}",
                      Place(name, reader.number(), static_cast<int64_t>(i + 1)), byte));
    }
  }
  return absl::OkStatus();
}

absl::Status SyntaxError(const YAML::Exception& error, const std::string& name) {
  const std::string place =
      error.mark.is_null() ? name : Place(name, error.mark.line + 1, error.mark.column + 1);
  const bool star =
      error.msg.find("alias") != std::string::npos || error.msg.find("anchor") != std::string::npos;
  return absl::InvalidArgumentError(
      fmt::format("{}: not valid YAML: {}{}", place, Printable(error.msg),
                  star ? " (a value that begins with \"*\" or \"&\" needs quotes)" : ""));
}

}  // namespace

absl::StatusOr<YamlDocument> ReadYaml(const std::string& text, const std::string& name) {
  STORED_RETURN_IF_ERROR(CheckCharacters(text, name));
  try {
    // The document end mark is added because without it yaml-cpp accepts a text that is cut short
    // within quotes.
    std::istringstream stream(text + (text.ends_with('\n') ? "...\n" : "\n...\n"));
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder)) return builder.Take();
    TreeBuilder rest;
    if (parser.HandleNextDocument(rest)) {
      const YamlNode second = rest.Take().nodes.front();
      return absl::InvalidArgumentError(
          fmt::format("{}: a second document begins; only one is read", PlaceOf(second, name)));
    }
    return builder.Take();
  } catch (const OverLimit& error) {
    return absl::ResourceExhaustedError(fmt::format(
        "{}: {}", Place(name, error.mark().line + 1, error.mark().column + 1), error.what()));
  } catch (const YAML::Exception& error) {
    return SyntaxError(error, name);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: there is not enough memory to read it", name));
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(
        fmt::format("{}: not valid YAML: {}", name, Printable(error.what())));
  }
}

std::string PlaceOf(const YamlNode& node, const std::string& name) {
  return Place(name, node.line, node.column);
}

}  // namespace stored::reports
