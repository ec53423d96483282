#pragma once

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/file.h"
#include "client/testing/fake_clock.h"
#include "client/testing/fake_server.h"
#include "tools/testing/bundle_contents.h"

namespace stored::tools {

// A log with two results in a.c, and the source text of a.c.
inline constexpr std::string_view kSarif = R"({
  "version": "2.1.0",
  "runs": [{
    "tool": {"driver": {"name": "lint", "rules": [{"id": "unused"}]}},
    "results": [
      {"ruleId": "unused", "message": {"text": "x is never used"}, "level": "warning",
       "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"},
                                           "region": {"startLine": 2, "startColumn": 5}}}]},
      {"ruleId": "unused", "message": {"text": "y is never used"}, "level": "warning",
       "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"},
                                           "region": {"startLine": 3, "startColumn": 5}}}]}
    ]
  }]
})";
inline constexpr std::string_view kSource = "int f(void) {\n  int x;\n  int y;\n  return 0;\n}\n";

// A test of storectl, in this process, against a server whose responses the test sets. At first the
// server lacks every source, accepts uploads, and reports every store as COMPLETED.
class StorectlTest : public ::testing::Test {
 protected:
  // Writes kSarif to results.sarif and kSource to a.c.
  void SetUp() override;

  // Returns the path of a file in the directory of the test.
  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  void Write(const std::string& name, std::string_view text) const;

  // Sets the state that GetStatus returns from now on.
  void SetState(v1::StoreState state);

  // Runs storectl and keeps its output in out_ and err_. Returns the exit code.
  int Run(std::vector<std::string> arguments);

  // Returns the whole standard output, which is one JSON document.
  template <typename Message>
  Message OutAs() const {
    Message message;
    const auto status = google::protobuf::util::JsonStringToMessage(out_, &message);
    EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << out_;
    return message;
  }

  // Returns the bundle that arrived under an upload id.
  BundleContents Bundle(const std::string& upload_id) const;

  std::optional<TemporaryDirectory> directory_;
  client::FakeServer server_;
  client::FakeClock clock_;
  std::string out_;
  std::string err_;
};

}  // namespace stored::tools
