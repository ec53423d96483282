#include "engine/products.h"

#include <memory>

#include "base/status.h"
#include "storage/policy/field_checks.h"

namespace stored::engine {
namespace {

constexpr int kPageSize = 1000;

}  // namespace

absl::StatusOr<storage::ProductSummary> Products::Create(
    const std::string& name, const storage::ProductSettingsChange& change) {
  STORED_RETURN_IF_ERROR(storage::CheckSettings(change));
  storage::ProductSettings settings = storage::NewProductSettings();
  change.ApplyTo(settings);
  return backend_.CreateProduct(name, settings, clock_.Now());
}

absl::StatusOr<storage::ProductSummary> Products::Update(
    const std::string& name, const storage::ProductSettingsChange& change) {
  STORED_RETURN_IF_ERROR(storage::CheckSettings(change));
  return backend_.UpdateProduct(name, change);
}

absl::Status Products::Delete(const std::string& name) {
  const absl::Status deleted = backend_.DeleteProduct(name, clock_.Now());
  // Publishes even if the product's files could not be removed: its stores FAIL before that.
  const absl::Status published = PublishFailed(name);
  return deleted.ok() ? published : deleted;
}

absl::Status Products::PublishFailed(const std::string& product) {
  storage::SessionFilter filter;
  filter.product = product;
  filter.states = {storage::StoreState::kFailed};
  std::string page_token;
  do {
    STORED_ASSIGN_OR_RETURN(const storage::SessionPage page,
                            backend_.queue().List(filter, kPageSize, page_token));
    for (const storage::StoreSession& session : page.sessions) {
      if (hub_.Find(session.token) == nullptr) continue;  // It failed before.
      hub_.Publish(session);
      spool_.Remove(session.payload.file).IgnoreError();
    }
    page_token = page.next_page_token;
  } while (!page_token.empty());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Sha256Digest>> Products::FindMissingSources(
    const std::string& product, absl::Span<const Sha256Digest> digests) {
  STORED_RETURN_IF_ERROR(storage::CheckMissingSources(product, digests.size()));
  STORED_ASSIGN_OR_RETURN(const std::string name, storage::ProductOrDefault(product));
  STORED_ASSIGN_OR_RETURN(const std::shared_ptr<storage::ProductResults> results,
                          backend_.Results(name));
  return results->FindMissingContents(digests);
}

}  // namespace stored::engine
