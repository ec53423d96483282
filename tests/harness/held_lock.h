#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace stored::tests {

// Holds a write lock on a database of the server, as another program might. Stores that want to
// write there wait for some seconds, and then retry or fail. For tests that need a store to stay
// in its state.
class HeldLock {
 public:
  explicit HeldLock(const std::string& path) {
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
    sqlite3_busy_timeout(database_, 10'000);
    EXPECT_EQ(sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database_);
  }
  // Closing the connection rolls the transaction back; it wrote nothing.
  ~HeldLock() { sqlite3_close(database_); }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace stored::tests
