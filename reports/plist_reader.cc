#include "reports/plist_reader.h"
