#include "storage/sqlite/check/product_check.h"

#include <fmt/format.h>
#include <zstd.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/sha256.h"
#include "base/status.h"
#include "base/text/text.h"
#include "storage/policy/severity_resolver.h"
#include "storage/sqlite/connection/database_file.h"
#include "storage/sqlite/connection/migrations.h"
#include "storage/sqlite/query/report_query.h"
#include "storage/sqlite/query/run_query.h"
#include "storage/sqlite/results/product_schema.h"

namespace stored::storage::sqlite {
namespace {

constexpr int kCacheKib = 32 << 10;
constexpr int kPageSize = 1000;
constexpr int64_t kMaxPageBytes = int64_t{8} << 20;
// No source is larger (reports/limits.h). A row that claims a larger size is not decompressed.
constexpr int64_t kMaxSourceBytes = int64_t{64} << 20;
// The version of the schema that added the table removed_runs.
constexpr int64_t kVersionWithRemovedRuns = 2;
// The version of the schema that added the table past_reports.
constexpr int64_t kVersionWithPast = 4;

// A query for a number that is 0 in a consistent database, and a description of what it counts.
struct Rule {
  std::string_view sql;
  std::string_view problem;
};

// Rules that use only tables and columns of the first version of the schema.
constexpr Rule kRules[] = {
    {"SELECT count(*) FROM runs WHERE latest_history_id NOT IN (SELECT id FROM run_history "
     "WHERE run_id = runs.id)",
     "runs whose newest store is missing from their history"},
    {"SELECT count(*) FROM runs WHERE reports <> (SELECT count(*) FROM reports WHERE run_id = "
     "runs.id)",
     "runs that do not have as many reports as they say"},
    {"SELECT count(*) FROM runs WHERE open_reports <> (SELECT count(*) FROM reports WHERE run_id = "
     "runs.id AND state = 0)",
     "runs that do not have as many open reports as they say"},
    {"SELECT count(*) FROM runs WHERE store_count < (SELECT count(*) FROM run_history WHERE run_id "
     "= runs.id)",
     "runs with more stores in their history than they say"},
    {"SELECT count(*) FROM reports WHERE file_id NOT IN (SELECT id FROM files)",
     "reports whose file is missing"},
    {"SELECT count(*) FROM reports WHERE checker_id NOT IN (SELECT id FROM checkers)",
     "reports whose checker is missing"},
    {"SELECT count(*) FROM file_versions WHERE file_id NOT IN (SELECT id FROM files)",
     "versions of files that are missing"},
    {"SELECT count(*) FROM reports JOIN runs ON runs.id = run_id WHERE opened_by NOT IN (SELECT id "
     "FROM run_history) OR closed_by NOT IN (SELECT id FROM run_history)",
     "reports whose store is missing from the run's history"},
};

// Rules that allow rows of removed runs, which garbage collection has yet to remove.
constexpr Rule kRulesOfRuns[] = {
    {"SELECT count(*) FROM reports WHERE run_id NOT IN (SELECT id FROM runs UNION SELECT run_id "
     "FROM removed_runs)",
     "reports of no run"},
    {"SELECT count(*) FROM run_history WHERE run_id NOT IN (SELECT id FROM runs UNION SELECT "
     "run_id FROM removed_runs)",
     "stores in the history of no run"},
    {"SELECT count(*) FROM file_versions WHERE run_id NOT IN (SELECT id FROM runs UNION SELECT "
     "run_id FROM removed_runs)",
     "versions of files of no run"},
};

// Rules for the past of reports.
constexpr Rule kRulesOfPast[] = {
    {"SELECT count(*) FROM past_reports WHERE run_id NOT IN (SELECT id FROM runs UNION SELECT "
     "run_id FROM removed_runs)",
     "past reports of no run"},
    {"SELECT count(*) FROM past_reports WHERE file_id NOT IN (SELECT id FROM files) OR checker_id "
     "NOT IN (SELECT id FROM checkers)",
     "past reports whose file or checker is missing"},
    {"SELECT count(*) FROM past_reports AS past LEFT JOIN reports AS present ON present.id = "
     "report_id WHERE valid_until > coalesce(present.valid_from, present.opened_by) OR valid_until "
     "<= past.valid_from OR EXISTS (SELECT 1 FROM past_reports AS next WHERE next.run_id = "
     "past.run_id AND next.report_id = past.report_id AND next.valid_from > past.valid_from AND "
     "next.valid_from < past.valid_until)",
     "past reports that hold at the same time as another row of theirs"},
    {"SELECT count(*) FROM past_reports AS past WHERE bug_path IS NULL AND report_id NOT IN "
     "(SELECT "
     "id FROM reports) AND NOT EXISTS (SELECT 1 FROM past_reports AS next WHERE next.run_id = "
     "past.run_id AND next.report_id = past.report_id AND next.valid_from > past.valid_from AND "
     "next.bug_path IS NOT NULL)",
     "past reports without a bug path"},
};

// Checks one product's database and adds the problems to a CheckedFile.
class ProductCheck {
 public:
  ProductCheck(Database& database, CheckedFile& file) : database_(database), file_(file) {}

  absl::Status Run(int64_t version) {
    STORED_ASSIGN_OR_RETURN(file_.problems, FindDamage(database_, CheckDepth::kThorough));
    STORED_ASSIGN_OR_RETURN(const int64_t runs, database_.QueryInt("SELECT count(*) FROM runs"));
    STORED_ASSIGN_OR_RETURN(const int64_t reports,
                            database_.QueryInt("SELECT count(*) FROM reports"));
    STORED_ASSIGN_OR_RETURN(const int64_t sources,
                            database_.QueryInt("SELECT count(*) FROM contents"));
    file_.content = fmt::format("schema version {}, {} runs, {} reports, {} sources", version, runs,
                                reports, sources);
    for (const Rule& rule : kRules) STORED_RETURN_IF_ERROR(Apply(rule));
    if (version >= kVersionWithRemovedRuns) {
      for (const Rule& rule : kRulesOfRuns) STORED_RETURN_IF_ERROR(Apply(rule));
    }
    if (version >= kVersionWithPast) {
      for (const Rule& rule : kRulesOfPast) STORED_RETURN_IF_ERROR(Apply(rule));
    }
    // An older schema lacks columns. A server adds them when it opens the database.
    if (version == static_cast<int64_t>(ProductSchema().migrations.size())) {
      STORED_RETURN_IF_ERROR(ReadAllReports());
    }
    return CheckSources();
  }

 private:
  absl::Status Apply(const Rule& rule) {
    STORED_ASSIGN_OR_RETURN(const int64_t count, database_.QueryInt(rule.sql));
    if (count > 0) file_.problems.push_back(fmt::format("{} {}", count, rule.problem));
    return absl::OkStatus();
  }

  // Reads every report with the queries that serve clients.
  absl::Status ReadAllReports() {
    std::string page_token;
    do {
      STORED_ASSIGN_OR_RETURN(const RunPage page, QueryRuns(database_, "", kPageSize, page_token));
      for (const RunSummary& run : page.runs) STORED_RETURN_IF_ERROR(ReadReports(run.name));
      page_token = page.next_page_token;
    } while (!page_token.empty());
    return absl::OkStatus();
  }

  absl::Status ReadReports(const std::string& run) {
    const TableSeverities severities;
    ReportQuery query;
    query.run_name = run;
    query.with_bug_path = true;
    query.page_size = kPageSize;
    query.max_page_bytes = kMaxPageBytes;
    do {
      const absl::StatusOr<ReportPage> page = QueryReports(database_, severities, query);
      if (absl::IsDataLoss(page.status())) {
        file_.problems.push_back(
            fmt::format("run \"{}\": {}", Printable(run), std::string(page.status().message())));
        return absl::OkStatus();
      }
      STORED_RETURN_IF_ERROR(page.status());
      query.page_token = page->next_page_token;
    } while (!query.page_token.empty());
    return absl::OkStatus();
  }

  absl::Status CheckSources() {
    STORED_ASSIGN_OR_RETURN(Statement select,
                            database_.Prepare("SELECT sha256, size, zstd FROM contents"));
    std::string text;
    int64_t damaged = 0;
    while (true) {
      STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      if (!IsWhole(select.Bytes(0), select.Int(1), select.Bytes(2), text)) ++damaged;
    }
    if (damaged > 0) {
      file_.problems.push_back(fmt::format("{} sources that do not match their digest", damaged));
    }
    return absl::OkStatus();
  }

  static bool IsWhole(std::string_view sha256, int64_t size, std::string_view zstd,
                      std::string& text) {
    if (size < 0 || size > kMaxSourceBytes) return false;
    text.resize(static_cast<size_t>(size));
    const size_t n = ZSTD_decompress(text.data(), text.size(), zstd.data(), zstd.size());
    if (ZSTD_isError(n) != 0 || n != text.size()) return false;
    return Sha256::Of(text).Raw() == sha256;
  }

  Database& database_;
  CheckedFile& file_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenAsItIs(const std::string& path, int cache_kib) {
  std::error_code error;
  const uintmax_t log = std::filesystem::file_size(path + "-wal", error);
  const bool has_log = !error && log > 0;
  return Database::Open(path, has_log ? Database::Mode::kReadOnly : Database::Mode::kImmutable,
                        cache_kib);
}

std::unique_ptr<Database> OpenToCheck(const Schema& schema, CheckedFile& file, int64_t* version) {
  const auto open = [&]() -> absl::StatusOr<std::unique_ptr<Database>> {
    STORED_RETURN_IF_ERROR(CheckDatabaseFile(file.path));
    STORED_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, OpenAsItIs(file.path, kCacheKib));
    STORED_ASSIGN_OR_RETURN(*version, CheckKind(*database, schema, /*create=*/false));
    return database;
  };
  absl::StatusOr<std::unique_ptr<Database>> database = open();
  if (database.ok()) return *std::move(database);
  file.problems.emplace_back(std::string(database.status().message()));
  return nullptr;
}

void CheckProduct(CheckedFile& file) {
  int64_t version = 0;
  const std::unique_ptr<Database> database = OpenToCheck(ProductSchema(), file, &version);
  if (database == nullptr) return;
  const absl::Status status = ProductCheck(*database, file).Run(version);
  // A query that fails because of damage ends the check early.
  if (!status.ok()) file.problems.emplace_back(std::string(status.message()));
}

}  // namespace stored::storage::sqlite
