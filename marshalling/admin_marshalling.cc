#include "marshalling/admin_marshalling.h"

#include "base/text/text.h"

namespace stored::marshalling {

v1::CollectGarbageResponse ToProto(const storage::Garbage& garbage,
                                   const storage::ExpiredUploads& uploads) {
  v1::CollectGarbageResponse out;
  out.set_consumed_stores(garbage.consumed_stores);
  out.set_unconsumed_stores(garbage.unconsumed_stores);
  out.set_expired_uploads(uploads.uploads);
  out.set_expired_upload_bytes(uploads.bytes);
  for (const storage::ProductGarbage& of_product : garbage.products) {
    v1::ProductGarbage& product = *out.add_products();
    product.set_product(of_product.product);
    for (const std::string& run : of_product.expired_runs) {
      product.add_expired_runs(ReplaceInvalidUtf8(run));
    }
    product.set_expired_run_count(of_product.expired_run_count);
    product.set_reports(of_product.reports);
    product.set_history_entries(of_product.history_entries);
    product.set_contents(of_product.contents);
    product.set_content_bytes(of_product.content_bytes);
  }
  return out;
}

}  // namespace stored::marshalling
