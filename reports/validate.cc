#include "reports/validate.h"
