#include "storage/policy/resource_errors.h"

#include <fmt/format.h>

#include "base/text/text.h"
#include "storage/backend.h"

namespace stored::storage {

absl::Status ProductNotFoundError(const std::string& name) {
  return absl::NotFoundError(fmt::format("no product named \"{}\"", name));
}

absl::Status ProductRemovedError(const std::string& name) {
  return absl::NotFoundError(fmt::format("product \"{}\" was removed", name));
}

absl::Status RunNotFoundError(const std::string& name) {
  return absl::NotFoundError(fmt::format("no run named \"{}\"", name));
}

absl::Status StoreNotFoundError(const std::string& token) {
  return absl::NotFoundError(fmt::format("no store with token \"{}\"", token));
}

absl::Status UploadNotFoundError(const std::string& upload_id) {
  return absl::NotFoundError(fmt::format("no store with upload_id \"{}\"", upload_id));
}

absl::Status ProductExistsError(const std::string& name) {
  return absl::AlreadyExistsError(fmt::format("there is a product named \"{}\"", name));
}

absl::Status DefaultProductError() {
  return absl::FailedPreconditionError(
      fmt::format("product \"{}\" is always there and cannot be removed", kDefaultProduct));
}

absl::Status ProductInUseError(const std::string& name, const std::string& run_name) {
  return absl::FailedPreconditionError(
      fmt::format("product \"{}\" is in use: a store into its run \"{}\" is running; wait for "
                  "it or cancel it",
                  name, Printable(run_name)));
}

absl::Status RunInUseError(const std::string& name) {
  return absl::FailedPreconditionError(
      fmt::format("run \"{}\" is in use: a store into it is not finished; wait for it or "
                  "cancel it",
                  name));
}

}  // namespace stored::storage
