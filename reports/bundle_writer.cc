#include "reports/bundle_writer.h"
