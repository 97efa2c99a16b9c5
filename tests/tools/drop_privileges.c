/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * drop_privileges KEEP [USER]: calls privileges_drop() with the set KEEP, a number. Then prints as
 * JSON the kernel's status of this process and of a thread started afterwards, and the result of
 * privileges_held() before and after. Exit status 1 with the error on stderr.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "linux/privileges.h"

/* Prints every line of a status file of the kernel (proc(5)). */
static void print_status(struct json_writer *json, const char *key, const char *path)
{
    FILE *status = fopen(path, "r");
    char line[512];

    json_open(json, key, '{');
    while (status && fgets(line, sizeof(line), status)) {
        char *value = strchr(line, ':');

        if (!value)
            continue;
        *value++ = '\0';
        value += strspn(value, " \t");
        value[strcspn(value, "\n")] = '\0';
        json_string(json, line, value);
    }
    json_close(json, '}');
    if (status)
        fclose(status);
}

static void *print_thread(void *json)
{
    print_status(json, "thread", "/proc/thread-self/status");
    return NULL;
}

int main(int argc, char **argv)
{
    unsigned before = privileges_held();
    struct json_writer json;
    struct error error;
    pthread_t thread;

    if (argc < 2 || argc > 3) {
        fputs("usage: drop_privileges KEEP [USER]\n", stderr);
        return 2;
    }
    if (privileges_drop((unsigned)atoi(argv[1]), argv[2], &error) < 0) {
        error_print(&error);
        return 1;
    }
    json_begin(&json, stdout);
    json_open(&json, NULL, '{');
    json_integer(&json, "held_before", before);
    json_integer(&json, "held", privileges_held());
    print_status(&json, "process", "/proc/self/status");
    if (pthread_create(&thread, NULL, print_thread, &json) == 0)
        pthread_join(thread, NULL);
    json_close(&json, '}');
    json_end(&json);
    return 0;
}
