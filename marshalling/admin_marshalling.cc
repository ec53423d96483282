#include "marshalling/admin_marshalling.h"

#include "base/text/text.h"

namespace stored::marshalling {

v1::CollectGarbageResponse ToProto(const engine::GcResult& collection) {
  v1::CollectGarbageResponse out;
  out.set_consumed_stores(collection.garbage.consumed_stores);
  out.set_unconsumed_stores(collection.garbage.unconsumed_stores);
  out.set_expired_uploads(collection.uploads.uploads);
  out.set_expired_upload_bytes(collection.uploads.bytes);
  for (const storage::ProductGarbage& garbage : collection.garbage.products) {
    v1::ProductGarbage& product = *out.add_products();
    product.set_product(garbage.product);
    for (const std::string& run : garbage.expired_runs) {
      product.add_expired_runs(ReplaceInvalidUtf8(run));
    }
    product.set_expired_run_count(garbage.expired_run_count);
    product.set_reports(garbage.reports);
    product.set_history_entries(garbage.history_entries);
    product.set_contents(garbage.contents);
    product.set_content_bytes(garbage.content_bytes);
  }
  return out;
}

}  // namespace stored::marshalling
