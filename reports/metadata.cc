#include "reports/metadata.h"
