// What a stranger might send: the samples cut short, with bytes changed, with properties in another
// order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "reports/report_files.h"
#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

const std::vector<std::string>& Samples() {
  static const std::vector<std::string> samples = {"clang/divide.sarif", "flawfinder/copy.sarif",
                                                   "ruff/report.sarif", "eslint/cart.sarif",
                                                   "all_properties.sarif"};
  return samples;
}

// The log on one line: shorter, so that every byte of it counts.
std::string Minified(const std::string& log) {
  simdjson::dom::parser parser;
  return simdjson::to_string(parser.parse(log).value());
}

// Either is fine; to crash, to hang or to blame something else is not.
void ExpectReadOrRefused(std::string log, const std::string& what) {
  const absl::StatusOr<ResultFile> file = TryReadLog(std::move(log));
  if (file.ok()) return;
  EXPECT_TRUE(file.status().code() == absl::StatusCode::kInvalidArgument ||
              file.status().code() == absl::StatusCode::kResourceExhausted)
      << what << ": " << file.status();
  EXPECT_THAT(std::string(file.status().message()), testing::StartsWith("log.sarif: ")) << what;
}

TEST(SarifMutation, CutShortAnywhere_IsRefused) {
  for (const std::string& name : Samples()) {
    const std::string log = Minified(SampleLog(name));
    ASSERT_TRUE(TryReadLog(log).ok()) << name;
    for (size_t size = 0; size < log.size(); ++size) {
      const absl::StatusOr<ResultFile> file = TryReadLog(log.substr(0, size));
      EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << name << " at " << size;
    }
  }
}

TEST(SarifMutation, BytesChanged_ReadOrRefused) {
  std::mt19937 random(2);
  constexpr std::string_view kTelling = "{}[]\",:\\0-e.ntf\xff\xc3\x01 ";
  for (const std::string& name : Samples()) {
    const std::string log = Minified(SampleLog(name));
    for (int round = 0; round < 3000; ++round) {
      std::string changed = log;
      for (unsigned change = 0; change <= random() % 3; ++change) {
        changed[random() % changed.size()] = kTelling[random() % kTelling.size()];
      }
      ExpectReadOrRefused(std::move(changed), fmt::format("{} round {}", name, round));
    }
  }
}

TEST(SarifMutation, PiecesRemovedOrRepeated_ReadOrRefused) {
  std::mt19937 random(3);
  for (const std::string& name : Samples()) {
    const std::string log = Minified(SampleLog(name));
    for (int round = 0; round < 1000; ++round) {
      std::string changed = log;
      const size_t from = random() % changed.size();
      const std::string piece = changed.substr(from, random() % 200);
      if (round % 2 == 0) {
        changed.erase(from, piece.size());
      } else {
        changed.insert(random() % changed.size(), piece);
      }
      ExpectReadOrRefused(std::move(changed), fmt::format("{} round {}", name, round));
    }
  }
}

// `element` as JSON with the properties of every object in an order of chance.
std::string Shuffled(simdjson::dom::element element, std::mt19937& random) {
  std::string text;
  if (element.is_object()) {
    std::vector<std::string> fields;
    const simdjson::dom::object object = element;
    for (const auto field : object) {
      fields.push_back(fmt::format("\"{}\":{}", field.key, Shuffled(field.value, random)));
    }
    std::shuffle(fields.begin(), fields.end(), random);
    for (const std::string& field : fields) text += (text.empty() ? "" : ",") + field;
    return "{" + text + "}";
  }
  if (element.is_array()) {
    const simdjson::dom::array array = element;
    for (const auto item : array) {
      text += (text.empty() ? "" : ",") + Shuffled(item, random);
    }
    return "[" + text + "]";
  }
  return simdjson::to_string(element);
}

// The same file with its table sorted by path: the order of a table is that in which the log
// happens to name the files.
ResultFile Sorted(ResultFile file) {
  std::vector<FileIndex> order(file.files.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](FileIndex a, FileIndex b) { return file.files[a].path < file.files[b].path; });
  std::vector<FileIndex> rank(order.size());
  std::vector<NamedSource> files;
  for (FileIndex i = 0; i < order.size(); ++i) {
    rank[order[i]] = i;
    files.push_back(file.files[order[i]]);
  }
  file.files = std::move(files);
  for (Report& report : file.reports) {
    ForEachFileIndex(report, [&](FileIndex& index) { index = rank[index]; });
  }
  return file;
}

TEST(SarifMutation, PropertiesInAnyOrder_ReadTheSame) {
  std::mt19937 random(4);
  for (const std::string& name : Samples()) {
    const ResultFile expected = Sorted(ReadLog(SampleLog(name)));
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(SampleLog(name)).value();
    for (int round = 0; round < 50; ++round) {
      const ResultFile file = Sorted(ReadLog(Shuffled(root, random)));
      EXPECT_TRUE(file.reports == expected.reports) << name;
      EXPECT_TRUE(file.analyses == expected.analyses) << name;
      ASSERT_EQ(file.files.size(), expected.files.size()) << name;
      for (size_t i = 0; i < file.files.size(); ++i) {
        EXPECT_EQ(file.files[i].path, expected.files[i].path) << name;
        EXPECT_EQ(file.files[i].content, expected.files[i].content) << name;
      }
    }
  }
}

}  // namespace
}  // namespace stored::reports
