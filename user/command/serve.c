/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/http/head.h"
#include "api/http/settings.h"
#include "command/server.h"
#include "command/tls.h"

#define CONNECTIONS_MAX  512 /* of one worker */
#define DESCRIPTOR_CHARS 32

/* Of TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has no others. */
#define CIPHERS                                                                                    \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"     \
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

/* Writes Kore's configuration. Settings of the module are passed in the environment. */
static void write_configuration(const struct server *server, int pid_file, int group, FILE *to)
{
    const struct options *options = server->options;
    int tls = *server->key != '\0';

    fprintf(to, "root %s\n", server->directory);
    fprintf(to, "workers %llu\n", (unsigned long long)options->workers);
    fprintf(to, "worker_max_connections %d\nworker_set_affinity 0\n", CONNECTIONS_MAX);
    fprintf(to, "worker_accept_threshold 1\n");
    fprintf(to, "pidfile /proc/self/fd/%d\n", pid_file);
    fprintf(to, "http_server_version gapwatch\nhttp_header_max %d\nhttp_body_max 0\n",
            HEAD_OCTETS_MAX);
    fprintf(to, "http_hsts_enable 0\n"); /* Kore would include all subdomains */
    if (server->is_root)
        fprintf(to, "runas %s\n", options->user);
    if (tls)
        fprintf(to, "tls_dhparam /proc/self/fd/%d\ntls_cipher %s\n", group, CIPHERS);
    if (server->is_root && tls)
        fprintf(to, "keymgr_runas %s\n", server->key_owner);
    fprintf(to, "keymgr_root /\n");
    fprintf(to, "load ./gapwatch_api.so\n");
    fprintf(to, "server api {\n bind %s %llu receive\n tls %s\n}\n", server->host,
            (unsigned long long)options->port, tls ? "yes" : "no");
    fprintf(to, "domain * {\n attach api\n");
    if (tls)
        fprintf(to, " certfile %s\n certkey %s\n", server->certificate, server->key);
    fprintf(to, " route ^/ answer_request\n}\n");
}

/* Makes a file that is in no directory, so that it is gone when the last process closes it. */
static FILE *make_memory_file(struct error *error)
{
    int descriptor = memfd_create("gapwatch", 0);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");

    if (!file)
        error_set(error, "cannot make Kore's configuration: %s", strerror(errno));
    return file;
}

/* Makes the files that Kore reads, which stay open for it. Returns the descriptor of the
 * configuration, or -1 with ERROR set. */
static int make_configuration(const struct server *server, struct error *error)
{
    FILE *pid_file = make_memory_file(error);
    FILE *group = make_memory_file(error);
    FILE *configuration = make_memory_file(error);

    if (!pid_file || !group || !configuration)
        return -1;
    if (*server->key && tls_write_group(group) < 0)
        return error_set(error, "cannot use TLS");
    write_configuration(server, fileno(pid_file), fileno(group), configuration);
    if (fflush(group) != 0 || fflush(configuration) != 0)
        return error_set(error, "cannot make Kore's configuration: %s", strerror(errno));
    return fileno(configuration);
}

static void set_number(const char *name, unsigned long long number)
{
    char text[DESCRIPTOR_CHARS];

    snprintf(text, sizeof(text), "%llu", number);
    setenv(name, text, 1);
}

/* Without a token, whoever reaches the server may read: on loopback that is any page in a browser
 * of this machine, unless only the server's own names are answered. */
static void set_hosts(const struct server *server)
{
    const struct options *options = server->options;
    char names[2 * PATH_MAX];

    unsetenv(SETTING_HOSTS);
    if (!server->is_on_loopback || *server->token)
        return;
    snprintf(names, sizeof(names), "%s %s", options->host,
             options->server_name ? options->server_name : "");
    setenv(SETTING_HOSTS, names, 1);
}

static void set_hsts(const struct server *server)
{
    char text[64];

    unsetenv(SETTING_HSTS);
    if (!*server->key || !server->options->hsts)
        return;
    snprintf(text, sizeof(text), "max-age=%llu", (unsigned long long)server->options->hsts);
    setenv(SETTING_HSTS, text, 1);
}

/* Sets the environment variables that the module reads. */
static void set_environment(const struct server *server)
{
    const struct options *options = server->options;
    char text[PATH_MAX + 512];

    snprintf(text, sizeof(text), "%s/%s", server->is_root ? "" : server->directory, server->file);
    setenv(SETTING_DATABASE, text, 1);
    set_number(SETTING_METRICS_TOP, options->metrics_top);
    unsetenv(SETTING_CORS_ORIGIN);
    unsetenv(SETTING_TOKEN);
    unsetenv(SETTING_TLS_CERT);
    unsetenv(SETTING_TLS_KEY);
    unsetenv(SETTING_GREETING);
    unsetenv(SETTING_KEEP_READING);
    set_hosts(server);
    set_hsts(server);
    if (server->must_keep_reading)
        setenv(SETTING_KEEP_READING, "1", 1);
    if (options->cors_origin)
        setenv(SETTING_CORS_ORIGIN, options->cors_origin, 1);
    if (*server->token)
        setenv(SETTING_TOKEN, server->token, 1);
    if (*server->key) {
        setenv(SETTING_TLS_CERT, server->certificate, 1);
        setenv(SETTING_TLS_KEY, server->key, 1);
    }
    if (options->quiet)
        return;
    snprintf(text, sizeof(text), "gapwatch: serving %s on %s://%s%s%s:%llu/", options->db,
             *server->key ? "https" : "http", strchr(server->host, ':') ? "[" : "", server->host,
             strchr(server->host, ':') ? "]" : "", (unsigned long long)options->port);
    setenv(SETTING_GREETING, text, 1);
}

/* Replaces this process by Kore, so that signals reach Kore and no process of gapwatch is left
 * behind. */
static int become_kore(const struct server *server, struct error *error)
{
    char path[DESCRIPTOR_CHARS];
    char *as_root[] = {"kore", "-f", "-q", "-c", path, NULL};
    char *as_user[] = {"kore", "-f", "-q", "-n", "-r", "-c", path, NULL};
    int configuration = make_configuration(server, error);

    if (configuration < 0)
        return -1;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", configuration);
    set_environment(server);
    fflush(NULL);
    signal(SIGPIPE, SIG_IGN); /* sent when clients leave */
    /* Output of Kore is not a report, so it goes to standard error. */
    if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0 || chdir(server->module) < 0)
        return error_set(error, "%s: %s", server->module, strerror(errno));
    execv(server->kore, server->is_root ? as_root : as_user);
    return error_set(error, "cannot run %s: %s", server->kore, strerror(errno));
}

enum exit_code serve(const struct options *options)
{
    struct server server;
    struct error error;
    enum exit_code code = server_prepare(&server, options, &error);

    if (code == EXIT_DONE) {
        become_kore(&server, &error);
        code = EXIT_FAILED;
    }
    error_print(&error);
    return code;
}
