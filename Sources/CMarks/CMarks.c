/* The header is all there is; compiling it here proves that it stands alone. */
#include "wattbook_marks.h"
