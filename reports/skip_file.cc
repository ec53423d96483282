#include "reports/skip_file.h"
