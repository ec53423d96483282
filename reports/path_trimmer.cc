#include "reports/path_trimmer.h"
