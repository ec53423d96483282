#include "reports/collector.h"
