/* A library for LD_AUDIT, which says that it was asked for its version. */
#include "object.h"

unsigned la_version(unsigned version) {
    SAY("audit: la_version");
    return version;
}
