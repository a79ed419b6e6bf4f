#pragma once

/// The files of the dashboard, held in the binary. All are text in UTF-8, the icon is an SVG.
enum {
  BALLAST_DASHBOARD_HTML = 0,
  BALLAST_DASHBOARD_CSS = 1,
  BALLAST_DASHBOARD_JS = 2,
  BALLAST_DASHBOARD_ICON = 3,
  BALLAST_DASHBOARD_FILES = 4,
};

/// The bytes of one file and, in `length`, how many they are. They live as long as the program and
/// do not end in a zero byte. Null, and a length of 0, for any other `which`.
const unsigned char *ballast_dashboard_bytes(int which, unsigned long *length);

/// Where the page expects the file: `/`, `/dashboard.css` … Null for any other `which`.
const char *ballast_dashboard_path(int which);

/// Its Content-Type. Null for any other `which`.
const char *ballast_dashboard_type(int which);
