/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/head.h"

#include <string.h>
#include <strings.h>

#include "api/http/host.h"

#define LINE_CHARS (HEAD_OCTETS_MAX + 1)

/* The characters of a token (RFC 9110 section 5.6.2). */
#define TOKEN "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Headers that the server evaluates as they are. Kore gets these, Host and Connection. */
static const char *const kept[] = {"accept", "accept-encoding", "authorization", "if-none-match",
                                   "last-event-id"};

#define KEPT_COUNT     (sizeof(kept) / sizeof(kept[0]))
#define KEPT_OF_A_KIND 2 /* of each of them, so that Kore's 25 are enough */

struct head {
    const struct head_rules *rules;
    struct text *clean;
    const char *authority; /* of an absolute URL; used instead of the header Host */
    size_t authority_length;
    char host[HOST_OCTETS_MAX + 1];
    int headers;
    int hosts;
    int needs_host; /* HTTP/1.1 */
    int closes;     /* a header Connection says so */
    int counts[KEPT_COUNT];
};

/* The octets of the empty lines in front of a request line, which are ignored (RFC 9112 section
 * 2.2). */
static size_t count_empty_lines(const char *text, size_t size)
{
    size_t length = 0;

    while (length < size && (text[length] == '\r' || text[length] == '\n'))
        length++;
    return length;
}

size_t head_length(const char *text, size_t size)
{
    size_t skipped = count_empty_lines(text, size);
    const char *crlf = memmem(text + skipped, size - skipped, "\r\n\r\n", 4);
    const char *lf = memmem(text + skipped, size - skipped, "\n\n", 2);

    if (crlf && (!lf || crlf < lf))
        return (size_t)(crlf - text) + 4;
    return lf ? (size_t)(lf - text) + 2 : 0;
}

static int refuse(struct answer *answer, enum http_status status, const char *why)
{
    answer_error(answer, status, "%s", why);
    return -1;
}

static int check_method(const char *method, int with_options, struct answer *answer)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
        (with_options && strcmp(method, "OPTIONS") == 0))
        return 0;
    if (!*method || method[strspn(method, TOKEN)])
        return refuse(answer, HTTP_BAD_REQUEST, "the request has no method");
    return refuse(answer, HTTP_METHOD_NOT_ALLOWED, "only " METHODS_ALLOWED " are answered here");
}

/* Splits an absolute URL (RFC 9112 section 3.2.2) into its authority, for HEAD, and the path and
 * query, which are returned. Any other target is returned as it is. */
static const char *cut_authority(struct head *head, const char *target)
{
    size_t scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                    : strncasecmp(target, "https://", 8) == 0 ? 8
                                                              : 0;

    if (!scheme)
        return target;
    head->authority = target + scheme;
    head->authority_length = strcspn(head->authority, "/?");
    return head->authority + head->authority_length;
}

static int check_version(struct head *head, const char *version, struct answer *answer)
{
    head->needs_host = strcmp(version, "HTTP/1.1") == 0;
    if (head->needs_host || strcmp(version, "HTTP/1.0") == 0)
        return 0;
    return refuse(answer,
                  strncmp(version, "HTTP/", 5) ? HTTP_BAD_REQUEST : HTTP_VERSION_UNSUPPORTED,
                  "only HTTP/1.1 and HTTP/1.0 are spoken here");
}

/* Reads "METHOD TARGET VERSION", with one space between. Changes LINE. */
static int read_request_line(char *line, struct head *head, struct answer *answer)
{
    char *target = strchr(line, ' ');
    char *version = target ? strchr(target + 1, ' ') : NULL;
    const char *path;

    if (!version)
        return refuse(answer, HTTP_BAD_REQUEST, "the request line is malformed");
    *target++ = '\0';
    *version++ = '\0';
    if (strchr(version, ' '))
        return refuse(answer, HTTP_BAD_REQUEST, "the request line is malformed");
    if (strlen(target) > URL_OCTETS_MAX)
        return refuse(answer, HTTP_URI_TOO_LONG, "the URL is too long");
    if (check_version(head, version, answer) < 0 ||
        check_method(line, head->rules->takes_options, answer) < 0)
        return -1;
    for (const char *next = target; *next; next++)
        if (*next <= ' ' || *next > '~')
            return refuse(answer, HTTP_BAD_REQUEST, "the URL has octets that must be encoded");
    path = cut_authority(head, target);
    if (*path != '/' && path == target)
        return refuse(answer, HTTP_BAD_REQUEST, "the URL starts with no slash");
    text_add(head->clean, "%s %s%s %s\r\n", line, *path == '/' ? "" : "/", path, version);
    return 0;
}

/* Whether the options of a header Connection say that the client closes the connection. */
static int has_close(const char *options)
{
    while (*options) {
        size_t length = strcspn(options, " \t,");

        if (length == strlen("close") && strncasecmp(options, "close", length) == 0)
            return 1;
        options += length + (options[length] != '\0');
    }
    return 0;
}

/* Writes the header NAME if the server evaluates it. */
static void keep(struct head *head, const char *name, const char *value)
{
    for (size_t i = 0; i < KEPT_COUNT; i++)
        if (*value && strcasecmp(name, kept[i]) == 0 && head->counts[i]++ < KEPT_OF_A_KIND)
            text_add(head->clean, "%s: %s\r\n", kept[i], value);
}

static int take_host(struct head *head, const char *value, struct answer *answer)
{
    head->hosts++;
    if (strlen(value) > HOST_OCTETS_MAX || !host_is_valid(value))
        return refuse(answer, HTTP_BAD_REQUEST, "the header Host is malformed");
    strcpy(head->host, value);
    return 0;
}

/* Whether VALUE has only what a header may have (RFC 9110 section 5.5): visible characters, spaces,
 * tabs, and octets above ASCII, whose meaning is the header's matter. */
static int is_field_value(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value == 0x7F || ((unsigned char)*value < ' ' && *value != '\t'))
            return 0;
    return 1;
}

/* Cuts spaces and tabs off both ends of VALUE. */
static char *trim(char *value)
{
    size_t length;

    value += strspn(value, " \t");
    length = strlen(value);
    while (length && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        value[--length] = '\0';
    return value;
}

/* Reads "NAME: VALUE". Changes LINE. */
static int read_header(char *line, struct head *head, struct answer *answer)
{
    size_t name_length = strspn(line, TOKEN);
    const char *value;

    if (!name_length || line[name_length] != ':')
        return refuse(answer, HTTP_BAD_REQUEST, "a header is malformed");
    line[name_length] = '\0';
    value = trim(line + name_length + 1);
    if (!is_field_value(value))
        return refuse(answer, HTTP_BAD_REQUEST, "a header has a control character");
    if (++head->headers > HEADERS_MAX)
        return refuse(answer, HTTP_HEADERS_TOO_LARGE, "too many headers");
    if (strcasecmp(line, "transfer-encoding") == 0 ||
        (strcasecmp(line, "content-length") == 0 && strcmp(value, "0") != 0))
        return refuse(answer, HTTP_CONTENT_TOO_LARGE, "a request has no body here");
    if (strcasecmp(line, "host") == 0)
        return take_host(head, value, answer);
    if (strcasecmp(line, "connection") == 0)
        head->closes |= has_close(value);
    keep(head, line, value);
    return 0;
}

/* Uses the host of the URL instead of that of the header Host. Returns 0, or -1: it is no valid
 * host. */
static int take_authority(struct head *head)
{
    if (head->authority_length > HOST_OCTETS_MAX)
        return -1;
    snprintf(head->host, sizeof(head->host), "%.*s", (int)head->authority_length, head->authority);
    return host_is_valid(head->host) ? 0 : -1;
}

/* Decides which host is meant, and ends the head. */
static int end_head(struct head *head, struct answer *answer)
{
    if (head->hosts != 1 && (head->hosts || head->needs_host))
        return refuse(answer, HTTP_BAD_REQUEST, "a request has one header Host");
    if (head->authority && take_authority(head) < 0)
        return refuse(answer, HTTP_BAD_REQUEST, "the host of the URL is malformed");
    /* Browsers always send a host, so a request without one comes from no page. */
    if (*head->host && head->rules->hosts && !host_is_allowed(head->host, head->rules->hosts))
        return refuse(answer, HTTP_MISDIRECTED,
                      "this server answers only for localhost and for the name in --host or "
                      "--server-name, unless it has a token");
    text_add(head->clean, "%shost: %s\r\n\r\n", head->closes ? "connection: close\r\n" : "",
             *head->host ? head->host : "localhost");
    return 0;
}

/* Cuts the first line off TEXT. Returns it, without its end; NULL: there is none. */
static char *cut_line(char **text)
{
    char *line = strsep(text, "\n");
    size_t length = line ? strlen(line) : 0;

    if (length && line[length - 1] == '\r')
        line[length - 1] = '\0';
    return line;
}

int head_read(const char *text, size_t length, const struct head_rules *rules, struct text *clean,
              struct answer *answer)
{
    char lines[LINE_CHARS], *next = lines, *line;
    struct head head = {.rules = rules, .clean = clean};
    size_t skipped = count_empty_lines(text, length);

    text += skipped;
    length -= skipped;
    if (length >= sizeof(lines))
        return refuse(answer, HTTP_HEADERS_TOO_LARGE, "the headers are too long");
    if (memchr(text, '\0', length))
        return refuse(answer, HTTP_BAD_REQUEST, "the request has an octet of zero");
    memcpy(lines, text, length);
    lines[length] = '\0';
    if (read_request_line(cut_line(&next), &head, answer) < 0)
        return -1;
    while ((line = cut_line(&next)))
        if (*line && read_header(line, &head, answer) < 0)
            return -1;
    return end_head(&head, answer);
}
