#include "storage/sqlite/sqlite_store.h"
