#include "reports/sarif_reader.h"
