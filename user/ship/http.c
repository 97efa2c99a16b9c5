/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Rows to the HTTP interface of ClickHouse: one INSERT for each batch, newline-delimited JSON
 * packed with gzip. The server answers when it has kept the rows, also if it collects those of
 * several INSERTs (async_insert). A server that knows insert_deduplication_token gets a hash of the
 * batch, so that a batch that is sent again is dropped there. Without the token, rows with equal
 * keys replace each other. */
#include <ctype.h>
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/interrupt.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "base/units.h"
#include "ship/answer.h"
#include "ship/target.h"

#define URL_CHARS      2048
#define AUTH_CHARS     512
#define DATABASE_CHARS 128

#define CONNECT_SECONDS  10L
#define TRANSFER_SECONDS 120L
#define GRACE_NS         (10 * NS_PER_SECOND) /* for a transfer once the user ended the program */

#define GZIP_BITS 31 /* the largest window, with gzip's header */

#define DEDUPLICATION_AFTER                                                                        \
    22 /* versions are years; in this one insert_deduplication_token came                          \
        */

#define HTTP_OK 200

/* FNV-1a: batches come from the program itself, so no cryptographic hash is needed. */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

struct http {
    CURL *curl;
    struct curl_slist *headers;
    char root[URL_CHARS]; /* address without the database, ends with / */
    char database[DATABASE_CHARS];
    char auth[AUTH_CHARS];         /* NAME:PASSWORD */
    int knows_tokens;              /* -1: the server was not asked yet */
    char trouble[CURL_ERROR_SIZE]; /* why there was no answer */
    struct answer answer;
    uint64_t pause_ns;       /* that the server asked for */
    uint64_t interrupted_ns; /* when the program was first seen to be told to end; 0: not yet */
};

/* --- opening --- */

static int read_auth(struct http *http, const char *path, struct error *error)
{
    FILE *file = fopen(path, "r");
    struct stat status;
    size_t length;

    if (!file)
        return error_set(error, "cannot read %s", path);
    if (fstat(fileno(file), &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH))
        fprintf(stderr, "gapwatch: other users can read %s\n", path);
    length = fread(http->auth, 1, sizeof(http->auth) - 1, file);
    fclose(file);
    http->auth[length] = '\0';
    if (strcspn(http->auth, "\r\n") == sizeof(http->auth) - 1)
        return error_set(error, "%s: its first line is too long", path);
    if (strlen(http->auth) < length && !strpbrk(http->auth, "\r\n"))
        return error_set(error, "%s: a zero octet is in its first line", path);
    http->auth[strcspn(http->auth, "\r\n")] = '\0';
    if (!strchr(http->auth, ':'))
        return error_set(error, "%s: its first line is not NAME:PASSWORD", path);
    return 0;
}

/* Whether libcurl takes TO: a host without its bracket, or a port that is none, never works. */
static int is_address(const char *to)
{
    CURLU *address = curl_url();
    int is_good = address && curl_url_set(address, CURLUPART_URL, to, 0) == CURLUE_OK;

    curl_url_cleanup(address);
    return is_good;
}

static int check_address(const char *to, struct error *error)
{
    const char *slash = strrchr(to, '/');

    if (strlen(to) >= URL_CHARS || slash < to + strlen("https://") || !slash[1] ||
        strlen(slash + 1) >= DATABASE_CHARS || !is_address(to))
        return error_set(error, "the address is http(s)://HOST:8123/DATABASE, not '%s'", to);
    if (strchr(to, '@'))
        return error_set(error, "a password is not a part of the address: use --auth-file");
    for (const char *next = slash + 1; *next; next++)
        if (!isalnum((unsigned char)*next) && *next != '_')
            return error_set(error, "the name of a database has letters, digits and _: '%s'",
                             slash + 1);
    return 0;
}

/* Splits the database off the address. */
static int split_address(struct http *http, const char *to, struct error *error)
{
    const char *slash = strrchr(to, '/');

    if (check_address(to, error) < 0)
        return -1;
    memcpy(http->root, to, (size_t)(slash + 1 - to));
    strcpy(http->database, slash + 1);
    return 0;
}

/* Ends the transfer when the answer is too long. */
static size_t take_answer(char *octets, size_t size, size_t count, void *state)
{
    struct http *http = state;

    return answer_add(&http->answer, octets, size * count) == 0 ? size * count : 0;
}

/* Ends a transfer some time after the user told the program to end. */
static int check_interrupt(void *state, curl_off_t to_come, curl_off_t came, curl_off_t to_go,
                           curl_off_t went)
{
    struct http *http = state;

    (void)to_come, (void)came, (void)to_go, (void)went;
    if (!interrupted())
        return 0;
    if (!http->interrupted_ns)
        http->interrupted_ns = monotonic_ns();
    return monotonic_ns() - http->interrupted_ns > GRACE_NS;
}

static void set_options(struct http *http, const struct target_options *options)
{
    CURL *curl = http->curl;

    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->trouble);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TRANSFER_SECONDS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "gapwatch/" GAPWATCH_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, check_interrupt);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http);
    if (*http->auth) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERPWD, http->auth);
    }
    if (options->ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca);
    if (options->certificate)
        curl_easy_setopt(curl, CURLOPT_SSLCERT, options->certificate);
    if (options->key)
        curl_easy_setopt(curl, CURLOPT_SSLKEY, options->key);
}

static void close_http(void *state)
{
    struct http *http = state;

    curl_slist_free_all(http->headers);
    curl_easy_cleanup(http->curl);
    free(http);
}

static int open_http(void **state, const struct target_options *options, struct error *error)
{
    struct http *http = calloc(1, sizeof(*http));

    if (!http)
        return error_set(error, "out of memory");
    http->knows_tokens = -1;
    http->curl = curl_easy_init();
    http->headers = curl_slist_append(NULL, "Content-Encoding: gzip");
    if (!http->curl || !http->headers) {
        close_http(http);
        return error_set(error, "out of memory");
    }
    if (split_address(http, options->to, error) < 0 ||
        (options->auth_file && read_auth(http, options->auth_file, error) < 0)) {
        close_http(http);
        return -1;
    }
    set_options(http, options);
    *state = http;
    return 0;
}

/* --- sending --- */

/* Packs LINES as gzip. Returns what the caller frees, or NULL: no memory. */
static unsigned char *pack(const char *lines, size_t size, size_t *packed_size)
{
    z_stream stream = {.next_in = (Bytef *)lines, .avail_in = (uInt)size};
    unsigned char *packed;

    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    stream.avail_out = (uInt)deflateBound(&stream, size);
    packed = malloc(stream.avail_out);
    stream.next_out = packed;
    if (packed)
        deflate(&stream, Z_FINISH);
    *packed_size = stream.total_out;
    deflateEnd(&stream);
    return packed;
}

static uint64_t hash(const char *lines, size_t size)
{
    uint64_t number = FNV_OFFSET;

    for (size_t i = 0; i < size; i++)
        number = (number ^ (unsigned char)lines[i]) * FNV_PRIME;
    return number;
}

/* Sends the request. Returns 0 with STATUS set, or -1 with ERROR set: there is no answer. */
static int perform(struct http *http, const char *url, long *status, struct error *error)
{
    curl_off_t seconds = 0; /* of Retry-After, RFC 9110, section 10.2.3 */
    CURLcode code;

    *status = 0;
    answer_reset(&http->answer);
    http->trouble[0] = '\0';
    http->pause_ns = 0;
    curl_easy_setopt(http->curl, CURLOPT_URL, url);
    code = curl_easy_perform(http->curl);
    if (code != CURLE_OK && http->answer.size <= ANSWER_MAX)
        return error_set(error, "%s", *http->trouble ? http->trouble : curl_easy_strerror(code));
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, status);
    if (curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
        http->pause_ns = (uint64_t)seconds * NS_PER_SECOND;
    answer_complete(&http->answer);
    return 0;
}

/* Asks the server for its version, once. Returns 0, or -1 with ERROR set. */
static int learn_version(struct http *http, struct error *error)
{
    char url[URL_CHARS + 64];
    long status;

    if (http->knows_tokens >= 0)
        return 0;
    snprintf(url, sizeof(url), "%s?query=SELECT%%20version()", http->root);
    curl_easy_setopt(http->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    if (perform(http, url, &status, error) < 0)
        return -1;
    if (status != HTTP_OK)
        return error_set(error, "HTTP status %ld: %s", status, http->answer.text);
    http->knows_tokens = atoi(http->answer.text) > DEDUPLICATION_AFTER;
    return 0;
}

static enum delivery send_packed(struct http *http, const char *url, const unsigned char *packed,
                                 size_t size, struct error *error)
{
    long status;

    curl_easy_setopt(http->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, http->headers);
    curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, packed);
    if (perform(http, url, &status, error) < 0)
        return UNKNOWN;
    return answer_judge(&http->answer, status, error);
}

static enum delivery send_http(void *state, const char *table, const char *lines, size_t size,
                               struct error *error)
{
    struct http *http = state;
    char chars[URL_CHARS + 512];
    struct text url = text_over(chars, sizeof(chars));
    unsigned char *packed;
    enum delivery delivery;
    size_t packed_size;

    if (learn_version(http, error) < 0)
        return UNKNOWN;
    text_add(&url, "%s?database=%s&query=INSERT%%20INTO%%20%s%%20FORMAT%%20JSONEachRow", http->root,
             http->database, table);
    text_add(&url, "&input_format_skip_unknown_fields=1");
    if (http->knows_tokens)
        text_add(&url,
                 "&date_time_input_format=best_effort&wait_for_async_insert=1"
                 "&insert_deduplication_token=%016" PRIx64 "-%zu",
                 hash(lines, size), size);
    packed = pack(lines, size, &packed_size);
    if (!packed) {
        error_set(error, "out of memory");
        return UNKNOWN;
    }
    delivery = send_packed(http, chars, packed, packed_size, error);
    free(packed);
    return delivery;
}

static uint64_t pause_http(const void *state)
{
    return ((const struct http *)state)->pause_ns;
}

const struct target_ops http_target = {
    .check = check_address,
    .open = open_http,
    .send = send_http,
    .pause_ns = pause_http,
    .close = close_http,
};
