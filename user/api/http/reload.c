/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/reload.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/kore.h"
#include "api/http/settings.h"
#include "api/http/tls.h"
#include "api/secrets/share.h"

/* Kore calls no function of ours in its parent's loop, except for messages from workers. */
#define MESSAGE_TICK (KORE_MSG_APP_BASE + 1)

static struct share share;
static struct secrets secrets; /* in a worker: those in use */
static volatile sig_atomic_t is_asked;

/* --- in the parent --- */

static void ask(int number)
{
    (void)number;
    is_asked = 1;
}

static struct secret_files files_given(void)
{
    return (struct secret_files){
        .token = getenv(SETTING_TOKEN),
        .certificate = getenv(SETTING_TLS_CERT),
        .key = getenv(SETTING_TLS_KEY),
    };
}

/* Reads FILES and gives their content to the workers. Returns 0, or -1 with ERROR set; the workers
 * then keep what they have. */
static int read_files(const struct secret_files *files, struct error *error)
{
    static struct secrets read;

    if (secrets_read(&read, files, error) < 0)
        return -1;
    if (share_write(&share, &read) < 0)
        return error_set(error, "cannot tell the workers: %s", strerror(errno));
    return 0;
}

static const char *words_of(const struct secret_files *files)
{
    if (files->token && files->certificate)
        return "token, certificate and key";
    if (files->certificate)
        return "certificate and key";
    return files->token ? "token" : "nothing, as there is neither a token nor a certificate";
}

/* Reads the files again after SIGHUP, and reports the result in one line. */
static void reload(void)
{
    const struct secret_files files = files_given();
    struct error error;

    if (read_files(&files, &error) < 0)
        fprintf(stderr, "gapwatch: cannot reload, nothing is changed: %s\n", error.text);
    else
        fprintf(stderr, "gapwatch: reloaded: %s; other options need a restart\n", words_of(&files));
}

static void tick(struct kore_msg *message, const void *data)
{
    (void)message, (void)data;
    if (!is_asked)
        return;
    is_asked = 0;
    reload();
}

void reload_begin_parent(void)
{
    struct sigaction action = {.sa_handler = ask, .sa_flags = SA_RESTART};
    const struct secret_files files = files_given();
    struct error error;

    if (share_open(&share) < 0)
        fatal("cannot give the workers a token: %s", strerror(errno));
    if (read_files(&files, &error) < 0)
        fatal("%s", error.text);
    kore_msg_register(MESSAGE_TICK, tick);
    sigaction(SIGHUP, &action, NULL);
}

/* --- in a worker --- */

void reload_ignore_signal(void)
{
    signal(SIGHUP, SIG_IGN);
}

const char *reload_begin_worker(void)
{
    if (!share_take(&share, &secrets))
        fatalx("the parent gives no token");
    tls_begin(&secrets);
    return getenv(SETTING_TOKEN) ? secrets.token : NULL;
}

int reload_tick(void)
{
    static struct secrets next;
    int has_other_token;

    kore_msg_send(KORE_MSG_PARENT, MESSAGE_TICK, NULL, 0);
    if (!share_take(&share, &next))
        return 0;
    has_other_token = strcmp(next.token, secrets.token) != 0;
    secrets = next;
    tls_renew();
    return has_other_token;
}
