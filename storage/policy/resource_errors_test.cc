#include "storage/policy/resource_errors.h"

#include <gtest/gtest.h>

namespace stored::storage {
namespace {

TEST(ResourceErrorsTest, NotFound_NamesTheKey) {
  EXPECT_EQ(ProductNotFoundError("p"), absl::NotFoundError("no product named \"p\""));
  EXPECT_EQ(ProductRemovedError("p"), absl::NotFoundError("product \"p\" was removed"));
  EXPECT_EQ(RunNotFoundError("r"), absl::NotFoundError("no run named \"r\""));
  EXPECT_EQ(StoreNotFoundError("0123"), absl::NotFoundError("no store with token \"0123\""));
  EXPECT_EQ(UploadNotFoundError("u"), absl::NotFoundError("no store with upload_id \"u\""));
}

TEST(ResourceErrorsTest, ProductExists) {
  EXPECT_EQ(ProductExistsError("p"), absl::AlreadyExistsError("there is a product named \"p\""));
}

TEST(ResourceErrorsTest, CannotBeRemoved_FailedPreconditionWithTheReason) {
  EXPECT_EQ(
      DefaultProductError(),
      absl::FailedPreconditionError("product \"default\" is always there and cannot be removed"));
  EXPECT_EQ(ProductInUseError("p", "a\tb"),
            absl::FailedPreconditionError("product \"p\" is in use: a store into its run \"a\\tb\" "
                                          "is running; wait for it or cancel it"));
  EXPECT_EQ(RunInUseError("r"),
            absl::FailedPreconditionError("run \"r\" is in use: a store into it is not finished; "
                                          "wait for it or cancel it"));
}

}  // namespace
}  // namespace stored::storage
