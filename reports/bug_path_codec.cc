#include "reports/bug_path_codec.h"
