#include "reports/bundle_reader.h"
