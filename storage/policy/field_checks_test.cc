#include "storage/policy/field_checks.h"

#include <gtest/gtest.h>

#include <string>

#include "base/testing/split_texts.h"
#include "storage/backend.h"

namespace stored::storage {
namespace {

void ExpectRefused(const absl::Status& status, std::string_view field) {
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_NE(status.message().find(std::string(field)), absl::string_view::npos) << status;
}

UploadHeader Header() {
  UploadHeader header;
  header.request.run_name = "run";
  header.request.format = PayloadFormat::kSarif;
  return header;
}

TEST(FieldChecksTest, ProductName) {
  for (const char* name : {"a", "0", "default", "a-b_c"}) {
    EXPECT_TRUE(CheckNewProductName(name).ok()) << name;
    EXPECT_EQ(*ProductOrDefault(name), name);
  }
  EXPECT_TRUE(CheckNewProductName(std::string(kMaxProductNameBytes, 'a')).ok());
  // A request may name them. It finds no product, because they cannot be created.
  for (const char* name : {"-a", "_a", "-"}) {
    EXPECT_EQ(*ProductOrDefault(name), name);
    ExpectRefused(CheckNewProductName(name), "product '");
  }
  for (const char* name : {"A", "a b", "a.b", "a/b", "\xc3\xa9", "a\n"}) {
    ExpectRefused(CheckNewProductName(name), "product '");
    ExpectRefused(ProductOrDefault(name).status(), "product '");
  }
  ExpectRefused(CheckProductName(std::string(kMaxProductNameBytes + 1, 'a')), "product '");
  ExpectRefused(CheckProductName(""), "product '");
  ExpectRefused(CheckNewProductName(""), "product '");
  EXPECT_EQ(*ProductOrDefault(""), kDefaultProduct);
}

TEST(FieldChecksTest, MissingSources_ProductIsCheckedFirst) {
  EXPECT_TRUE(CheckMissingSources("", kMaxMissingSources).ok());
  ExpectRefused(CheckMissingSources("", kMaxMissingSources + 1), "sha256");
  ExpectRefused(CheckMissingSources("A", kMaxMissingSources + 1), "product '");
}

TEST(FieldChecksTest, RunName) {
  EXPECT_TRUE(CheckRunName("x").ok());
  EXPECT_TRUE(CheckRunName(" \xc3\xa9/ main ").ok());
  EXPECT_TRUE(CheckRunName(std::string(kMaxRunNameBytes, 'x')).ok());
  for (const char* name : {"", "   ", "a\nb", "\xff", "a\x7f"}) {
    ExpectRefused(CheckRunName(name), "run_name");
  }
  ExpectRefused(CheckRunName(std::string(kMaxRunNameBytes + 1, 'x')), "run_name");
}

TEST(FieldChecksTest, UploadId) {
  EXPECT_TRUE(CheckUploadId("12345678").ok());
  EXPECT_TRUE(CheckUploadId("aA0._-bB").ok());
  EXPECT_TRUE(CheckUploadId(std::string(64, 'x')).ok());
  for (const char* id : {"", "1234567", ".2345678", "1234567/", "1234567 ", "../../../etc"}) {
    ExpectRefused(CheckUploadId(id), "upload_id");
  }
  ExpectRefused(CheckUploadId(std::string(65, 'x')), "upload_id");
}

TEST(FieldChecksTest, RefusedTexts_AreQuotedUpToAWholeCharacter) {
  for (const SplitText& name : TextsSplitAt(kMaxProductNameBytes)) {
    ExpectRefused(CheckProductName(name.text), "product '" + name.kept + "' is not");
  }
  for (const SplitText& id : TextsSplitAt(64)) {
    ExpectRefused(CheckUploadId(id.text), "upload_id '" + id.kept + "' is not");
  }
  UploadHeader header = Header();
  for (const SplitText& description : TextsSplitAt(256)) {
    header.request.description = description.text + "\x7f";
    ExpectRefused(CheckUploadHeader(header), "'" + description.kept + "' has control characters");
  }
}

TEST(FieldChecksTest, Lifetime_ZeroOrASecondTo36500Days) {
  EXPECT_TRUE(CheckLifetime(absl::ZeroDuration(), "f").ok());
  EXPECT_TRUE(CheckLifetime(kMinLifetime, "f").ok());
  EXPECT_TRUE(CheckLifetime(kMaxLifetime, "f").ok());
  for (const absl::Duration bad : {absl::Milliseconds(999), -absl::Seconds(1),
                                   kMaxLifetime + absl::Seconds(1), absl::InfiniteDuration()}) {
    ExpectRefused(CheckLifetime(bad, "some_field"), "some_field");
  }
}

TEST(FieldChecksTest, Settings_NameTheFieldThatIsWrong) {
  EXPECT_TRUE(CheckSettings({}).ok());
  EXPECT_TRUE(CheckSettings({.max_runs = 0, .max_queued_stores = 7}).ok());
  ExpectRefused(CheckSettings({.max_runs = -1}), "settings.max_runs");
  ExpectRefused(CheckSettings({.max_reports_per_store = -1}), "settings.max_reports_per_store");
  ExpectRefused(CheckSettings({.max_bytes_per_store = -1}), "settings.max_bytes_per_store");
  ExpectRefused(CheckSettings({.max_queued_stores = -1}), "settings.max_queued_stores");
  ExpectRefused(CheckSettings({.resolved_report_retention = absl::Milliseconds(1)}),
                "settings.resolved_report_retention");
  ExpectRefused(CheckSettings({.history_retention = -absl::Hours(1)}),
                "settings.history_retention");
}

TEST(FieldChecksTest, UploadHeader_EveryField) {
  EXPECT_TRUE(CheckUploadHeader(Header()).ok());
  const auto with = [](auto change) {
    UploadHeader header = Header();
    change(header);
    return CheckUploadHeader(header);
  };
  using H = UploadHeader;
  ExpectRefused(with([](H& h) { h.request.upload_id = "short"; }), "upload_id");
  ExpectRefused(with([](H& h) { h.request.product = "No"; }), "product");
  ExpectRefused(with([](H& h) { h.request.run_name = ""; }), "run_name");
  ExpectRefused(with([](H& h) { h.request.tag = "a\tb"; }), "tag");
  ExpectRefused(with([](H& h) { h.request.tag = std::string(kMaxTagBytes + 1, 't'); }), "tag");
  EXPECT_TRUE(with([](H& h) { h.request.description = "one\ntwo\tthree\r\n"; }).ok());
  ExpectRefused(with([](H& h) { h.request.description = "\x1b[0m"; }), "description");
  ExpectRefused(
      with([](H& h) { h.request.description = std::string(kMaxDescriptionBytes + 1, 'd'); }),
      "description");
  ExpectRefused(with([](H& h) { h.request.format = static_cast<PayloadFormat>(0); }), "format");
  ExpectRefused(with([](H& h) { h.request.format = static_cast<PayloadFormat>(5); }), "format");
  ExpectRefused(with([](H& h) { h.request.trim_path_prefixes = {""}; }), "trim_path_prefixes");
  ExpectRefused(with([](H& h) { h.request.trim_path_prefixes = {"a\nb"}; }), "trim_path_prefixes");
  ExpectRefused(
      with([](H& h) { h.request.trim_path_prefixes.assign(kMaxTrimPrefixes + 1, "/src/"); }),
      "trim_path_prefixes");
  ExpectRefused(with([](H& h) { h.expected_size = -1; }), "expected_size");
  ExpectRefused(with([](H& h) { h.request.expire_after = absl::Milliseconds(1); }), "expire_after");
}

TEST(FieldChecksTest, SessionFilter_EmptyIsAny) {
  EXPECT_TRUE(CheckSessionFilter({}).ok());
  EXPECT_TRUE(CheckSessionFilter({.product = "p", .run_name = "*"}).ok());
  ExpectRefused(CheckSessionFilter({.product = "P"}), "product");
  ExpectRefused(CheckSessionFilter({.run_name = "a\nb"}), "run_name");
  ExpectRefused(CheckSessionFilter({.run_name = std::string(kMaxPatternBytes + 1, 'r')}),
                "run_name");
}

TEST(FieldChecksTest, PageSize) {
  EXPECT_EQ(*CheckPageSize(0, 100, 1000), 100);
  EXPECT_EQ(*CheckPageSize(1, 100, 1000), 1);
  EXPECT_EQ(*CheckPageSize(1000, 100, 1000), 1000);
  ExpectRefused(CheckPageSize(1001, 100, 1000).status(), "page_size");
  ExpectRefused(CheckPageSize(-1, 100, 1000).status(), "page_size");
  ExpectRefused(CheckPageSize(int64_t{1} << 40, 100, 1000).status(), "page_size");
}

}  // namespace
}  // namespace stored::storage
