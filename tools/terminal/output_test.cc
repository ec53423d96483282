#include "tools/terminal/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "stored/v1/store_service.pb.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

using ::testing::HasSubstr;

class OutputTest : public ::testing::Test {
 protected:
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(OutputTest, Print_ControlCharacters_AreEscaped) {
  Output output(out_, err_, 0);
  output.Line("a\x1b[2Jb\nc");
  output.Error("d\x1b[2J\xff");
  EXPECT_EQ(out_.str(), "a\\x1b[2Jb\\nc\n");
  EXPECT_EQ(err_.str(), "storectl: d\\x1b[2J\xef\xbf\xbd\n");
}

TEST_F(OutputTest, Note_Quiet_OnlyErrorsAndResultsArePrinted) {
  Output output(out_, err_, 0);
  output.set_quiet(true);
  output.Note("note");
  output.Warning("warning");
  output.Detail("detail");
  EXPECT_EQ(err_.str(), "");
  output.Error("error");
  EXPECT_EQ(err_.str(), "storectl: error\n");
}

TEST_F(OutputTest, Detail_IsPrintedOnlyWhenVerbose) {
  Output output(out_, err_, 0);
  output.Detail("one");
  output.set_verbose(true);
  output.Detail("two");
  EXPECT_EQ(err_.str(), "two\n");
}

TEST_F(OutputTest, Document_ZeroFields_AreIncluded) {
  Output output(out_, err_, 0);
  v1::StoreStatus status;
  status.set_state(v1::STORE_STATE_COMPLETED);
  status.mutable_result()->set_new_reports(7);
  ASSERT_TRUE(output.Document(status).ok());
  EXPECT_THAT(out_.str(), HasSubstr("\"newReports\":7"));
  EXPECT_THAT(out_.str(), HasSubstr("\"unresolvedReports\":0"));
  EXPECT_THAT(out_.str(), HasSubstr("\"state\":\"STORE_STATE_COMPLETED\""));
  EXPECT_THAT(out_.str(), HasSubstr("\"inProgress\":false"));
}

TEST_F(OutputTest, ShowProgress_NoTerminal_PrintsNothing) {
  Output output(out_, err_, 0);
  output.ShowProgress("half");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(OutputTest, ShowProgress_Terminal_IsReplacedByOtherText) {
  Output output(out_, err_, 10);
  output.ShowProgress("0123456789abcdef");
  output.Note("note");
  EXPECT_EQ(err_.str(), "\r\x1b[K012345678\r\x1b[Knote\n");
}

TEST_F(OutputTest, Finish_ResultCannotBeWritten_IsDataLoss) {
  Output output(out_, err_, 0);
  EXPECT_TRUE(output.Finish().ok());
  out_.setstate(std::ios::badbit);
  EXPECT_TRUE(absl::IsDataLoss(output.Finish()));
  output.set_loss_advice("look there");
  EXPECT_THAT(std::string(output.Finish().message()), HasSubstr("look there"));
}

TEST(TableTest, Print_AlignsColumnsAndShowsEmptyCells) {
  std::ostringstream out;
  Table table(out, {{"NAME"}, {"N", true}, {"TEXT"}});
  table.Add({"a", "100", "x"});
  table.Add({"\xc3\xbcmlaut", "7", ""});
  table.Print();
  EXPECT_EQ(out.str(),
            "NAME      N  TEXT\n"
            "a       100  x\n"
            "\xc3\xbcmlaut    7  -\n");
}

TEST(TableTest, Print_SecondPage_KeepsTheWidthsAndHasNoTitles) {
  std::ostringstream out;
  Table table(out, {{"A"}, {"B"}});
  table.Add({"1234", "x"});
  table.Print();
  table.Add({"1", "y"});
  table.Add({"123456", "z"});
  table.Print();
  EXPECT_EQ(out.str(),
            "A     B\n"
            "1234  x\n"
            "1     y\n"
            "123456  z\n");
}

}  // namespace
}  // namespace stored::tools
