#include "CDashboard.h"

// #embed is C23; clang takes it in every C mode.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char ballast_dashboard_html[] = {
#embed "page/dashboard.html"
};

static const unsigned char ballast_dashboard_css[] = {
#embed "page/dashboard.css"
};

// One script for the browser, in this order.
static const unsigned char ballast_dashboard_js[] = {
#embed "page/dashboard.js" suffix(,)
#embed "page/documents.js" suffix(,)
#embed "page/words.js" suffix(,)
#embed "page/verdict.js" suffix(,)
#embed "page/services.js" suffix(,)
#embed "page/charts.js" suffix(,)
#embed "page/history.js" suffix(,)
#embed "page/records.js" suffix(,)
#embed "page/change.js" suffix(,)
#embed "page/stream.js" suffix(,)
#embed "page/start.js"
};

static const unsigned char ballast_dashboard_icon[] = {
#embed "page/dashboard.svg"
};

#pragma clang diagnostic pop

static const struct {
  const char *path;
  const char *type;
  const unsigned char *bytes;
  unsigned long length;
} files[BALLAST_DASHBOARD_FILES] = {
    [BALLAST_DASHBOARD_HTML] = {"/", "text/html; charset=utf-8", ballast_dashboard_html,
                                sizeof ballast_dashboard_html},
    [BALLAST_DASHBOARD_CSS] = {"/dashboard.css", "text/css; charset=utf-8", ballast_dashboard_css,
                               sizeof ballast_dashboard_css},
    [BALLAST_DASHBOARD_JS] = {"/dashboard.js", "text/javascript; charset=utf-8",
                              ballast_dashboard_js, sizeof ballast_dashboard_js},
    [BALLAST_DASHBOARD_ICON] = {"/dashboard.svg", "image/svg+xml", ballast_dashboard_icon,
                                sizeof ballast_dashboard_icon},
};

static int is_file(int which) { return which >= 0 && which < BALLAST_DASHBOARD_FILES; }

const unsigned char *ballast_dashboard_bytes(int which, unsigned long *length) {
  *length = is_file(which) ? files[which].length : 0;
  return is_file(which) ? files[which].bytes : 0;
}

const char *ballast_dashboard_path(int which) { return is_file(which) ? files[which].path : 0; }

const char *ballast_dashboard_type(int which) { return is_file(which) ? files[which].type : 0; }
