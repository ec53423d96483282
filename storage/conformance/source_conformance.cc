#include "storage/conformance/conformance.h"

// Contents of source files.
namespace stored::storage {
namespace {

TEST_P(BackendConformance, Ingest_Contents_OncePerDigest) {
  ReportList list;
  AddSource(list, "a.c", "int a;");
  AddSource(list, "copy/a.c", "int a;");
  AddSource(list, "b.c", "int b;;");
  list.reports = {MakeReport(0)};
  const StoreResult first = Ingest(list);
  EXPECT_EQ(first.source_files, 3);
  EXPECT_EQ(first.new_sources, 2);
  EXPECT_EQ(first.new_source_bytes, 13);
  EXPECT_TRUE(first.warnings.empty());
  const StoreResult second = Ingest(list);
  EXPECT_EQ(second.new_sources, 0);
  EXPECT_EQ(second.new_source_bytes, 0);
}

TEST_P(BackendConformance, Ingest_ContentOfNoFile_IsNotKept) {
  ReportList list = MakeReports(1);
  ReportList stranger;
  AddSource(stranger, "x", "unasked for");
  list.contents = stranger.contents;
  EXPECT_EQ(Ingest(list).new_sources, 0);
  const Sha256Digest digest = Sha256Digest::FromRaw(stranger.contents[0].sha256).value();
  EXPECT_EQ(results().FindMissingContents({&digest, 1})->size(), 1U);
}

TEST_P(BackendConformance, Ingest_OnlyAContentIsNew_IsStored) {
  ReportList list = MakeReports(1);
  AddSource(list, "b.c", "int b;", /*send=*/false);
  const StoreResult first = Ingest(list);
  ASSERT_EQ(first.warnings.size(), 1U);
  EXPECT_EQ(first.warnings[0], "1 source file was not sent and not stored: b.c");
  list.files.pop_back();
  AddSource(list, "b.c", "int b;");
  const StoreResult second = Ingest(list);
  EXPECT_EQ(second.new_sources, 1);
  EXPECT_TRUE(second.warnings.empty());
  EXPECT_EQ(second.unresolved_reports, 1);
}

TEST_P(BackendConformance, Ingest_MissingSources_WarnsAfterOtherWarnings) {
  ReportList list = MakeReports(1);
  for (const char* path : {"b.c", "c.c", "d.c", "e\n.c"}) AddSource(list, path, path, false);
  list.summary.warnings = {"x.plist: not XML, skipped"};
  const StoreResult result = Ingest(list);
  ASSERT_EQ(result.warnings.size(), 2U);
  EXPECT_EQ(result.warnings[0], "x.plist: not XML, skipped");
  EXPECT_EQ(result.warnings[1], "4 source files were not sent and not stored: b.c, c.c, d.c, ...");
}

TEST_P(BackendConformance, FindMissingContents_InOrderWithoutRepetition) {
  ReportList list = MakeReports(1);
  AddSource(list, "a.c", "there");
  Ingest(list);
  const std::vector<Sha256Digest> asked = {Sha256::Of("z"), Sha256::Of("there"), Sha256::Of("a"),
                                           Sha256::Of("z")};
  EXPECT_EQ(*results().FindMissingContents(asked),
            (std::vector<Sha256Digest>{Sha256::Of("z"), Sha256::Of("a")}));
  EXPECT_TRUE(results().FindMissingContents({})->empty());
}

}  // namespace
}  // namespace stored::storage
