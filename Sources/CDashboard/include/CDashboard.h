#pragma once

/// The files of the dashboard, held in the binary, and the paths at which the page expects them.
enum {
  /// `/`
  BALLAST_DASHBOARD_HTML = 0,
  /// `/dashboard.css`
  BALLAST_DASHBOARD_CSS = 1,
  /// `/dashboard.js`
  BALLAST_DASHBOARD_JS = 2,
  /// `/dashboard.svg`, the tab's icon.
  BALLAST_DASHBOARD_ICON = 3,
  /// `/` of the public status page, with its `/status.css` and `/status.js`.
  BALLAST_STATUS_HTML = 4,
  BALLAST_STATUS_CSS = 5,
  BALLAST_STATUS_JS = 6,
};

/// The bytes of one file, which are text in UTF-8, and in `length` how many they are. They live as
/// long as the program and do not end in a zero byte. Null and a length of 0 for any other `which`.
const unsigned char *ballast_dashboard_bytes(int which, unsigned long *length);
