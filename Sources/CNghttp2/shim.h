// nghttp2's memory API, which does no input or output of its own.
#ifndef BALLAST_CNGHTTP2_SHIM_H
#define BALLAST_CNGHTTP2_SHIM_H

#include <nghttp2/nghttp2.h>

#endif
