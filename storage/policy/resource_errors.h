#pragma once

#include <string>

#include "absl/status/status.h"

// The errors of operations on products, runs and stores that do not exist or cannot be changed.
// Every backend returns these.
namespace stored::storage {

// Return NOT_FOUND. ProductRemovedError() is for a call on the ProductResults of a product that has
// been removed since the caller got them.
absl::Status ProductNotFoundError(const std::string& name);
absl::Status ProductRemovedError(const std::string& name);
absl::Status RunNotFoundError(const std::string& name);
absl::Status StoreNotFoundError(const std::string& token);
absl::Status UploadNotFoundError(const std::string& upload_id);

// Returns ALREADY_EXISTS.
absl::Status ProductExistsError(const std::string& name);

// Return FAILED_PRECONDITION, for the removal of kDefaultProduct, of a product that has a RUNNING
// store into its run `run_name`, and of a run that has an ENQUEUED or RUNNING store.
absl::Status DefaultProductError();
absl::Status ProductInUseError(const std::string& name, const std::string& run_name);
absl::Status RunInUseError(const std::string& name);

}  // namespace stored::storage
