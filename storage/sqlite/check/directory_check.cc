#include "storage/sqlite/check/directory_check.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "base/files/file.h"
#include "base/sha256.h"
#include "base/status.h"
#include "base/text/text.h"
#include "storage/sqlite/check/product_check.h"
#include "storage/sqlite/connection/database_file.h"
#include "storage/sqlite/connection/directory_lock.h"
#include "storage/sqlite/queue/meta_schema.h"
#include "storage/sqlite/queue/session_rows.h"
#include "storage/sqlite/results/run_writer.h"

namespace stored::storage::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".db";
constexpr size_t kReadBytes = size_t{1} << 20;
constexpr int kLookupCacheKib = 1 << 10;
// The largest number of problems of one kind that are listed one by one.
constexpr size_t kMaxNamed = 10;

// Returns the names of the databases in `directory`, without the suffix.
std::set<std::string> DatabasesIn(const std::string& directory) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator next(directory, error); !error && next != fs::directory_iterator();
       next.increment(error)) {
    const std::string name = next->path().filename().string();
    if (name.ends_with(kSuffix)) names.insert(name.substr(0, name.size() - kSuffix.size()));
  }
  return names;
}

absl::StatusOr<Sha256Digest> DigestOf(const std::string& path) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY));
  Sha256 sha256;
  std::string piece(kReadBytes, '\0');
  for (uint64_t offset = 0;;) {
    STORED_ASSIGN_OR_RETURN(const size_t n,
                            ReadAt(fd.get(), piece.data(), piece.size(), offset, path));
    if (n == 0) return sha256.Finish();
    sha256.Update({piece.data(), n});
    offset += n;
  }
}

class DirectoryCheck {
 public:
  DirectoryCheck(std::string directory, absl::FunctionRef<void(const CheckedFile&)> found)
      : directory_(std::move(directory)), found_(found) {}

  void Run() {
    CheckMeta();
    for (const std::string& product : products_) {
      CheckedFile file = {ProductPath(product), "", {}};
      CheckProduct(file);
      found_(file);
    }
    // If meta.db could not be read, checks all databases here, and does not know which belong to a
    // product.
    for (const std::string& name : DatabasesIn(directory_ + "/products")) {
      if (known_.contains(name)) continue;
      CheckedFile file = {ProductPath(name), "", {}};
      CheckProduct(file);
      if (meta_read_) file.problems.insert(file.problems.begin(), "it belongs to no product");
      found_(file);
    }
    if (meta_read_) CheckSpool();
  }

 private:
  std::string ProductPath(const std::string& product) const {
    return fmt::format("{}/products/{}{}", directory_, product, kSuffix);
  }

  void CheckMeta() {
    CheckedFile file = {directory_ + "/meta.db", "", {}};
    int64_t version = 0;
    const std::unique_ptr<Database> meta = OpenToCheck(MetaSchema(), file, &version);
    if (meta != nullptr) {
      const absl::Status status = ReadMeta(*meta, version, file);
      if (!status.ok()) file.problems.emplace_back(std::string(status.message()));
    }
    found_(file);
  }

  absl::Status ReadMeta(Database& meta, int64_t version, CheckedFile& file) {
    STORED_ASSIGN_OR_RETURN(file.problems, FindDamage(meta, CheckDepth::kThorough));
    STORED_RETURN_IF_ERROR(ReadProductNames(meta));
    STORED_ASSIGN_OR_RETURN(const int64_t stores, meta.QueryInt("SELECT count(*) FROM stores"));
    file.content =
        fmt::format("schema version {}, {} products, {} stores", version, products_.size(), stores);
    // An older schema lacks columns. A server adds them when it opens the database.
    if (version == static_cast<int64_t>(MetaSchema().migrations.size())) {
      STORED_RETURN_IF_ERROR(ReadStores(meta));
    }
    meta_read_ = true;
    return absl::OkStatus();
  }

  // Uses only columns that the first version of the schema has.
  absl::Status ReadProductNames(Database& meta) {
    STORED_ASSIGN_OR_RETURN(Statement select,
                            meta.Prepare("SELECT name, state FROM products ORDER BY name"));
    while (true) {
      STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) return absl::OkStatus();
      known_.insert(select.String(0));
      // The next start removes the files of the others, which a crash left behind.
      if (select.Int(1) == static_cast<int64_t>(ProductState::kReady)) {
        products_.push_back(select.String(0));
      }
    }
  }

  // Reads every session, and keeps the unfinished ones, which need their payload.
  absl::Status ReadStores(Database& meta) {
    STORED_ASSIGN_OR_RETURN(Statement select, meta.Prepare("SELECT " STORED_SESSION_COLUMNS
                                                           "FROM stores ORDER BY sequence"));
    while (true) {
      STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) return absl::OkStatus();
      STORED_ASSIGN_OR_RETURN(StoreSession session, ReadSession(select));
      if (!IsFinal(session.state)) waiting_.push_back(std::move(session));
    }
  }

  void CheckSpool() {
    CheckedFile file = {directory_ + "/spool", "", {}};
    file.content = fmt::format("{} payloads of unfinished stores", waiting_.size());
    size_t wrong = 0;
    for (const StoreSession& session : waiting_) {
      const std::optional<std::string> problem = ProblemOfPayload(session);
      if (!problem.has_value()) continue;
      if (++wrong > kMaxNamed) continue;
      file.problems.push_back(fmt::format("{} of store {} into {}/{} {}", session.payload.file,
                                          session.token, session.request.product,
                                          Printable(session.request.run_name), *problem));
    }
    if (wrong > kMaxNamed) {
      file.problems.push_back(fmt::format("{} more payloads have problems", wrong - kMaxNamed));
    }
    found_(file);
  }

  std::optional<std::string> ProblemOfPayload(const StoreSession& session) const {
    const absl::StatusOr<Sha256Digest> digest =
        DigestOf(directory_ + "/spool/" + session.payload.file);
    if (digest.ok() && digest->Raw() == session.payload.sha256) return std::nullopt;
    // A backup may have an unfinished session whose results are already in it. It needs no payload:
    // recovery completes it.
    if (WasIngested(session)) return std::nullopt;
    if (absl::IsNotFound(digest.status())) return "is missing";
    if (!digest.ok()) return std::string(digest.status().message());
    return "does not match its digest";
  }

  bool WasIngested(const StoreSession& session) const {
    absl::StatusOr<std::unique_ptr<Database>> product =
        OpenAsItIs(ProductPath(session.request.product), kLookupCacheKib);
    if (!product.ok()) return false;
    const absl::StatusOr<std::optional<StoreResult>> result =
        FindIngested(**product, session.token);
    return result.ok() && result->has_value();
  }

  const std::string directory_;
  const absl::FunctionRef<void(const CheckedFile&)> found_;
  // True if all of meta.db could be read. Only then are the members below complete.
  bool meta_read_ = false;
  // The products that are ready, and the names of all products.
  std::vector<std::string> products_;
  std::set<std::string> known_;
  // The unfinished sessions.
  std::vector<StoreSession> waiting_;
};

}  // namespace

absl::Status CheckDirectory(const std::string& directory,
                            absl::FunctionRef<void(const CheckedFile&)> found) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return absl::InvalidArgumentError(fmt::format("{} is not a directory", directory));
  }
  if (!IsThere(directory + "/meta.db") && !IsThere(directory + "/products") &&
      !IsThere(directory + "/spool")) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a data directory: it has no meta.db", directory));
  }
  STORED_ASSIGN_OR_RETURN(const UniqueFd lock, DirectoryLock::TakeToRead(directory));
  DirectoryCheck(directory, found).Run();
  return absl::OkStatus();
}

}  // namespace stored::storage::sqlite
