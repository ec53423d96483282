#include "reports/inputs/metadata.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "base/text/json_fault.h"
#include "base/text/text.h"
#include "reports/inputs/few_warnings.h"

namespace stored::reports {
namespace {

namespace dom = simdjson::dom;

// A value and its place in the file ("tools[0].analyzers.clangsa"), for messages.
struct Node {
  dom::element value;
  std::string where;

  bool IsObject() const { return value.is_object(); }
  bool IsArray() const { return value.is_array(); }
};

struct NamedValue {
  std::string_view name;
  dom::element value;
};

// Returns the fields of an object, each once, with the last of its values.
std::vector<NamedValue> FieldsOf(const Node& object) {
  std::vector<NamedValue> fields;
  absl::flat_hash_map<std::string_view, size_t> places;
  for (const dom::key_value_pair& field : dom::object(object.value)) {
    const auto [place, is_new] = places.try_emplace(field.key, fields.size());
    if (is_new) {
      fields.push_back({field.key, field.value});
    } else {
      fields[place->second].value = field.value;
    }
  }
  return fields;
}

// Returns true if a checker's state that is not a bool means that it is on. Follows CodeChecker,
// except for texts that mean off.
bool IsOn(dom::element state) {
  if (double number = 0; state.get(number) == simdjson::SUCCESS) return number != 0;
  if (std::string_view text; state.get(text) == simdjson::SUCCESS) {
    std::string word(text.substr(0, 16));
    absl::AsciiStrToLower(&word);
    return !word.empty() && word != "false" && word != "off" && word != "no" && word != "0" &&
           word != "disabled";
  }
  return !state.is_null();
}

// Reads one metadata.json. Its members warn about malformed places and continue without them.
class Reader {
 public:
  Reader(const std::string& name, const Limits& limits, AnalyzedFiles& files)
      : limits_(limits), files_(files), warnings_(name) {}

  Metadata Read(std::string bytes) {
    if (const std::optional<Node> root = Parse(std::move(bytes))) {
      if (root->IsObject()) {
        ReadTop(*root);
      } else {
        WarnUnusable("the top-level value is not an object");
      }
    }
    metadata_.warnings = warnings_.Take();
    return std::move(metadata_);
  }

 private:
  std::optional<Node> Parse(std::string bytes) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (bytes.starts_with(kByteOrderMark)) bytes.erase(0, kByteOrderMark.size());
    const uint64_t limit = std::min(limits_.max_result_file_bytes, kMaxMetadataBytes);
    if (bytes.size() > limit) {
      return WarnUnusable(fmt::format("it is larger than the limit of {} bytes", limit));
    }
    if (bytes.find_first_not_of(" \t\r\n") == std::string::npos) return WarnUnusable("it is empty");
    simdjson::error_code error = parser_.allocate(std::max<size_t>(bytes.size(), 1),
                                                  std::max<uint32_t>(limits_.max_json_depth, 1));
    dom::element root;
    if (error == simdjson::SUCCESS) error = parser_.parse(bytes).get(root);
    if (error == simdjson::UTF8_ERROR) {
      // Old file systems have names in Latin-1. One such name should not cost all other fields.
      bytes = ReplaceInvalidUtf8(bytes);
      error = parser_.parse(bytes).get(root);
    }
    if (error == simdjson::DEPTH_ERROR) {
      return WarnUnusable(
          fmt::format("arrays and objects are nested more than {} deep", limits_.max_json_depth));
    }
    if (error != simdjson::SUCCESS) {
      return WarnUnusable(fmt::format("not JSON: {}", WhatIsWrong(bytes, error)));
    }
    return Node{root, ""};
  }

  // Returns the fault and its place, which simdjson's message does not tell.
  std::string WhatIsWrong(std::string_view bytes, simdjson::error_code error) const {
    const std::optional<JsonFault> fault = FindJsonFault(bytes, limits_.max_json_depth);
    return fault ? ToString(*fault) : simdjson::error_message(error);
  }

  // Decides the version by the shape of the file, because its number is not always right.
  void ReadTop(const Node& root) {
    const std::optional<Node> tools = Field(root, "tools");
    const int64_t version = Integer(root, "version", tools ? 2 : 1);
    if (version != 1 && version != 2) {
      warnings_.Add(
          fmt::format("version {} is not known; read as version {}", version, tools ? 2 : 1));
    }
    if (tools) return ReadVersion2(*tools);
    const auto has = [&root](std::string_view key) {
      return root.value.at_key(key).error() == simdjson::SUCCESS;
    };
    if (has("checkers") || has("analyzer_statistics") || has("command")) return ReadVersion1(root);
    WarnUnusable("the top-level object has neither \"tools\" nor \"checkers\"");
  }

  void ReadVersion2(const Node& tools) {
    if (!tools.IsArray()) {
      WarnUnusable("tools is not an array");
      return;
    }
    metadata_.usable = true;
    size_t index = 0;
    for (const dom::element value : dom::array(tools.value)) {
      const Node tool{value, fmt::format("tools[{}]", index++)};
      if (!tool.IsObject()) {
        Warn(tool.where, "is not an object");
        continue;
      }
      Analysis analysis = ReadCommon(tool);
      analysis.tool_name = Name(tool, "name");
      analysis.tool_version = Name(tool, "version");
      if (const std::optional<Node> analyzers = Object(tool, "analyzers")) {
        ReadAnalyzers(*analyzers, analysis);
      }
      ReadAtTheTool(tool, analysis.tool_name, analysis);
      if (metadata_.run_name.empty()) metadata_.run_name = Name(tool, "run_name");
      metadata_.analyses.push_back(std::move(analysis));
    }
  }

  // Reads version 1: one tool, CodeChecker itself, whose properties are at the top level.
  void ReadVersion1(const Node& root) {
    metadata_.usable = true;
    metadata_.run_name = Name(root, "name");
    Analysis analysis = ReadCommon(root);
    analysis.tool_name = "codechecker";
    if (const std::optional<Node> versions = Object(root, "versions")) {
      analysis.tool_version = Name(*versions, "codechecker");
    }
    ReadAtTheTool(root, "", analysis);
    metadata_.analyses.push_back(std::move(analysis));
  }

  // Reads the properties that a tool of version 2 and the top level of version 1 have in common.
  Analysis ReadCommon(const Node& node) {
    Analysis analysis;
    analysis.command = Strings(node, "command");
    analysis.working_directory = Text(node, "working_directory");
    if (const std::optional<Node> times = Object(node, "timestamps")) {
      analysis.begin_time = Number(*times, "begin");
      analysis.end_time = Number(*times, "end");
    }
    return analysis;
  }

  void ReadAnalyzers(const Node& analyzers, Analysis& analysis) {
    for (const NamedValue& field : FieldsOf(analyzers)) {
      const Node node = Child(analyzers, field);
      if (!node.IsObject()) {
        Warn(node.where, "is not an object");
        continue;
      }
      AnalyzerRun* const analyzer = AnalyzerNamed(field.name, analyzers, analysis);
      if (analyzer == nullptr) continue;
      if (const std::optional<Node> checkers = Field(node, "checkers")) {
        ReadCheckers(*checkers, *analyzer);
      }
      if (const std::optional<Node> statistics = Object(node, "analyzer_statistics")) {
        ReadStatistics(*statistics, analysis.working_directory, *analyzer);
      }
    }
  }

  // Reads checkers and statistics that are properties of the tool itself (or of the top level of
  // version 1). They belong to its only analyzer, `own_name`, or are listed by the analyzer's name.
  void ReadAtTheTool(const Node& tool, std::string_view own_name, Analysis& analysis) {
    if (const std::optional<Node> checkers = Field(tool, "checkers")) {
      if (checkers->IsObject()) {
        ReadCheckersByAnalyzer(*checkers, own_name, analysis);
      } else if (AnalyzerRun* const own = AnalyzerNamed(own_name, tool, analysis)) {
        ReadCheckers(*checkers, *own);
      }
    }
    const std::optional<Node> statistics = Object(tool, "analyzer_statistics");
    if (!statistics) return;
    const std::vector<NamedValue> fields = FieldsOf(*statistics);
    const bool by_name =
        !fields.empty() && std::all_of(fields.begin(), fields.end(), [](const NamedValue& field) {
          return field.value.is_object();
        });
    if (!by_name) {
      AnalyzerRun* const own = AnalyzerNamed(own_name, tool, analysis);
      if (own != nullptr) ReadStatistics(*statistics, analysis.working_directory, *own);
      return;
    }
    for (const NamedValue& field : fields) {
      AnalyzerRun* const analyzer = AnalyzerNamed(field.name, *statistics, analysis);
      if (analyzer == nullptr) continue;
      ReadStatistics(Child(*statistics, field), analysis.working_directory, *analyzer);
    }
  }

  void ReadCheckersByAnalyzer(const Node& checkers, std::string_view own_name, Analysis& analysis) {
    for (const NamedValue& field : FieldsOf(checkers)) {
      const bool is_analyzer = field.value.is_object() || field.value.is_array();
      AnalyzerRun* const analyzer =
          AnalyzerNamed(is_analyzer ? field.name : own_name, checkers, analysis);
      if (analyzer == nullptr) continue;
      if (is_analyzer) {
        ReadCheckers(Child(checkers, field), *analyzer);
      } else {
        ReadChecker(checkers, field, *analyzer);
      }
    }
  }

  // Returns the analyzer with this name, which may be a new one; null if there are too many or the
  // name is too long.
  AnalyzerRun* AnalyzerNamed(std::string_view name, const Node& place, Analysis& analysis) {
    for (AnalyzerRun& analyzer : analysis.analyzers) {
      if (analyzer.name == name) return &analyzer;
    }
    if (!Fits(name, limits_.max_name_bytes, place.where)) return nullptr;
    if (analysis.analyzers.size() == kMaxAnalyzers) {
      Warn(place.where, fmt::format("names more than {} analyzers", kMaxAnalyzers));
      return nullptr;
    }
    AnalyzerRun& analyzer = analysis.analyzers.emplace_back();
    analyzer.name = std::string(name);
    return &analyzer;
  }

  // Reads {checker: enabled}, or, in old files, an array of the enabled checkers.
  void ReadCheckers(const Node& checkers, AnalyzerRun& analyzer) {
    if (checkers.IsObject()) {
      for (const NamedValue& field : FieldsOf(checkers)) {
        ReadChecker(checkers, field, analyzer);
      }
      return;
    }
    if (!checkers.IsArray()) return Warn(checkers.where, "is neither an object nor an array");
    size_t index = 0;
    for (const dom::element value : dom::array(checkers.value)) {
      const Node node{value, fmt::format("{}[{}]", checkers.where, index++)};
      std::string_view checker;
      if (value.get(checker) != simdjson::SUCCESS) {
        Warn(node.where, "is not text");
      } else if (Fits(checker, limits_.max_checker_name_bytes, node.where)) {
        analyzer.checkers.push_back({std::string(checker), true});
      }
    }
  }

  void ReadChecker(const Node& checkers, const NamedValue& field, AnalyzerRun& analyzer) {
    if (!Fits(field.name, limits_.max_checker_name_bytes, "a checker")) return;
    bool enabled = false;
    if (field.value.get(enabled) != simdjson::SUCCESS) {
      enabled = IsOn(field.value);
      warnings_.Add(fmt::format("{} is neither true nor false; read as {}",
                                Child(checkers, field).where, enabled ? "on" : "off"));
    }
    analyzer.checkers.push_back({std::string(field.name), enabled});
  }

  void ReadStatistics(const Node& node, const std::string& directory, AnalyzerRun& analyzer) {
    analyzer.version = Name(node, "version");
    analyzer.successful = Count(node, "successful");
    analyzer.failed = Count(node, "failed");
    analyzer.failed_sources = Strings(node, "failed_sources");
    const std::vector<std::string> successful = Strings(node, "successful_sources");
    files_.Add(
        {.analyzer = analyzer.name,
         .directory = directory,
         .successful = analyzer.successful,
         .successful_sources = {successful.begin(), successful.end()},
         .failed = analyzer.failed,
         .failed_sources = {analyzer.failed_sources.begin(), analyzer.failed_sources.end()}});
  }

  static Node Child(const Node& parent, const NamedValue& field) {
    return Node{field.value, fmt::format("{}.{}", parent.where,
                                         Printable(Utf8Prefix(field.name, kShownNameBytes)))};
  }

  void Warn(std::string_view where, std::string_view what) {
    warnings_.Add(fmt::format("{} {}; left out", where, what));
  }
  std::nullopt_t WarnUnusable(std::string_view what) {
    warnings_.Add(fmt::format("{}; the results are read as if it were not there", what));
    return std::nullopt;
  }

  bool Fits(std::string_view text, size_t limit, std::string_view where) {
    if (text.size() <= limit) return true;
    Warn(where, fmt::format("has a name of {} bytes; the limit is {}", text.size(), limit));
    return false;
  }

  // These return the value of a field: nothing (or the default) if it is missing or unusable.
  static std::optional<Node> Field(const Node& parent, std::string_view key) {
    std::optional<dom::element> last;
    for (const dom::key_value_pair& field : dom::object(parent.value)) {
      if (field.key == key) last = field.value;
    }
    if (!last || last->is_null()) return std::nullopt;
    return Node{*last,
                parent.where.empty() ? std::string(key) : fmt::format("{}.{}", parent.where, key)};
  }

  std::optional<Node> Object(const Node& parent, std::string_view key) {
    std::optional<Node> node = Field(parent, key);
    if (!node || node->IsObject()) return node;
    Warn(node->where, "is not an object");
    return std::nullopt;
  }

  int64_t Integer(const Node& parent, std::string_view key, int64_t otherwise) {
    const std::optional<Node> node = Field(parent, key);
    int64_t number = otherwise;
    if (node && node->value.get(number) != simdjson::SUCCESS) {
      Warn(node->where, "is not a whole number");
      return otherwise;
    }
    return number;
  }

  uint32_t Count(const Node& parent, std::string_view key) {
    const int64_t number = Integer(parent, key, 0);
    if (number >= 0 && number <= std::numeric_limits<uint32_t>::max()) {
      return static_cast<uint32_t>(number);
    }
    Warn(fmt::format("{}.{}", parent.where, key), fmt::format("is out of range: {}", number));
    return 0;
  }

  double Number(const Node& parent, std::string_view key) {
    const std::optional<Node> node = Field(parent, key);
    double number = 0;
    if (node && node->value.get(number) != simdjson::SUCCESS) {
      Warn(node->where, "is not a number");
      return 0;
    }
    return number;
  }

  std::string Text(const Node& parent, std::string_view key) {
    const std::optional<Node> node = Field(parent, key);
    return node ? TextOf(*node).value_or("") : "";
  }

  std::optional<std::string> TextOf(const Node& node) {
    std::string_view text;
    if (node.value.get(text) != simdjson::SUCCESS) {
      Warn(node.where, "is not text");
      return std::nullopt;
    }
    if (text.size() <= limits_.max_text_bytes) return std::string(text);
    Warn(node.where,
         fmt::format("is {} bytes long; the limit is {}", text.size(), limits_.max_text_bytes));
    return std::nullopt;
  }

  std::string Name(const Node& parent, std::string_view key) {
    const std::optional<Node> node = Field(parent, key);
    if (!node) return "";
    std::string text = TextOf(*node).value_or("");
    return Fits(text, limits_.max_name_bytes, node->where) ? text : "";
  }

  // Reads an array of texts. A single text stands for an array with one (CodeChecker's
  // report-converter).
  std::vector<std::string> Strings(const Node& parent, std::string_view key) {
    const std::optional<Node> node = Field(parent, key);
    std::vector<std::string> strings;
    if (!node) return strings;
    const auto add = [&](const Node& element) {
      if (std::optional<std::string> text = TextOf(element)) strings.push_back(*std::move(text));
    };
    if (!node->IsArray()) {
      add(*node);
      return strings;
    }
    size_t index = 0;
    for (const dom::element value : dom::array(node->value)) {
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS && text.size() <= limits_.max_text_bytes) {
        strings.emplace_back(text);
      } else {
        add({value, fmt::format("{}[{}]", node->where, index)});
      }
      ++index;
    }
    return strings;
  }

  static constexpr size_t kShownNameBytes = 100;
  // The limit for one tool, because analyzers are searched for one by one.
  static constexpr size_t kMaxAnalyzers = 100;

  const Limits limits_;
  AnalyzedFiles& files_;
  FewWarnings warnings_;
  dom::parser parser_;
  Metadata metadata_;
};

}  // namespace

Metadata ReadMetadata(std::string bytes, const std::string& name, const Limits& limits,
                      AnalyzedFiles& files) {
  return Reader(name, limits, files).Read(std::move(bytes));
}

}  // namespace stored::reports
