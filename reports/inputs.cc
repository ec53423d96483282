#include "reports/inputs.h"
