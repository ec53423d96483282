#include "reports/inputs/metadata.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace stored::reports {
namespace {

namespace dom = simdjson::dom;

// A value and where in the file it is ("tools[0].analyzers.clangsa"), for messages.
struct Node {
  dom::element value;
  std::string where;

  bool IsObject() const { return value.is_object(); }
  bool IsArray() const { return value.is_array(); }
};

// Reads one metadata.json. Its members say what is wrong by field; `name_` is put in front of that.
class Reader {
 public:
  Reader(std::string name, const Limits& limits) : name_(std::move(name)), limits_(limits) {}

  absl::StatusOr<Metadata> Read(std::string bytes) {
    if (bytes.size() > std::min(limits_.max_result_file_bytes, kMaxMetadataBytes)) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: larger than the limit of {} bytes", name_,
                      std::min(limits_.max_result_file_bytes, kMaxMetadataBytes)));
    }
    STORED_ASSIGN_OR_RETURN(const Node root, Parse(std::move(bytes)));
    if (!root.IsObject()) return Wrong("the top", "is no object");
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> tools, Field(root, "tools"));
    STORED_ASSIGN_OR_RETURN(const int64_t version, Integer(root, "version", tools ? 2 : 1));
    if (version > 2) {
      return Wrong("version", fmt::format("{} is not known; 1 and 2 are", version));
    }
    if (version == 2) return ReadVersion2(tools);
    return ReadVersion1(root);
  }

 private:
  absl::StatusOr<Node> Parse(std::string bytes) {
    simdjson::error_code error = parser_.allocate(std::max<size_t>(bytes.size(), 1),
                                                  std::max<uint32_t>(limits_.max_json_depth, 1));
    dom::element root;
    if (error == simdjson::SUCCESS) error = parser_.parse(bytes).get(root);
    if (error == simdjson::UTF8_ERROR) {
      // Old file systems have names in Latin-1; that is no reason to lose the rest.
      bytes = ReplaceInvalidUtf8(bytes);
      error = parser_.parse(bytes).get(root);
    }
    if (error == simdjson::DEPTH_ERROR) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: arrays and objects more than {} deep", name_, limits_.max_json_depth));
    }
    if (error != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(
          fmt::format("{}: not JSON: {}", name_, simdjson::error_message(error)));
    }
    return Node{root, ""};
  }

  absl::StatusOr<Metadata> ReadVersion2(const std::optional<Node>& tools) {
    if (!tools) return Wrong("tools", "is missing");
    if (!tools->IsArray()) return Wrong(tools->where, "is no array");
    Metadata metadata;
    size_t index = 0;
    for (const dom::element value : dom::array(tools->value)) {
      const Node tool{value, fmt::format("tools[{}]", index++)};
      if (!tool.IsObject()) return Wrong(tool.where, "is no object");
      STORED_ASSIGN_OR_RETURN(Analysis analysis, ReadCommon(tool));
      STORED_ASSIGN_OR_RETURN(analysis.tool_name, Name(tool, "name"));
      STORED_ASSIGN_OR_RETURN(analysis.tool_version, Name(tool, "version"));
      STORED_ASSIGN_OR_RETURN(const std::optional<Node> analyzers, Object(tool, "analyzers"));
      if (analyzers) STORED_RETURN_IF_ERROR(ReadAnalyzers(*analyzers, &analysis));
      if (metadata.run_name.empty()) {
        STORED_ASSIGN_OR_RETURN(metadata.run_name, Name(tool, "run_name"));
      }
      metadata.analyses.push_back(std::move(analysis));
    }
    return metadata;
  }

  // One tool, CodeChecker itself, spread over the top level.
  absl::StatusOr<Metadata> ReadVersion1(const Node& root) {
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> checkers, Object(root, "checkers"));
    if (!checkers) return Wrong("the top", "has neither \"tools\" nor \"checkers\"");
    Metadata metadata;
    STORED_ASSIGN_OR_RETURN(metadata.run_name, Name(root, "name"));
    STORED_ASSIGN_OR_RETURN(Analysis analysis, ReadCommon(root));
    analysis.tool_name = "codechecker";
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> versions, Object(root, "versions"));
    if (versions) {
      STORED_ASSIGN_OR_RETURN(analysis.tool_version, Name(*versions, "codechecker"));
    }
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> statistics,
                            Object(root, "analyzer_statistics"));
    for (const dom::key_value_pair& field : dom::object(checkers->value)) {
      AnalyzerRun analyzer;
      STORED_ASSIGN_OR_RETURN(analyzer.name, Bounded(field.key, checkers->where));
      STORED_RETURN_IF_ERROR(ReadCheckers(Child(*checkers, field), &analyzer));
      if (statistics) {
        STORED_ASSIGN_OR_RETURN(const std::optional<Node> own, Object(*statistics, field.key));
        if (own) STORED_RETURN_IF_ERROR(ReadStatistics(*own, &analyzer));
      }
      analysis.analyzers.push_back(std::move(analyzer));
    }
    metadata.analyses.push_back(std::move(analysis));
    return metadata;
  }

  // What a tool of version 2 and the top level of version 1 have alike.
  absl::StatusOr<Analysis> ReadCommon(const Node& node) {
    Analysis analysis;
    STORED_ASSIGN_OR_RETURN(analysis.command, Strings(node, "command"));
    STORED_ASSIGN_OR_RETURN(analysis.working_directory, Text(node, "working_directory"));
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> times, Object(node, "timestamps"));
    if (times) {
      STORED_ASSIGN_OR_RETURN(analysis.begin_time, Number(*times, "begin"));
      STORED_ASSIGN_OR_RETURN(analysis.end_time, Number(*times, "end"));
    }
    return analysis;
  }

  absl::Status ReadAnalyzers(const Node& analyzers, Analysis* analysis) {
    for (const dom::key_value_pair& field : dom::object(analyzers.value)) {
      const Node node = Child(analyzers, field);
      if (!node.IsObject()) return Wrong(node.where, "is no object");
      AnalyzerRun analyzer;
      STORED_ASSIGN_OR_RETURN(analyzer.name, Bounded(field.key, analyzers.where));
      STORED_ASSIGN_OR_RETURN(const std::optional<Node> checkers, Field(node, "checkers"));
      if (checkers) STORED_RETURN_IF_ERROR(ReadCheckers(*checkers, &analyzer));
      STORED_ASSIGN_OR_RETURN(const std::optional<Node> statistics,
                              Object(node, "analyzer_statistics"));
      if (statistics) STORED_RETURN_IF_ERROR(ReadStatistics(*statistics, &analyzer));
      analysis->analyzers.push_back(std::move(analyzer));
    }
    return absl::OkStatus();
  }

  // {checker: enabled}, or in old files an array of those enabled.
  absl::Status ReadCheckers(const Node& checkers, AnalyzerRun* analyzer) {
    if (checkers.IsArray()) {
      for (const dom::element value : dom::array(checkers.value)) {
        std::string_view checker;
        if (value.get(checker) != simdjson::SUCCESS) {
          return Wrong(checkers.where, "has what is no text");
        }
        STORED_ASSIGN_OR_RETURN(std::string bounded, Bounded(checker, checkers.where));
        analyzer->checkers.push_back({std::move(bounded), true});
      }
      return absl::OkStatus();
    }
    if (!checkers.IsObject()) return Wrong(checkers.where, "is neither object nor array");
    for (const dom::key_value_pair& field : dom::object(checkers.value)) {
      bool enabled = false;
      if (field.value.get(enabled) != simdjson::SUCCESS) {
        return Wrong(Child(checkers, field).where, "is neither true nor false");
      }
      STORED_ASSIGN_OR_RETURN(std::string checker, Bounded(field.key, checkers.where));
      analyzer->checkers.push_back({std::move(checker), enabled});
    }
    return absl::OkStatus();
  }

  absl::Status ReadStatistics(const Node& node, AnalyzerRun* analyzer) {
    STORED_ASSIGN_OR_RETURN(analyzer->version, Name(node, "version"));
    STORED_ASSIGN_OR_RETURN(analyzer->successful, Count(node, "successful"));
    STORED_ASSIGN_OR_RETURN(analyzer->failed, Count(node, "failed"));
    STORED_ASSIGN_OR_RETURN(analyzer->failed_sources, Strings(node, "failed_sources"));
    return absl::OkStatus();
  }

  static Node Child(const Node& parent, const dom::key_value_pair& field) {
    return Node{field.value, fmt::format("{}.{}", parent.where, Printable(field.key))};
  }

  absl::Status Wrong(std::string_view where, std::string_view what) const {
    return absl::InvalidArgumentError(fmt::format("{}: {} {}", name_, where, what));
  }

  // The fields: nothing (or the default) where there is none.
  absl::StatusOr<std::optional<Node>> Field(const Node& parent, std::string_view key) const {
    dom::element value;
    const simdjson::error_code error = parent.value.at_key(key).get(value);
    if (error == simdjson::NO_SUCH_FIELD) return std::nullopt;
    if (error != simdjson::SUCCESS) return Wrong(parent.where, "is no object");
    if (value.is_null()) return std::nullopt;
    return Node{value,
                parent.where.empty() ? std::string(key) : fmt::format("{}.{}", parent.where, key)};
  }

  absl::StatusOr<std::optional<Node>> Object(const Node& parent, std::string_view key) const {
    STORED_ASSIGN_OR_RETURN(std::optional<Node> node, Field(parent, key));
    if (node && !node->IsObject()) return Wrong(node->where, "is no object");
    return node;
  }

  absl::StatusOr<int64_t> Integer(const Node& parent, std::string_view key, int64_t otherwise) {
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> node, Field(parent, key));
    int64_t number = otherwise;
    if (node && node->value.get(number) != simdjson::SUCCESS) {
      return Wrong(node->where, "is no whole number");
    }
    return number;
  }

  absl::StatusOr<uint32_t> Count(const Node& parent, std::string_view key) {
    STORED_ASSIGN_OR_RETURN(const int64_t number, Integer(parent, key, 0));
    if (number < 0 || number > std::numeric_limits<uint32_t>::max()) {
      return Wrong(fmt::format("{}.{}", parent.where, key),
                   fmt::format("is out of range: {}", number));
    }
    return static_cast<uint32_t>(number);
  }

  absl::StatusOr<double> Number(const Node& parent, std::string_view key) {
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> node, Field(parent, key));
    double number = 0;
    if (node && node->value.get(number) != simdjson::SUCCESS) {
      return Wrong(node->where, "is no number");
    }
    return number;
  }

  absl::StatusOr<std::string> Text(const Node& parent, std::string_view key) {
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> node, Field(parent, key));
    if (!node) return std::string();
    return TextOf(*node);
  }

  absl::StatusOr<std::string> TextOf(const Node& node) const {
    std::string_view text;
    if (node.value.get(text) != simdjson::SUCCESS) return Wrong(node.where, "is no text");
    if (text.size() > limits_.max_text_bytes) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: {} is longer than {} bytes", name_, node.where, limits_.max_text_bytes));
    }
    return std::string(text);
  }

  absl::StatusOr<std::string> Name(const Node& parent, std::string_view key) {
    STORED_ASSIGN_OR_RETURN(const std::string text, Text(parent, key));
    return Bounded(text, parent.where.empty() ? key : fmt::format("{}.{}", parent.where, key));
  }

  absl::StatusOr<std::string> Bounded(std::string_view text, std::string_view where) const {
    if (text.size() > limits_.max_name_bytes) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: {}: a name longer than {} bytes", name_, where, limits_.max_name_bytes));
    }
    return std::string(text);
  }

  // An array of texts; one text stands for an array of it (CodeChecker's report-converter).
  absl::StatusOr<std::vector<std::string>> Strings(const Node& parent, std::string_view key) {
    STORED_ASSIGN_OR_RETURN(const std::optional<Node> node, Field(parent, key));
    std::vector<std::string> strings;
    if (!node) return strings;
    if (!node->IsArray()) {
      STORED_ASSIGN_OR_RETURN(std::string only, TextOf(*node));
      strings.push_back(std::move(only));
      return strings;
    }
    for (const dom::element value : dom::array(node->value)) {
      STORED_ASSIGN_OR_RETURN(std::string text,
                              TextOf({value, fmt::format("{}[{}]", node->where, strings.size())}));
      strings.push_back(std::move(text));
    }
    return strings;
  }

  const std::string name_;
  const Limits limits_;
  dom::parser parser_;
};

}  // namespace

absl::StatusOr<Metadata> ReadMetadata(std::string bytes, const std::string& name,
                                      const Limits& limits) {
  return Reader(name, limits).Read(std::move(bytes));
}

}  // namespace stored::reports
