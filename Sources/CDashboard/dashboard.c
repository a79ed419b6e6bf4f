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
#embed "page/availability.js" suffix(,)
#embed "page/explain.js" suffix(,)
#embed "page/asking.js" suffix(,)
#embed "page/change.js" suffix(,)
#embed "page/stream.js" suffix(,)
#embed "page/start.js"
};

static const unsigned char ballast_dashboard_icon[] = {
#embed "page/dashboard.svg"
};

#pragma clang diagnostic pop

const unsigned char *ballast_dashboard_bytes(int which, unsigned long *length) {
  switch (which) {
    case BALLAST_DASHBOARD_HTML:
      *length = sizeof ballast_dashboard_html;
      return ballast_dashboard_html;
    case BALLAST_DASHBOARD_CSS:
      *length = sizeof ballast_dashboard_css;
      return ballast_dashboard_css;
    case BALLAST_DASHBOARD_JS:
      *length = sizeof ballast_dashboard_js;
      return ballast_dashboard_js;
    case BALLAST_DASHBOARD_ICON:
      *length = sizeof ballast_dashboard_icon;
      return ballast_dashboard_icon;
    default:
      *length = 0;
      return 0;
  }
}
