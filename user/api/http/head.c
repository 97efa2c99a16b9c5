/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/head.h"

#include <string.h>
#include <strings.h>

#define LINE_CHARS (HEAD_OCTETS_MAX + 1)

/* The characters of a token (RFC 9110 section 5.6.2). */
#define TOKEN "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

struct head {
    int headers;
    int hosts;
};

size_t head_length(const char *text, size_t size)
{
    const char *crlf = memmem(text, size, "\r\n\r\n", 4);
    const char *lf = memmem(text, size, "\n\n", 2);

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

/* Checks "METHOD TARGET VERSION", with one space between. Changes LINE. */
static int check_request_line(char *line, int with_options, struct answer *answer)
{
    char *target = strchr(line, ' ');
    char *version = target ? strchr(target + 1, ' ') : NULL;

    if (!version)
        return refuse(answer, HTTP_BAD_REQUEST, "the request line is malformed");
    *target++ = '\0';
    *version++ = '\0';
    if (strchr(version, ' '))
        return refuse(answer, HTTP_BAD_REQUEST, "the request line is malformed");
    if (strlen(target) > URL_OCTETS_MAX)
        return refuse(answer, HTTP_URI_TOO_LONG, "the URL is too long");
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return refuse(answer,
                      strncmp(version, "HTTP/", 5) ? HTTP_BAD_REQUEST : HTTP_VERSION_UNSUPPORTED,
                      "only HTTP/1.1 and HTTP/1.0 are spoken here");
    if (check_method(line, with_options, answer) < 0)
        return -1;
    for (const char *next = target; *next; next++)
        if (*next <= ' ' || *next > '~')
            return refuse(answer, HTTP_BAD_REQUEST, "the URL has octets that must be encoded");
    return *target == '/' ? 0 : refuse(answer, HTTP_BAD_REQUEST, "the URL starts with no slash");
}

/* Checks "NAME: VALUE". Changes LINE. */
static int check_header(char *line, struct head *head, struct answer *answer)
{
    size_t name_length = strspn(line, TOKEN);
    const char *value;

    if (!name_length || line[name_length] != ':')
        return refuse(answer, HTTP_BAD_REQUEST, "a header is malformed");
    line[name_length] = '\0';
    value = line + name_length + 1;
    value += strspn(value, " \t");
    for (const char *next = value; *next; next++)
        if (*next < ' ' || *next > '~')
            return refuse(answer, HTTP_BAD_REQUEST, "a header has octets other than ASCII");
    if (!*value)
        return refuse(answer, HTTP_BAD_REQUEST, "a header is empty");
    if (++head->headers > HEADERS_MAX)
        return refuse(answer, HTTP_HEADERS_TOO_LARGE, "too many headers");
    if (strcasecmp(line, "transfer-encoding") == 0 ||
        (strcasecmp(line, "content-length") == 0 && strcmp(value, "0") != 0))
        return refuse(answer, HTTP_CONTENT_TOO_LARGE, "a request has no body here");
    if (strcasecmp(line, "host") == 0) {
        head->hosts++;
        if (strlen(value) > HOST_OCTETS_MAX || strchr(value, ' '))
            return refuse(answer, HTTP_BAD_REQUEST, "the header Host is malformed");
    } else if (strncasecmp(line, "host", 4) == 0) {
        return refuse(answer, HTTP_BAD_REQUEST, "a header could be taken for Host");
    }
    return 0;
}

int head_check(const char *text, size_t length, int with_options, struct answer *answer)
{
    char lines[LINE_CHARS], *next = lines, *line;
    struct head head = {0};

    if (length >= sizeof(lines))
        return refuse(answer, HTTP_HEADERS_TOO_LARGE, "the headers are too long");
    if (memchr(text, '\0', length))
        return refuse(answer, HTTP_BAD_REQUEST, "the request has an octet of zero");
    memcpy(lines, text, length);
    lines[length] = '\0';
    if (check_request_line(strsep(&next, "\r\n"), with_options, answer) < 0)
        return -1;
    while ((line = strsep(&next, "\r\n")))
        if (*line && check_header(line, &head, answer) < 0)
            return -1;
    if (head.hosts != 1)
        return refuse(answer, HTTP_BAD_REQUEST, "a request has one header Host");
    return 0;
}
