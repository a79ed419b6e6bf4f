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
#embed "page/language.js" suffix(,)
#embed "page/chinese.js" suffix(,)
#embed "page/words.js" suffix(,)
#embed "page/calls.js" suffix(,)
#embed "page/session.js" suffix(,)
#embed "page/dialogs.js" suffix(,)
#embed "page/router.js" suffix(,)
#embed "page/finder.js" suffix(,)
#embed "page/stream.js" suffix(,)
#embed "page/verdict.js" suffix(,)
#embed "page/timewindow.js" suffix(,)
#embed "page/charts.js" suffix(,)
#embed "page/shell.js" suffix(,)
#embed "page/overview.js" suffix(,)
#embed "page/services.js" suffix(,)
#embed "page/service.js" suffix(,)
#embed "page/servicecharts.js" suffix(,)
#embed "page/servers.js" suffix(,)
#embed "page/changes.js" suffix(,)
#embed "page/availability.js" suffix(,)
#embed "page/map.js" suffix(,)
#embed "page/faults.js" suffix(,)
#embed "page/faulttimeline.js" suffix(,)
#embed "page/alerts.js" suffix(,)
#embed "page/deployments.js" suffix(,)
#embed "page/events.js" suffix(,)
#embed "page/logs.js" suffix(,)
#embed "page/diff.js" suffix(,)
#embed "page/configuration.js" suffix(,)
#embed "page/audit.js" suffix(,)
#embed "page/asking.js" suffix(,)
#embed "page/explain.js" suffix(,)
#embed "page/users.js" suffix(,)
#embed "page/system.js" suffix(,)
#embed "page/start.js"
};

static const unsigned char ballast_dashboard_icon[] = {
#embed "page/dashboard.svg"
};

static const unsigned char ballast_status_html[] = {
#embed "page/status.html"
};

static const unsigned char ballast_status_css[] = {
#embed "page/status.css"
};

static const unsigned char ballast_status_js[] = {
#embed "page/status.js"
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
    case BALLAST_STATUS_HTML:
      *length = sizeof ballast_status_html;
      return ballast_status_html;
    case BALLAST_STATUS_CSS:
      *length = sizeof ballast_status_css;
      return ballast_status_css;
    case BALLAST_STATUS_JS:
      *length = sizeof ballast_status_js;
      return ballast_status_js;
    default:
      *length = 0;
      return 0;
  }
}
