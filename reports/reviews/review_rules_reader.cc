// Reads review_status.yaml. Allows what CodeChecker allows
// (codechecker_common/review_status_handler.py), except for content that would make CodeChecker
// fail later.

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/reviews/review_keywords.h"
#include "reports/reviews/review_rules.h"
#include "reports/reviews/yaml_document.h"

namespace stored::reports {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kVersionKey = "$version";
constexpr std::string_view kRulesKey = "rules";
constexpr std::string_view kFiltersKey = "filters";
constexpr std::string_view kActionsKey = "actions";
constexpr std::string_view kMergeKey = "<<";
// The depth to which "<<" may merge mappings into one another.
constexpr int kMaxMergeDepth = 8;
// The size of all rules after every alias has been replaced.
constexpr size_t kMaxExpandedBytes = 16 << 20;
constexpr size_t kMaxWarningsOfOneFile = 10;
// The length to which a message cuts a quoted text.
constexpr size_t kShownBytes = 100;

// A key of a mapping, and its value.
struct Field {
  const YamlNode* key = nullptr;
  const YamlNode* value = nullptr;
};

class RulesReader {
 public:
  RulesReader(const YamlDocument& document, const std::string& name,
              std::vector<std::string>& warnings)
      : document_(document), name_(name), warnings_(warnings) {}

  absl::StatusOr<std::vector<ReviewRule>> Read() {
    const YamlNode& root = document_.nodes.front();
    if (root.kind == Kind::kNull) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: it is empty; it should have the keys \"$version\" and \"rules\"", name_));
    }
    if (root.kind != Kind::kMapping) {
      return Error(root, "should be a mapping with the keys \"$version\" and \"rules\"");
    }
    const YamlNode* version = nullptr;
    const YamlNode* rules = nullptr;
    STORED_ASSIGN_OR_RETURN(const std::vector<Field> fields, FieldsOf(root));
    for (const Field& field : fields) {
      if (field.key->text == kVersionKey) {
        version = field.value;
      } else if (field.key->text == kRulesKey) {
        rules = field.value;
      } else {
        WarnOfKey(*field.key);
      }
    }
    STORED_RETURN_IF_ERROR(CheckVersion(root, version));
    if (rules == nullptr || rules->kind != Kind::kSequence) {
      return Error(rules == nullptr ? root : *rules, "\"rules\" should be a list of rules");
    }
    return ReadRules(*rules);
  }

 private:
  absl::Status CheckVersion(const YamlNode& root, const YamlNode* version) const {
    if (version == nullptr) {
      return Error(root, "the key \"$version\" is missing; put \"$version: 1\" at the top");
    }
    if (version->kind == Kind::kScalar && version->plain && version->text == "1") {
      return absl::OkStatus();
    }
    return Error(*version, fmt::format("\"$version\" should be 1, the only version there is{}",
                                       Quoted(*version)));
  }

  absl::StatusOr<std::vector<ReviewRule>> ReadRules(const YamlNode& list) {
    if (list.children.size() > ReviewRules::kMaxRules) {
      return absl::ResourceExhaustedError(fmt::format("{}: {} rules are more than the limit of {}",
                                                      PlaceOf(list, name_), list.children.size(),
                                                      ReviewRules::kMaxRules));
    }
    std::vector<ReviewRule> rules;
    for (const uint32_t child : list.children) {
      ++number_;
      STORED_ASSIGN_OR_RETURN(ReviewRule rule, ReadRule(document_.nodes[child]));
      rules.push_back(std::move(rule));
    }
    number_ = 0;
    return rules;
  }

  absl::StatusOr<ReviewRule> ReadRule(const YamlNode& node) {
    const YamlNode* filters = nullptr;
    const YamlNode* actions = nullptr;
    if (node.kind == Kind::kMapping) {
      STORED_ASSIGN_OR_RETURN(const std::vector<Field> fields, FieldsOf(node));
      for (const Field& field : fields) {
        if (field.key->text == kFiltersKey) {
          filters = field.value;
        } else if (field.key->text == kActionsKey) {
          actions = field.value;
        } else {
          WarnOfKey(*field.key);
        }
      }
    }
    if (filters == nullptr || actions == nullptr) {
      return Error(node, "should be a mapping with the keys \"filters\" and \"actions\"");
    }
    ReviewRule rule;
    STORED_RETURN_IF_ERROR(ReadFilters(*filters, rule));
    STORED_RETURN_IF_ERROR(ReadActions(*actions, rule.review));
    return rule;
  }

  absl::Status ReadFilters(const YamlNode& node, ReviewRule& rule) {
    STORED_RETURN_IF_ERROR(CheckMapping(node, kFiltersKey));
    STORED_ASSIGN_OR_RETURN(const std::vector<Field> fields, FieldsOf(node));
    for (const Field& field : fields) {
      const std::string& key = field.key->text;
      std::optional<std::string>* const filter = key == "filepath"       ? &rule.file_path
                                                 : key == "checker_name" ? &rule.checker_name
                                                 : key == "report_hash"  ? &rule.report_hash
                                                                         : nullptr;
      if (filter == nullptr) {
        return Error(*field.key,
                     fmt::format("there is no filter \"{}\"; there are filepath, checker_name and "
                                 "report_hash",
                                 Shown(key)));
      }
      STORED_ASSIGN_OR_RETURN(*filter, TextOf(field, ReviewRules::kMaxFilterBytes));
    }
    const bool empty = !rule.file_path && !rule.checker_name && !rule.report_hash;
    if (empty && warned_ < kMaxWarningsOfOneFile) {
      Warn(fmt::format("{}: it has no filter, so it applies to no report", At(node)));
    }
    return absl::OkStatus();
  }

  absl::Status ReadActions(const YamlNode& node, Review& review) {
    STORED_RETURN_IF_ERROR(CheckMapping(node, kActionsKey));
    bool has_status = false;
    STORED_ASSIGN_OR_RETURN(const std::vector<Field> fields, FieldsOf(node));
    for (const Field& field : fields) {
      const std::string& key = field.key->text;
      if (key == "review_status") {
        STORED_ASSIGN_OR_RETURN(review.status, StatusOf(field));
        has_status = true;
      } else if (key == "reason") {
        if (field.value->kind == Kind::kNull) continue;
        STORED_ASSIGN_OR_RETURN(review.comment, TextOf(field, ReviewRules::kMaxReasonBytes));
      } else {
        return Error(*field.key, fmt::format("there is no action \"{}\"; there are review_status "
                                             "and reason",
                                             Shown(key)));
      }
    }
    if (!has_status) return Error(node, "\"review_status\" is missing in its actions");
    return absl::OkStatus();
  }

  absl::StatusOr<ReviewStatus> StatusOf(const Field& field) {
    STORED_ASSIGN_OR_RETURN(const std::string text, TextOf(field, ReviewRules::kMaxFilterBytes));
    for (const ReviewKeyword& word : kReviewKeywords) {
      if (text == word.text) return word.status;
    }
    return Error(
        *field.value,
        fmt::format("there is no review_status \"{}\"; there are false_positive, suppress, "
                    "confirmed and intentional",
                    Shown(text)));
  }

  absl::StatusOr<std::string> TextOf(const Field& field, size_t limit) {
    if (field.value->kind != Kind::kScalar) {
      return Error(*field.value,
                   fmt::format("\"{}\" should have a text for its value", Shown(field.key->text)));
    }
    if (field.value->text.size() > limit) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: \"{}\" is longer than the limit of {} bytes", At(*field.value),
                      Shown(field.key->text), limit));
    }
    STORED_RETURN_IF_ERROR(Spend(*field.value, field.value->text.size()));
    return field.value->text;
  }

  absl::Status CheckMapping(const YamlNode& node, std::string_view key) const {
    if (node.kind == Kind::kMapping) return absl::OkStatus();
    return Error(node, fmt::format("\"{}\" should be a mapping with at least one key", key));
  }

  // Returns the fields of the mapping `node`. If a key occurs more than once, its last value is
  // used, as in Python. Fields that "<<" merges in come first, so that the mapping's own fields
  // override them.
  absl::StatusOr<std::vector<Field>> FieldsOf(const YamlNode& node) {
    std::vector<Field> fields;
    STORED_RETURN_IF_ERROR(AddFields(node, 0, fields));
    return fields;
  }

  absl::Status AddFields(const YamlNode& node, int depth, std::vector<Field>& fields) {
    STORED_RETURN_IF_ERROR(Spend(node, node.children.size()));
    std::vector<Field> own;
    for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const Field field = {&document_.nodes[node.children[i]],
                           &document_.nodes[node.children[i + 1]]};
      if (field.key->kind == Kind::kScalar && field.key->plain && field.key->text == kMergeKey) {
        STORED_RETURN_IF_ERROR(Merge(*field.value, depth + 1, fields));
      } else {
        own.push_back(field);
      }
    }
    fields.insert(fields.end(), own.begin(), own.end());
    return absl::OkStatus();
  }

  absl::Status Merge(const YamlNode& node, int depth, std::vector<Field>& fields) {
    if (depth > kMaxMergeDepth) return Error(node, "\"<<\" nests too many mappings in one another");
    if (node.kind == Kind::kMapping) return AddFields(node, depth, fields);
    if (node.kind != Kind::kSequence) return Error(node, "\"<<\" should have a mapping to merge");
    STORED_RETURN_IF_ERROR(Spend(node, node.children.size()));
    // An earlier mapping of the list overrides a later one, so they are merged in reverse.
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
      STORED_RETURN_IF_ERROR(Merge(document_.nodes[*child], depth + 1, fields));
    }
    return absl::OkStatus();
  }

  // Bounds what is read, which through aliases can be far more than the file has.
  absl::Status Spend(const YamlNode& node, size_t amount) {
    spent_ += amount;
    if (spent_ <= kMaxExpandedBytes) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        fmt::format("{}: with its aliases it is larger than the limit of {} bytes", At(node),
                    kMaxExpandedBytes));
  }

  void WarnOfKey(const YamlNode& key) {
    if (warned_ == kMaxWarningsOfOneFile) return;
    Warn(fmt::format("{}: the key \"{}\" is not known and is ignored", At(key), Shown(key.text)));
  }
  void Warn(std::string warning) {
    ++warned_;
    warnings_.push_back(std::move(warning));
  }

  absl::Status Error(const YamlNode& node, const std::string& what) const {
    return absl::InvalidArgumentError(fmt::format("{}: {}", At(node), what));
  }

  // Returns the place of `node` and the number of its rule.
  std::string At(const YamlNode& node) const {
    std::string place = PlaceOf(node, name_);
    if (number_ > 0) place += fmt::format(": rule {}", number_);
    return place;
  }

  static std::string Shown(std::string_view text) {
    return Printable(Utf8Prefix(text, kShownBytes));
  }
  static std::string Quoted(const YamlNode& node) {
    return node.kind == Kind::kScalar ? fmt::format(", not \"{}\"", Shown(node.text)) : "";
  }

  const YamlDocument& document_;
  const std::string& name_;
  std::vector<std::string>& warnings_;
  // The number of the rule that is being read, from 1.
  size_t number_ = 0;
  size_t spent_ = 0;
  size_t warned_ = 0;
};

}  // namespace

absl::StatusOr<ReviewRules> ReviewRules::Read(const std::string& text, const std::string& name,
                                              std::vector<std::string>& warnings) {
  STORED_ASSIGN_OR_RETURN(const YamlDocument document, ReadYaml(text, name));
  STORED_ASSIGN_OR_RETURN(std::vector<ReviewRule> rules,
                          RulesReader(document, name, warnings).Read());
  return ReviewRules(std::move(rules));
}

}  // namespace stored::reports
