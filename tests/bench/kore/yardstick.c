/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The most that Kore and SQLite can do: a handler that runs one prepared SELECT of 100 rows and
 * prints them as JSON. YARDSTICK_DATABASE names the database, YARDSTICK_SELECT has the SQL. */
#include <kore/kore.h>

#include <kore/http.h>
#include <kore/seccomp.h>
#include <sqlite3.h>
#include <stdlib.h>

void kore_worker_configure(void);
int print_rows(struct http_request *request);

static sqlite3_stmt *statement;

KORE_SECCOMP_FILTER("yardstick", KORE_SYSCALL_ALLOW(pread64), KORE_SYSCALL_ALLOW(newfstatat),
                    KORE_SYSCALL_ALLOW(ftruncate), KORE_SYSCALL_ALLOW(fchown),
                    KORE_SYSCALL_ALLOW(pwrite64), KORE_SYSCALL_ALLOW(mremap), )

void kore_worker_configure(void)
{
    sqlite3 *database;

    if (sqlite3_open_v2(getenv("YARDSTICK_DATABASE"), &database, SQLITE_OPEN_READONLY, NULL) ||
        sqlite3_prepare_v2(database, getenv("YARDSTICK_SELECT"), -1, &statement, NULL))
        fatal("yardstick: %s", sqlite3_errmsg(database));
}

static void print_value(struct kore_buf *json, int column)
{
    kore_buf_appendf(json, "\"%s\": ", sqlite3_column_name(statement, column));
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        kore_buf_appendf(json, "%lld, ", sqlite3_column_int64(statement, column));
        break;
    case SQLITE_FLOAT:
        kore_buf_appendf(json, "%.15g, ", sqlite3_column_double(statement, column));
        break;
    case SQLITE_TEXT:
        kore_buf_appendf(json, "\"%s\", ", sqlite3_column_text(statement, column));
        break;
    default:
        kore_buf_appendf(json, "null, ");
    }
}

int print_rows(struct http_request *request)
{
    struct kore_buf *json = kore_buf_alloc(131072);

    kore_buf_appendf(json, "{\"rows\": [");
    while (sqlite3_step(statement) == SQLITE_ROW) {
        kore_buf_appendf(json, "{");
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            print_value(json, i);
        kore_buf_appendf(json, "},\n");
    }
    sqlite3_reset(statement);
    kore_buf_appendf(json, "]}");
    http_response_header(request, "content-type", "application/json");
    http_response(request, 200, json->data, json->offset);
    kore_buf_free(json);
    return KORE_RESULT_OK;
}
