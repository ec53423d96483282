#include "storage/sqlite/connection/database_file.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/files/file.h"
#include "base/testing/split_texts.h"

namespace stored::storage::sqlite {
namespace {

TEST(DatabaseFileTest, FindDamage_CutsAProblemBetweenCharacters) {
  const TemporaryDirectory directory = *TemporaryDirectory::Create("", "database-file-test-");
  const absl::StatusOr<std::unique_ptr<Database>> opened =
      Database::Open(directory.path() + "/x.db", Database::Mode::kCreate, 1024);
  ASSERT_TRUE(opened.ok()) << opened.status();
  Database& database = **opened;
  const std::string start = "CHECK constraint failed in ";
  for (const SplitText& table : TextsSplitAt(200 - start.size())) {
    ASSERT_TRUE(database.Run("CREATE TABLE " + table.text + "(x CHECK(x > 0))").ok());
    ASSERT_TRUE(database.Run("PRAGMA ignore_check_constraints = 1").ok());
    ASSERT_TRUE(database.Run("INSERT INTO " + table.text + " VALUES (0)").ok());
    ASSERT_TRUE(database.Run("PRAGMA ignore_check_constraints = 0").ok());
    const absl::StatusOr<std::vector<std::string>> problems =
        FindDamage(database, CheckDepth::kQuick);
    ASSERT_TRUE(problems.ok()) << problems.status();
    EXPECT_EQ(*problems, std::vector<std::string>{start + table.kept});
    ASSERT_TRUE(database.Run("DROP TABLE " + table.text).ok());
  }
}

}  // namespace
}  // namespace stored::storage::sqlite
