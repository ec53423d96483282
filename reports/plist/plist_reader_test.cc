#include "reports/plist/plist_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/file.h"
#include "base/testing/build_paths.h"
#include "reports/identity.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Sample(const std::string& name) {
  absl::StatusOr<std::string> bytes =
      ReadFile(SourcePath("reports/plist/testdata/" + name), uint64_t{1} << 20);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

absl::StatusOr<ResultFile> Read(const std::string& bytes, const Limits& limits = {}) {
  return ReadPlist(bytes, "x.plist", "/src/sample", limits);
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "not in the text: " << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

constexpr std::string_view kHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n";
constexpr std::string_view kLocation =
    "<key>location</key><dict><key>line</key><integer>7</integer><key>col</key><integer>3</integer>"
    "<key>file</key><integer>0</integer></dict>";

// A plist with one file and the diagnostic whose <dict> has `entries`.
std::string PlistWith(std::string_view entries) {
  return fmt::format(
      "{}<plist version=\"1.0\"><dict><key>diagnostics</key><array><dict>{}</dict></array>"
      "<key>files</key><array><string>a.c</string></array></dict></plist>\n",
      kHead, entries);
}

// A diagnostic that lacks nothing, with `more` entries.
std::string PlistWithGood(std::string_view more) {
  return PlistWith(fmt::format("{}<key>check_name</key><string>c</string>{}", kLocation, more));
}

void ExpectInvalid(const std::string& bytes, std::string_view where, std::string_view what) {
  const absl::StatusOr<ResultFile> read = Read(bytes);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(read.status().message()),
      AllOf(StartsWith("x.plist: "), HasSubstr(std::string(where)), HasSubstr(std::string(what))));
}

TEST(PlistReader, StopRequested_Cancelled) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(absl::IsCancelled(
      ReadPlist(Sample("clang.plist"), "x.plist", "", Limits{}, stop.get_token()).status()));
}

// Notes the identity of what it is asked about, and wants one of three: so that some diagnostics
// are read at once, and some only when they turned out to be wanted.
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

TEST(PlistReader, Filter_IsAskedWithTheIdentityOfTheWholeReport) {
  size_t diagnostics = 0;
  for (const std::string name :
       {"clang.plist", "codechecker-clang-tidy.plist", "codechecker-clangsa.plist"}) {
    SCOPED_TRACE(name);
    const absl::StatusOr<ResultFile> all = ReadPlist(Sample(name), name, "", Limits{});
    EveryThird filter;
    const absl::StatusOr<ResultFile> third =
        ReadPlist(Sample(name), name, "", Limits{}, {}, &filter);
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

// What is read to ask about it is read into what was asked about before.
TEST(PlistReader, Filter_DiagnosticWithoutPathAfterOneWithAPath_HasItsOwn) {
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
  const absl::StatusOr<ResultFile> all = Read(plist);
  ASSERT_TRUE(read.ok() && all.ok()) << read.status() << all.status();
  ASSERT_THAT(all->reports, SizeIs(5));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(filter.asked[i], IdentityOf(all->reports[i], EveryThird::Paths(all->files))) << i;
  }
}

TEST(PlistReader, Read_ClangsOwn_KeepsEveryField) {
  const absl::StatusOr<ResultFile> read = Read(Sample("clang.plist"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->files, ElementsAre(Field(&NamedSource::path, "/src/sample/ring.c"),
                                       Field(&NamedSource::path, "/src/sample/ring.h")));
  ASSERT_THAT(read->reports, SizeIs(4));
  EXPECT_THAT(read->hash_bases, IsEmpty());
  EXPECT_THAT(read->warnings, IsEmpty());

  const Report& report = read->reports[0];
  EXPECT_EQ(report.checker_name, "core.NullDereference");
  EXPECT_EQ(report.analyzer_name, "clangsa");
  EXPECT_EQ(report.report_hash, "f1272c1d98ae57c1d1d2599460d6d6f2");
  EXPECT_EQ(report.category, "Logic error");
  EXPECT_EQ(report.type, "Dereference of null pointer");
  EXPECT_EQ(report.message,
            "Access to field 'slots' results in a dereference of a null pointer (loaded from "
            "variable 'ring')");
  EXPECT_EQ(report.location, (Location{.file = 1, .line = 18, .column = 10}));
}

TEST(PlistReader, Read_ClangsOwn_KeepsTheBugPath) {
  const absl::StatusOr<ResultFile> read = Read(Sample("clang.plist"));
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<BugPathEvent>& events = read->reports[0].bug_path.events;
  ASSERT_THAT(events, SizeIs(5));
  EXPECT_EQ(events[1].message, "Passing null pointer value via 1st parameter 'ring'");
  EXPECT_EQ(events[3].location, (Location{.file = 1, .line = 17, .column = 1}));
  EXPECT_EQ(events[3].depth, 1);
  EXPECT_THAT(events[3].ranges, IsEmpty());
  EXPECT_THAT(
      events[2].ranges,
      ElementsAre(Range{
          .file = 0, .start_line = 16, .start_column = 26, .end_line = 16, .end_column = 34}));
  EXPECT_THAT(read->reports[2].bug_path.macro_expansions,
              ElementsAre(MacroExpansion{.location = {.file = 0, .line = 15, .column = 16},
                                         .name = "ALLOCATE(size)",
                                         .expansion = "((int *)malloc ((size )*sizeof (int )))"}));
}

// Seven edges in two chains: within a chain every end is the next start, and stands once.
TEST(PlistReader, Read_ControlEdges_EveryPositionOnce) {
  const absl::StatusOr<ResultFile> read = Read(Sample("clang.plist"));
  ASSERT_TRUE(read.ok()) << read.status();
  std::vector<std::string> starts;
  for (const Range& range : read->reports[0].bug_path.positions) {
    starts.push_back(fmt::format("{}:{}:{}", range.file, range.start_line, range.start_column));
  }
  EXPECT_THAT(starts, ElementsAre("0:15:3", "0:16:3", "0:16:7", "0:16:19", "0:16:33", "0:16:26",
                                  "1:17:1", "1:18:3", "1:18:10"));
}

TEST(PlistReader, Read_CodeCheckers_AnalyzerNotesAndAbsolutePaths) {
  const absl::StatusOr<ResultFile> read =
      ReadPlist(Sample("codechecker-clang-tidy.plist"), "x.plist", "/elsewhere", Limits{});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->files[0].path, "/src/sample/ring.c");
  ASSERT_THAT(read->reports, SizeIs(5));
  const Report& report = read->reports[0];
  EXPECT_EQ(report.analyzer_name, "clang-tidy");
  EXPECT_EQ(report.checker_name, "readability-braces-around-statements");
  ASSERT_THAT(report.bug_path.notes, SizeIs(1));
  EXPECT_EQ(report.bug_path.notes[0].message, "{ (fixit)");
  EXPECT_EQ(report.bug_path.notes[0].location, (Location{.file = 0, .line = 16, .column = 19}));
}

TEST(PlistReader, Read_ClangAndCodeChecker_SameReports) {
  const absl::StatusOr<ResultFile> clang = Read(Sample("clang.plist"));
  const absl::StatusOr<ResultFile> codechecker = Read(Sample("codechecker-clangsa.plist"));
  ASSERT_TRUE(clang.ok() && codechecker.ok());
  ASSERT_EQ(clang->reports.size(), codechecker->reports.size());
  for (size_t i = 0; i < clang->reports.size(); ++i) {
    const Report& a = clang->reports[i];
    const Report& b = codechecker->reports[i];
    EXPECT_EQ(a.report_hash, b.report_hash);
    EXPECT_EQ(a.checker_name, b.checker_name);
    EXPECT_EQ(a.analyzer_name, b.analyzer_name);
    EXPECT_EQ(a.location, b.location);
    EXPECT_EQ(a.bug_path.events.size(), b.bug_path.events.size());
    EXPECT_EQ(a.bug_path.macro_expansions, b.bug_path.macro_expansions);
  }
}

TEST(PlistReader, Read_NoDirectory_RelativePathStaysRelative) {
  const absl::StatusOr<ResultFile> read = ReadPlist(Sample("clang.plist"), "x.plist", "", Limits{});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->files[1].path, "ring.h");
}

TEST(PlistReader, Read_NoEvents_EventOfTheDiagnosticItself) {
  const absl::StatusOr<ResultFile> read =
      Read(PlistWithGood("<key>description</key><string>d</string><key>path</key><array/>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports[0].bug_path.events,
              ElementsAre(BugPathEvent{.location = {.file = 0, .line = 7, .column = 3},
                                       .message = "d",
                                       .depth = 0,
                                       .ranges = {}}));
}

TEST(PlistReader, Read_NoHash_EmptyHashAndABasis) {
  const absl::StatusOr<ResultFile> read = Read(PlistWithGood(""));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].report_hash, "");
  EXPECT_THAT(read->hash_bases, SizeIs(1));
}

TEST(PlistReader, Read_NoCheckName_CodeCheckersNameAndAWarning) {
  const absl::StatusOr<ResultFile> read = Read(PlistWith(kLocation));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].checker_name, "NOT FOUND");
  EXPECT_THAT(read->warnings, ElementsAre(HasSubstr("1 of 1 diagnostics without a check_name")));
}

TEST(PlistReader, Read_Annotations_InTheFilesOrderAsText) {
  const absl::StatusOr<ResultFile> read = Read(PlistWithGood(
      "<key>report-annotation</key><dict><key>testcase</key><string>t&lt;1&gt;</string>"
      "<key>chronological_order</key><integer>12</integer><key>flaky</key><true/></dict>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports[0].annotations,
              ElementsAre(Annotation{"testcase", "t<1>"}, Annotation{"chronological_order", "12"},
                          Annotation{"flaky", "true"}));
}

TEST(PlistReader, Read_TextInPieces_PutTogether) {
  const absl::StatusOr<ResultFile> read = Read(PlistWithGood(
      "<key>description</key><string>a &amp; b<!-- c --> &#x64;<![CDATA[<e> ]]]]>f</string>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].message, "a & b d<e> ]]f");
}

TEST(PlistReader, Read_InvalidUtf8_KeptAsBytes) {
  const absl::StatusOr<ResultFile> read =
      Read(PlistWithGood("<key>description</key><string>caf\xe9 \xff</string>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].message, "caf\xe9 \xff");
}

TEST(PlistReader, Read_DeclaredLatin1_IsConverted) {
  const std::string plist = PlistWithGood("<key>description</key><string>caf\xe9</string>");
  for (const std::string name : {"=\"ISO-8859-1\"", "=\"latin1\"", " = 'Iso-8859-1'"}) {
    const absl::StatusOr<ResultFile> read = Read(Replaced(plist, "=\"UTF-8\"", name));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->reports[0].message, "caf\xc3\xa9") << name;
  }
}

TEST(PlistReader, Read_ByteOrderMark_IsPassedOver) {
  const absl::StatusOr<ResultFile> read = Read("\xef\xbb\xbf" + PlistWithGood(""));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, SizeIs(1));
}

TEST(PlistReader, Read_UnknownLine_IsZero) {
  const absl::StatusOr<ResultFile> read =
      Read(Replaced(PlistWithGood(""), "<integer>7</integer>", "<integer>-1</integer>"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].location.line, 0U);
}

TEST(PlistReader, Read_NoDiagnostics_NoReports) {
  const absl::StatusOr<ResultFile> read = Read(
      fmt::format("{}<plist><dict><key>diagnostics</key><array>\n</array></dict></plist>", kHead));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, IsEmpty());
}

// Reads it, and expects what is odd to be named.
ResultFile ReadOdd(const std::string& bytes, const std::vector<std::string>& warnings) {
  absl::StatusOr<ResultFile> read = Read(bytes);
  EXPECT_TRUE(read.ok()) << read.status();
  if (!read.ok()) return {};
  std::vector<std::string> expected;
  expected.reserve(warnings.size());
  for (const std::string& warning : warnings) {
    expected.push_back("x.plist: diagnostics[0]: " + warning + "; passed over");
  }
  EXPECT_EQ(read->warnings, expected);
  EXPECT_THAT(read->reports, SizeIs(1));
  return *std::move(read);
}

TEST(PlistReader, Read_FileThatIsNotThere_AtNoPlaceWithAWarning) {
  const ResultFile read =
      ReadOdd(Replaced(PlistWithGood(""), "<integer>0</integer>", "<integer>99</integer>"),
              {"location: file 99 is out of range; 'files' has 1 entries"});
  ASSERT_THAT(read.files, SizeIs(2));
  EXPECT_EQ(read.files[1].path, "");
  EXPECT_EQ(read.reports[0].location, (Location{.file = 1, .line = 0, .column = 0}));

  const absl::StatusOr<ResultFile> edge =
      Read(Replaced(Sample("clang.plist"), "<key>file</key><integer>0</integer>",
                    "<key>file</key><integer>2</integer>"));
  ASSERT_TRUE(edge.ok()) << edge.status();
  EXPECT_THAT(edge->warnings,
              ElementsAre("x.plist: diagnostics[0]: path[0]: edges[0]: start: file 2 is out of "
                          "range; 'files' has 2 entries; passed over"));
  EXPECT_THAT(edge->reports, SizeIs(4));
  EXPECT_THAT(edge->reports[0].bug_path.events, SizeIs(5));
}

// One that is only asked about is not told of twice.
TEST(PlistReader, Filter_FileThatIsNotThere_SameIdentityAndOneWarning) {
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

TEST(PlistReader, Read_FilesMissing_Refused) {
  ExpectInvalid(Replaced(PlistWithGood(""), "<string>a.c</string>", ""),
                "diagnostics[0]: location: ", "'files' has 0 entries");
}

TEST(PlistReader, Read_FieldsMissingOrOfAnotherKind_PassedOver) {
  const ResultFile nowhere =
      ReadOdd(PlistWith("<key>check_name</key><string>c</string>"), {"it has no location"});
  EXPECT_EQ(nowhere.files[nowhere.reports[0].location.file].path, "");

  const ResultFile step =
      ReadOdd(PlistWithGood("<key>path</key><array><dict><key>kind</key><string>event</string>"
                            "<key>message</key><string>m</string></dict></array>"),
              {"path[0]: it has no location"});
  ASSERT_THAT(step.reports[0].bug_path.events, SizeIs(1));
  EXPECT_EQ(step.reports[0].bug_path.events[0].message, "m");
  EXPECT_EQ(step.reports[0].bug_path.events[0].location.line, 0U);

  ReadOdd(PlistWithGood(fmt::format("<key>notes</key><array><dict>{}</dict></array>", kLocation)),
          {"notes[0]: it has no message"});
  ReadOdd(PlistWithGood("<key>path</key><string>m</string>"), {"path: an <array> was expected"});
  ReadOdd(PlistWithGood("<key>path</key><array><string/></array>"),
          {"path[0]: a <dict> was expected"});
  ReadOdd(PlistWithGood("<key>description</key><dict/>"), {"description: text was expected"});
  ReadOdd(PlistWithGood("<key>category</key><array/><key>notes</key><true/>"),
          {"category: text was expected", "notes: an <array> was expected"});
  ReadOdd(PlistWithGood("<key>macro_expansions</key><array><dict><key>name</key><string>M</string>"
                        "<key>expansion</key><string>1</string></dict></array>"),
          {"macro_expansions[0]: it has no location"});
  ReadOdd(Replaced(PlistWithGood(""), "<integer>7</integer>", "<integer>7x</integer>"),
          {"line: '7x' is not a number in range"});
  ReadOdd(Replaced(PlistWithGood(""), "<integer>7</integer>",
                   "<integer>99999999999999999999</integer>"),
          {"line: '99999999999999999999' is not a number in range"});
}

TEST(PlistReader, Read_OddPartsOfAStep_StepIsKept) {
  const ResultFile read = ReadOdd(
      PlistWithGood(fmt::format("<key>path</key><array><dict><key>kind</key><string>event</string>"
                                "{}<key>message</key><string>m</string><key>depth</key><string/>"
                                "<key>ranges</key><array><array/><array><dict/></array></array>"
                                "</dict></array>",
                                kLocation)),
      {"path[0]: depth: '' is not a number in range",
       "path[0]: ranges[0]: a range is two locations", "path[0]: ranges[1]: it names no file"});
  ASSERT_THAT(read.reports[0].bug_path.events, SizeIs(1));
  EXPECT_EQ(read.reports[0].bug_path.events[0].location.line, 7U);
  EXPECT_THAT(read.reports[0].bug_path.events[0].ranges, IsEmpty());
}

TEST(PlistReader, Read_ManyOddDiagnostics_FirstNamedRestCounted) {
  std::string diagnostics;
  for (int i = 0; i < 100; ++i) diagnostics += "<dict><key>category</key><dict/></dict>";
  const absl::StatusOr<ResultFile> read =
      Read(Replaced(PlistWithGood(""), "</dict></array><key>files",
                    fmt::format("</dict>{}</array><key>files", diagnostics)));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, SizeIs(101));
  // And one of the missing check_names.
  ASSERT_THAT(read->warnings, SizeIs(7));
  EXPECT_EQ(read->warnings.back(), "x.plist: 195 more of such warnings");
}

TEST(PlistReader, Read_KeysThatDoNotAlternate_Refused) {
  ExpectInvalid(PlistWithGood("<string>no key</string><key>k</key>"),
                "diagnostics[0]: ", "do not alternate");
  ExpectInvalid(PlistWithGood("<key>path</key><array><dict><key>kind</key></dict>"
                              "</array>"),
                "diagnostics[0]: ", "do not alternate");
}

TEST(PlistReader, Read_EmptyPathAmongTheFiles_IsNoFile) {
  const ResultFile read =
      ReadOdd(Replaced(PlistWithGood(""), "<string>a.c</string>", "<string></string>"), {});
  EXPECT_EQ(read.files[0].path, "");
}

TEST(PlistReader, Read_NumbersAsPythonReadsThem) {
  const auto line = [](std::string_view element) {
    const ResultFile read =
        ReadOdd(Replaced(PlistWithGood(""), "<integer>7</integer>", element), {});
    return read.reports.empty() ? 0 : read.reports[0].location.line;
  };
  EXPECT_EQ(line("<integer> 12\n</integer>"), 12U);
  EXPECT_EQ(line("<integer>\t+12</integer>"), 12U);
  EXPECT_EQ(line("<integer>012</integer>"), 12U);
  EXPECT_EQ(line("<integer>0x1F</integer>"), 31U);
  EXPECT_EQ(line("<real>12.0</real>"), 12U);
  EXPECT_EQ(line("<real> 1.2e1 </real>"), 12U);
  EXPECT_EQ(line("<integer> -1 </integer>"), 0U);
  for (const std::string_view odd : {"+-1", "0x", "12.5", "1e30", "nan", "1 2", ""}) {
    ReadOdd(Replaced(PlistWithGood(""), "<integer>7</integer>",
                     fmt::format("<integer>{}</integer>", odd)),
            {fmt::format("line: '{}' is not a number in range", odd)});
  }
}

TEST(PlistReader, Read_KeyGivenTwice_LastOneCounts) {
  const ResultFile read = ReadOdd(
      PlistWithGood("<key>description</key><string>first</string>"
                    "<key>description</key><string>last</string>"
                    "<key>report-annotation</key><dict><key>testcase</key><string>A</string>"
                    "<key>k</key><string>v</string><key>testcase</key><string>B</string></dict>"
                    "<key>path</key><array><dict><key>kind</key><string>control</string>"
                    "<key>location</key><dict><key>line</key><integer>1</integer><key>line</key>"
                    "<integer>5</integer><key>col</key><integer>1</integer><key>file</key>"
                    "<integer>0</integer></dict><key>message</key><string>m</string>"
                    "<key>kind</key><string>event</string></dict></array>"),
      {});
  const Report& report = read.reports[0];
  EXPECT_EQ(report.message, "last");
  EXPECT_THAT(report.annotations, ElementsAre(Annotation{"k", "v"}, Annotation{"testcase", "B"}));
  ASSERT_THAT(report.bug_path.events, SizeIs(1));
  EXPECT_EQ(report.bug_path.events[0].location.line, 5U);
}

TEST(PlistReader, Read_AnnotationThatIsNoText_PassedOver) {
  const ResultFile read = ReadOdd(
      PlistWithGood("<key>report-annotation</key><dict><key>a</key><array/><key>b</key>"
                    "<date>2024-01-02T03:04:05Z</date><key>c</key><data>YQ==</data></dict>"),
      {"report-annotation: a: text was expected"});
  EXPECT_THAT(read.reports[0].annotations,
              ElementsAre(Annotation{"b", "2024-01-02T03:04:05Z"}, Annotation{"c", "YQ=="}));
}

TEST(PlistReader, Read_PlaceholderHash_IsNone) {
  const auto read = [](std::string_view hash) {
    const absl::StatusOr<ResultFile> file = Read(PlistWithGood(
        fmt::format("<key>issue_hash_content_of_line_in_context</key><string>{}</string>", hash)));
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : ResultFile();
  };
  for (const std::string_view none : {"0", "00000000000000000000000000000000", "", " \n", "0 ",
                                      "00000000-0000-0000-0000-000000000000"}) {
    const ResultFile file = read(none);
    EXPECT_EQ(file.reports[0].report_hash, "") << none;
    EXPECT_THAT(file.hash_bases, SizeIs(1)) << none;
  }
  for (const std::string_view hash : {"00000000000000000000000000000001", "x", "0a"}) {
    const ResultFile file = read(hash);
    EXPECT_EQ(file.reports[0].report_hash, hash);
    EXPECT_THAT(file.hash_bases, IsEmpty()) << hash;
  }
}

TEST(PlistReader, Read_Analyzer_FromMetadataOrTheVersion) {
  const auto analyzer = [](std::string_view top, std::string_view checker = "c") {
    const absl::StatusOr<ResultFile> read = Read(Replaced(
        PlistWith(fmt::format("{}<key>check_name</key><string>{}</string>", kLocation, checker)),
        "<key>files</key>", fmt::format("{}<key>files</key>", top)));
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->reports[0].analyzer_name : "";
  };
  const auto version = [](std::string_view text) {
    return fmt::format("<key>clang_version</key><string>{}</string>", text);
  };
  const auto metadata = [](std::string_view part, std::string_view name) {
    return fmt::format(
        "<key>metadata</key><dict><key>{}</key><dict><key>name</key><string>{}"
        "</string></dict></dict>",
        part, name);
  };
  EXPECT_EQ(analyzer(version("Debian clang version 14.0.6")), "clangsa");
  EXPECT_EQ(analyzer(version("Apple LLVM version 10.0.0")), "clangsa");
  EXPECT_EQ(analyzer(version("cppcheck version 2.10")), "cppcheck");
  EXPECT_EQ(analyzer(version("Cppcheck 1.90")), "cppcheck");
  EXPECT_EQ(analyzer(version("cppcheck version 2.10"), "clang-diagnostic-x"), "cppcheck");
  EXPECT_EQ(analyzer(version("Debian clang version 14.0.6"), "clang-diagnostic-x"), "clang-tidy");
  EXPECT_EQ(analyzer(metadata("analyzer", "infer") + version("clang version 9")), "infer");
  EXPECT_EQ(analyzer(metadata("generated_by", "smatch")), "smatch");
  // What it is not said for stays open.
  EXPECT_EQ(analyzer(metadata("generated_by", "report-converter")), "");
  EXPECT_EQ(analyzer(version("mytool 1.0")), "");
  EXPECT_EQ(analyzer(""), "");
}

TEST(PlistReader, Read_NotAPlist_SaysWhatItIs) {
  ExpectInvalid("", "", "empty");
  ExpectInvalid(" \n", "", "empty");
  ExpectInvalid("{\"version\": \"2.1.0\"}", "", "not XML");
  ExpectInvalid("bplist00\xd4\x01", "", "plutil -convert xml1");
  ExpectInvalid(std::string("\xff\xfe<\0", 4), "", "UTF-16");
  ExpectInvalid(std::string("<plist>\n\0</plist>", 17), "line 2", "NUL");
  ExpectInvalid("<html><body/></html>", "", "<html>, not <plist>");
  ExpectInvalid("<plist><array/></plist>", "", "does not hold one <dict>");
  ExpectInvalid("<plist><dict/></plist><plist><dict/></plist>", "", "more than one");
  ExpectInvalid("<plist><dict><key>Label</key><string>x</string></dict></plist>", "",
                "no array 'diagnostics'");
  ExpectInvalid("<plist>\n<dict>\n<key></string></dict></plist>", "line 3", "not well-formed");
}

TEST(PlistReader, Read_CutAnywhere_IsAnErrorThatNamesTheFile) {
  const std::string whole = Sample("clang.plist");
  const size_t end = whole.rfind('>');
  for (size_t size = 0; size <= end; ++size) {
    const absl::StatusOr<ResultFile> read = Read(whole.substr(0, size));
    ASSERT_FALSE(read.ok()) << "cut at " << size;
    ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    ASSERT_TRUE(std::string(read.status().message()).starts_with("x.plist: "));
  }
}

TEST(PlistReader, Read_CutInTheMiddle_NamesTheLine) {
  const std::string whole = Sample("clang.plist");
  const std::string half = whole.substr(0, whole.find("<key>ExecutedLines") + 10);
  const auto lines = std::count(half.begin(), half.end(), '\n') + 1;
  ExpectInvalid(half, fmt::format("line {}: ", lines), "cut short");
}

TEST(PlistReader, Read_EntityDeclarations_Refused) {
  ExpectInvalid(
      "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n <!ENTITY lol \"lol\">\n"
      " <!ENTITY lol2 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">\n]>\n"
      "<plist><dict><key>diagnostics</key><array/></dict></plist>",
      "", "declares entities");
  ExpectInvalid(
      "<!DOCTYPE plist SYSTEM \"x.dtd\" [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
      "<plist><dict><key>diagnostics</key><array/></dict></plist>",
      "", "declares entities");
}

TEST(PlistReader, Read_NestedDeep_ReadUpToTheLimit) {
  const auto nested = [](int depth) {
    std::string deep = "<key>x</key>";
    for (int i = 0; i < depth; ++i) deep += "<array>";
    for (int i = 0; i < depth; ++i) deep += "</array>";
    return Read(PlistWithGood(deep));
  };
  // In plist, dict, array and dict.
  const absl::StatusOr<ResultFile> read = nested(252);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->reports, SizeIs(1));
  EXPECT_EQ(nested(253).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(nested(200'000).status().message()),
              AllOf(StartsWith("x.plist: line "), HasSubstr("nested more than 256 deep")));
}

TEST(PlistReader, Read_TextBesideElements_Ignored) {
  const absl::StatusOr<ResultFile> read =
      Read(Replaced(PlistWithGood(""), "<key>check_name</key>", "a<key>check_name</key> b "));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->reports[0].checker_name, "c");
}

TEST(PlistReader, Read_CodedKindsAndNumbers_ReadAsMeant) {
  const absl::StatusOr<ResultFile> read = Read(PlistWithGood(
      "<key>path</key><array><dict><key>kind</key><string><![CDATA[event]]></string>"
      "<key>location</key><dict><key>line</key><integer><!-- x -->5</integer><key>col</key>"
      "<integer>&#54;</integer><key>file</key><integer>0</integer></dict>"
      "<key>mes&#115;age</key><string>m</string></dict></array>"));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(read->reports[0].bug_path.events, SizeIs(1));
  EXPECT_EQ(read->reports[0].bug_path.events[0].location,
            (Location{.file = 0, .line = 5, .column = 6}));
  EXPECT_EQ(read->reports[0].bug_path.events[0].message, "m");
}

TEST(PlistReader, Read_ElementsBeyondAnyPlists_ResourceExhausted) {
  std::string many;
  for (int i = 0; i < 500'000; ++i) many += "<a/>";
  const absl::StatusOr<ResultFile> read = Read(PlistWithGood("<key>x</key><x>" + many + "</x>"));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kResourceExhausted) << read.status();
  EXPECT_THAT(std::string(read.status().message()), StartsWith("x.plist: line "));
}

// The densest plist there can be is within the bounds.
TEST(PlistReader, Read_DensePlist_IsRead) {
  std::string edges;
  for (int i = 0; i < 200'000; ++i) edges += "<integer>1</integer>";
  const absl::StatusOr<ResultFile> read =
      Read(PlistWithGood("<key>x</key><array>" + edges + "</array>"));
  EXPECT_TRUE(read.ok()) << read.status();
}

TEST(PlistReader, Read_LongNames_KeptUpToTheirLimits) {
  const std::string text(size_t{100} << 10, 't');
  const auto read = [&](const std::string& checker) {
    return Read(PlistWithGood(
        fmt::format("<key>category</key><string>{}</string><key>type</key><string>{}</string>"
                    "<key>check_name</key><string>{}</string>",
                    text, text, checker)));
  };
  const std::string longest(4096, 'c');
  const absl::StatusOr<ResultFile> whole = read(longest);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->reports[0].category, text);
  EXPECT_EQ(whole->reports[0].type, text);
  EXPECT_EQ(whole->reports[0].checker_name, longest);
  const absl::Status over = read(longest + "c").status();
  EXPECT_EQ(over.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(over.message()),
              HasSubstr("diagnostics[0]: the checker name is 4097 bytes long; the limit is 4096"));
}

TEST(PlistReader, Read_TextOverTheLimit_ResourceExhausted) {
  const absl::StatusOr<ResultFile> read = Read(PlistWithGood(fmt::format(
      "<key>description</key><string>{}</string>", std::string(size_t{10} << 20, 'x'))));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(read.status().message()),
              AllOf(StartsWith("x.plist: diagnostics[0]: "), HasSubstr("message"),
                    HasSubstr("10485760 bytes")));
}

TEST(PlistReader, Read_PathOverTheLimit_ResourceExhausted) {
  Limits limits;
  limits.max_path_bytes = 14;
  const absl::StatusOr<ResultFile> read = Read(Sample("clang.plist"), limits);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(read.status().message()),
              AllOf(StartsWith("x.plist: files[0]: "), EndsWith("the limit is 14")));
}

}  // namespace
}  // namespace stored::reports
