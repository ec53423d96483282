#include "reports/identity.h"
