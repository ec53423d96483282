#include "reports/archive.h"
