#pragma once

/// The files of the dashboard, held in the binary, text in UTF-8.
enum {
  BALLAST_DASHBOARD_HTML = 0,
  BALLAST_DASHBOARD_CSS = 1,
  BALLAST_DASHBOARD_JS = 2,
};

/// The bytes of one file and, in `length`, how many they are. They live as long as the program and
/// do not end in a zero byte. Null, and a length of 0, for any other `which`.
const unsigned char *ballast_dashboard_bytes(int which, unsigned long *length);
