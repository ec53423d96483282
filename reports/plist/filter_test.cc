// A DiagnosticFilter that wants only some of the diagnostics.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "reports/identity.h"
#include "reports/plist/testing/test_plists.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Records the identities that it is given, and wants one of three: the reader then reads some
// diagnostics whole at once, and others only after they turned out to be wanted.
class EveryThird final : public DiagnosticFilter {
 public:
  bool Wants(const Report& report, const std::vector<NamedSource>& files) override {
    asked.push_back(IdentityOf(report, Paths(files)));
    return asked.size() % 3 == 0;
  }

  class Paths final : public FilePaths {
   public:
    explicit Paths(const std::vector<NamedSource>& files) : files_(files) {}
    std::string_view Path(FileIndex file) const override { return files_[file].path; }

   private:
    const std::vector<NamedSource>& files_;
  };

  std::vector<ReportIdentity> asked;
};

TEST(PlistFilter, Wants_GetsTheIdentityOfTheWholeReport) {
  size_t diagnostics = 0;
  for (const std::string name :
       {"clang.plist", "codechecker-clang-tidy.plist", "codechecker-clangsa.plist"}) {
    SCOPED_TRACE(name);
    const absl::StatusOr<ResultFile> all = ReadPlist(SamplePlist(name), name, "", Limits{});
    EveryThird filter;
    const absl::StatusOr<ResultFile> third =
        ReadPlist(SamplePlist(name), name, "", Limits{}, {}, &filter);
    ASSERT_TRUE(all.ok() && third.ok()) << all.status() << third.status();
    ASSERT_EQ(filter.asked.size(), all->reports.size());
    const EveryThird::Paths paths(all->files);
    for (size_t i = 0; i < all->reports.size(); ++i) {
      EXPECT_EQ(filter.asked[i], IdentityOf(all->reports[i], paths)) << i;
      if (i % 3 == 2) {
        EXPECT_EQ(third->reports[i / 3], all->reports[i]) << i;
      }
    }
    EXPECT_EQ(third->reports.size() + third->unwanted, all->reports.size());
    diagnostics += all->reports.size();
  }
  EXPECT_GT(diagnostics, 5u);
}

// Diagnostics that the filter has not decided on are read into the same report.
TEST(PlistFilter, DiagnosticWithoutPath_DoesNotGetThatOfAnother) {
  const std::string_view path =
      "<key>path</key><array><dict><key>kind</key><string>event</string><key>location</key><dict>"
      "<key>line</key><integer>1</integer><key>col</key><integer>1</integer><key>file</key>"
      "<integer>0</integer></dict><key>message</key><string>step</string></dict></array>";
  const std::string with_path = fmt::format("<dict>{}{}</dict>", kLocation, path);
  const std::string alone =
      fmt::format("<dict>{}<key>description</key><string>alone</string></dict>", kLocation);
  const std::string plist = Replaced(
      PlistWithGood(""), "</dict></array><key>files",
      fmt::format("</dict>{}{}{}{}</array><key>files", with_path, with_path, alone, alone));
  EveryThird filter;
  const absl::StatusOr<ResultFile> read =
      ReadPlist(plist, "x.plist", "/src/sample", Limits{}, {}, &filter);
  const absl::StatusOr<ResultFile> all = TryReadPlist(plist);
  ASSERT_TRUE(read.ok() && all.ok()) << read.status() << all.status();
  ASSERT_THAT(all->reports, SizeIs(5));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(filter.asked[i], IdentityOf(all->reports[i], EveryThird::Paths(all->files))) << i;
  }
}

// A diagnostic that is not wanted does not cause warnings.
TEST(PlistFilter, MissingFile_SameIdentityAndOneWarning) {
  const std::string odd =
      Replaced(PlistWithGood(""), "<integer>0</integer>", "<integer>99</integer>");
  const size_t begin = odd.find("<array><dict>") + 7;
  const std::string diagnostic = odd.substr(begin, odd.find("</array>") - begin);
  const std::string plist = Replaced(odd, diagnostic, diagnostic + diagnostic + diagnostic);
  EveryThird filter;
  const absl::StatusOr<ResultFile> read =
      ReadPlist(plist, "x.plist", "/src/sample", Limits{}, {}, &filter);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(filter.asked, SizeIs(3));
  EXPECT_EQ(filter.asked[0], filter.asked[1]);
  EXPECT_EQ(filter.asked[0], filter.asked[2]);
  EXPECT_THAT(read->files, SizeIs(2));
  EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("diagnostics[0]: location"),
                                          HasSubstr("diagnostics[2]: location")));
}

}  // namespace
}  // namespace stored::reports
