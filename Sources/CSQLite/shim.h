#pragma once
#include <sqlite3.h>

/// SQLITE_TRANSIENT is a cast that Swift does not import: SQLite copies the text.
static inline int ballast_sqlite3_bind_text(sqlite3_stmt *statement, int index, const char *text,
                                            int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

/// Keeps SQL from writing to the parts of a file that only SQLite may write, and the end of a
/// connection from changing the file: a damaged one should stay as it was found. The original is
/// variadic, so Swift cannot call it.
static inline void ballast_sqlite3_protect(sqlite3 *database) {
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

/// Lets the end of a connection write its log back and remove it, as SQLite does by default.
static inline void ballast_sqlite3_checkpoint_on_close(sqlite3 *database) {
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)0);
}
