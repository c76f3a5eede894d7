/* SQLite as its documentation advises for durable commits that are fast: a write-ahead log, flushed by every commit. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "commits.h"
#include "timing.h"

enum { BUSY_MS = 60000, PATH_BYTES = 4096 };

const char store_name[] = "SQLite";

struct connection {
    sqlite3 *database;
    sqlite3_stmt *put;
};

static char s_path[PATH_BYTES];

static void check(sqlite3 *database, int status, int expected, const char *call)
{
    if (status != expected) {
        fail_with(call, sqlite3_errmsg(database));
    }
}

static void run(sqlite3 *database, const char *sql)
{
    check(database, sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK, sql);
}

void *store_enter(void)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        fail_with("calloc", "no memory");
    }
    sqlite3 **database = &connection->database;
    check(*database, sqlite3_open(s_path, database), SQLITE_OK, "sqlite3_open");
    check(*database, sqlite3_busy_timeout(*database, BUSY_MS), SQLITE_OK, "sqlite3_busy_timeout");
    run(*database, "PRAGMA journal_mode = WAL");
    run(*database, "PRAGMA synchronous = FULL");
    run(*database, "CREATE TABLE IF NOT EXISTS pages (number INTEGER PRIMARY KEY, content BLOB)");
    check(*database,
          sqlite3_prepare_v2(*database, "INSERT OR REPLACE INTO pages VALUES (?, ?)", -1, &connection->put, NULL),
          SQLITE_OK, "sqlite3_prepare_v2");
    return connection;
}

void store_open(const char *folder)
{
    snprintf(s_path, sizeof s_path, "%s/pages.sqlite", folder);
    store_leave(store_enter());
}

void store_commit(void *entered, uint64_t key, const void *page)
{
    struct connection *connection = entered;
    sqlite3_bind_int64(connection->put, 1, (sqlite3_int64)key);
    sqlite3_bind_blob(connection->put, 2, page, COMMIT_BYTES, SQLITE_STATIC);
    check(connection->database, sqlite3_step(connection->put), SQLITE_DONE, "sqlite3_step");
    sqlite3_reset(connection->put);
}

void store_leave(void *entered)
{
    struct connection *connection = entered;
    sqlite3_finalize(connection->put);
    sqlite3_close(connection->database);
    free(connection);
}
