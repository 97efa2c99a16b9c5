/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/server.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/http/privilege.h"
#include "api/secrets/secrets.h"
#include "store/database/kind.h"

#define MODULE       "gapwatch_api.so"
#define MODULE_PLACE "/../lib/gapwatch" /* relative to bin/, when installed */
#define KORE         "kore"
#define LOOPBACK_NET 127

/* A line of Kore's configuration holds a path, so it must not contain control characters. */
static int check_path(const char *path, struct error *error)
{
    for (const char *next = path; *next; next++)
        if (iscntrl((unsigned char)*next))
            return error_set(error, "cannot serve with a control character in a path: '%s'", path);
    return 0;
}

/* Sets PATH, of PATH_MAX, to where the database is or will be: a symbolic link is followed, because
 * the workers see its directory only. Returns 0, or -1 with ERROR set. */
static int follow_link(const char *name, char *path, struct error *error)
{
    struct stat status;

    if (realpath(name, path))
        return 0;
    if (errno != ENOENT)
        return error_set(error, "cannot read %s: %s", name, strerror(errno));
    if (lstat(name, &status) == 0)
        return error_set(error, "%s is a symbolic link to a file that does not exist", name);
    snprintf(path, PATH_MAX, "%s", name);
    return 0;
}

static int split_database(struct server *server, struct error *error)
{
    char path[PATH_MAX], directory[PATH_MAX];
    const char *slash, *file;

    if (follow_link(server->options->db, path, error) < 0)
        return -1;
    slash = strrchr(path, '/');
    file = slash ? slash + 1 : path;
    if (strlen(file) > NAME_MAX)
        return error_set(error, "%s: %s", server->options->db, strerror(ENAMETOOLONG));
    strcpy(server->file, file);
    snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    if (!*server->file)
        return error_set(error, "'%s' is a directory, not a database", server->options->db);
    if (!realpath(directory, server->directory))
        return error_set(error, "the directory of %s: %s", server->options->db, strerror(errno));
    return check_path(server->directory, error);
}

/* Switches to USER, like Kore's workers. With KEEP_READING keeps the capability to read
 * all files. */
static int become(const struct passwd *user, int keep_reading)
{
    if (keep_reading && privilege_outlive_root() < 0)
        return -1;
    if (setgroups(1, &user->pw_gid) < 0 ||
        setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
        return -1;
    return keep_reading ? privilege_keep_reading() : 0;
}

/* Whether the open FILE with NAME may be a database: an empty file may become one. Returns 0 or an
 * errno. */
static int check_kind(int file, const char *name)
{
    struct stat status;

    if (fstat(file, &status) < 0)
        return errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? EISDIR : ESPIPE;
    return status.st_size == 0 || database_is_at(name) ? 0 : EMEDIUMTYPE;
}

/* Tries to open the database as a worker will: as USER (NULL: no change), in its directory. Returns
 * 0 or an errno. */
static int try_reading(const struct server *server, const struct passwd *user, int keep_reading)
{
    pid_t child = fork();
    int status, file;

    if (child == 0) {
        if (chdir(server->directory) < 0 || (user && become(user, keep_reading) < 0))
            _exit(errno);
        file = open(server->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        _exit(file < 0 ? errno : check_kind(file, server->file));
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* Describes a result of try_reading() other than 0. */
static const char *reading_words(int result)
{
    switch (result) {
    case EISDIR:
        return "it is a directory";
    case ESPIPE:
        return "it is no regular file";
    case EMEDIUMTYPE:
        return "it is not an SQLite database";
    default:
        return strerror(result);
    }
}

static const struct passwd *find_user(const struct server *server, struct error *error)
{
    const struct passwd *user = getpwnam(server->options->user);

    if (!user)
        error_set(error, "there is no user '%s' to run as", server->options->user);
    else if (user->pw_uid == 0)
        error_set(error, "the server does not run as root: give another --user");
    return user && user->pw_uid ? user : NULL;
}

static int check_database(struct server *server, struct error *error)
{
    const struct passwd *user = NULL;
    int result;

    if (split_database(server, error) < 0)
        return -1;
    if (server->is_root && !(user = find_user(server, error)))
        return -1;
    result = try_reading(server, user, 0);
    if (result == EACCES && user) {
        server->must_keep_reading = 1;
        result = try_reading(server, user, 1);
    }
    if (!result || result == ENOENT) /* it may be created later */
        return 0;
    return error_set(error, "cannot read %s: %s", server->options->db, reading_words(result));
}

static int is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == LOOPBACK_NET;
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

/* Whether Kore will be able to listen on ADDRESS. Returns 0 or an errno. */
static int try_listening(const struct addrinfo *address)
{
    int on = 1, result = 0;
    int listener = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0)
        return errno;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(listener, address->ai_addr, address->ai_addrlen) < 0 || listen(listener, 1) < 0)
        result = errno;
    close(listener);
    return result;
}

static enum exit_code check_address(struct server *server, const struct addrinfo *address,
                                    struct error *error)
{
    const struct options *options = server->options;
    int result;

    getnameinfo(address->ai_addr, address->ai_addrlen, server->host, sizeof(server->host), NULL, 0,
                NI_NUMERICHOST);
    server->is_on_loopback = is_loopback(address->ai_addr);
    if (!server->is_on_loopback && !options->token_file && !options->allow_anonymous) {
        error_set(error,
                  "%s is not loopback: give --token-file FILE, or --allow-anonymous to let anybody "
                  "read",
                  server->host);
        return EXIT_USAGE;
    }
    result = try_listening(address);
    if (!result)
        return EXIT_DONE;
    error_set(error, "cannot listen on %s port %llu: %s", server->host,
              (unsigned long long)options->port, strerror(result));
    return EXIT_FAILED;
}

static enum exit_code check_host(struct server *server, struct error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *addresses;
    enum exit_code code;
    char port[8];
    int result;

    snprintf(port, sizeof(port), "%u", (unsigned)server->options->port);
    result = getaddrinfo(server->options->host, port, &hints, &addresses);
    if (result != 0) {
        error_set(error, "no such host: '%s': %s", server->options->host, gai_strerror(result));
        return EXIT_FAILED;
    }
    code = check_address(server, addresses, error);
    freeaddrinfo(addresses);
    return code;
}

/* Sets ABSOLUTE, of PATH_MAX, to PATH from the root. Symbolic links stay: they may lead to another
 * file when it is read again. Returns 0, or -1 with ERROR set. */
static int make_absolute(const char *path, char *absolute, struct error *error)
{
    size_t length = 0;

    if (*path != '/') {
        if (!getcwd(absolute, PATH_MAX))
            return error_set(error, "cannot read %s: %s", path, strerror(errno));
        length = strlen(absolute);
        absolute[length++] = '/';
    }
    if (length + strlen(path) >= PATH_MAX)
        return error_set(error, "cannot read %s: %s", path, strerror(ENAMETOOLONG));
    strcpy(absolute + length, path);
    return check_path(absolute, error);
}

/* Warns when everybody on this machine may read the secret in the file PATH. */
static void warn_of_readers(const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_mode & S_IROTH)
        fprintf(stderr, "gapwatch: warning: every user can read %s: chmod o-r it\n", path);
}

/* Kore reads the key as its owner. */
static void find_key_owner(struct server *server)
{
    const struct passwd *owner = NULL;
    struct stat status;

    if (stat(server->key, &status) == 0)
        owner = getpwuid(status.st_uid);
    snprintf(server->key_owner, sizeof(server->key_owner), "%s", owner ? owner->pw_name : "root");
}

/* Sets FILES to those with secrets, which Kore's parent reads itself, now and later. Returns 0, or
 * -1 with ERROR set. */
static int find_secrets(struct server *server, struct secret_files *files, struct error *error)
{
    const struct options *options = server->options;

    *files = (struct secret_files){0};
    if (options->token_file) {
        if (make_absolute(options->token_file, server->token, error) < 0)
            return -1;
        files->token = server->token;
    }
    if (!options->tls_cert)
        return 0;
    if (make_absolute(options->tls_cert, server->certificate, error) < 0 ||
        make_absolute(options->tls_key, server->key, error) < 0)
        return -1;
    files->certificate = server->certificate;
    files->key = server->key;
    find_key_owner(server);
    return 0;
}

static int check_secrets(struct server *server, struct error *error)
{
    struct secret_files files;
    struct secrets *secrets;
    int result;

    if (find_secrets(server, &files, error) < 0)
        return -1;
    secrets = malloc(sizeof(*secrets));
    result = secrets ? secrets_read(secrets, &files, error) : error_set(error, "no memory");
    free(secrets);
    if (result == 0 && files.key)
        warn_of_readers(files.key);
    if (result == 0 && files.token)
        warn_of_readers(files.token);
    return result;
}

static int has_module(const char *directory)
{
    char path[PATH_MAX + sizeof(MODULE)];

    snprintf(path, sizeof(path), "%s/" MODULE, directory);
    return access(path, R_OK) == 0;
}

/* Finds the module beside the program in a build directory, or where both are installed. */
static int find_module(struct server *server, struct error *error)
{
    ssize_t length = readlink("/proc/self/exe", server->module, sizeof(server->module) - 1);
    size_t room;

    if (length < 0)
        return error_set(error, "cannot tell where the program is: %s", strerror(errno));
    server->module[length] = '\0';
    *strrchr(server->module, '/') = '\0';
    if (has_module(server->module))
        return 0;
    room = sizeof(server->module) - strlen(server->module);
    if (room > strlen(MODULE_PLACE))
        strcat(server->module, MODULE_PLACE);
    return has_module(server->module)
               ? 0
               : error_set(error, MODULE " is missing: was gapwatch built with API=0?");
}

static int find_kore(struct server *server, struct error *error)
{
    const char *path = getenv("PATH");

    while (path && *path) {
        size_t length = strcspn(path, ":");

        snprintf(server->kore, sizeof(server->kore), "%.*s/" KORE, (int)length, path);
        if (access(server->kore, X_OK) == 0)
            return 0;
        path += length + (path[length] == ':');
    }
    return error_set(error, "the web server Kore is not installed (Debian: apt-get install kore)");
}

/* Whether TEXT is SCHEME://HOST[:PORT], as a header needs, or "*". */
static int is_origin(const char *text)
{
    const char *host = strstr(text, "://");

    if (strcmp(text, "*") == 0)
        return 1;
    if (!host || host == text || !host[3])
        return 0;
    for (const char *next = text; *next; next++)
        if (*next <= ' ' || *next > '~' || strchr(",;\"", *next))
            return 0;
    return 1;
}

static int check_usage(const struct options *options, struct error *error)
{
    if (options->operand_count)
        return error_set(error,
                         options->db ? "serve takes options only, not '%s'"
                                     : "serve takes options only: did you mean --db %s?",
                         options->operands[0]);
    if (!options->db)
        return error_set(error, "no database given: --db DB (see gapwatch serve --help)");
    if (options->cors_origin && !is_origin(options->cors_origin))
        return error_set(error, "--cors-origin takes one like https://example.org or *, not '%s'",
                         options->cors_origin);
    if (!options->tls_cert != !options->tls_key)
        return error_set(error, "--tls-cert and --tls-key go together");
    return 0;
}

enum exit_code server_prepare(struct server *server, const struct options *options,
                              struct error *error)
{
    *server = (struct server){.options = options, .is_root = geteuid() == 0};
    if (check_usage(options, error) < 0)
        return EXIT_USAGE;
    if (find_kore(server, error) < 0 || find_module(server, error) < 0 ||
        check_database(server, error) < 0 || check_secrets(server, error) < 0)
        return EXIT_FAILED;
    return check_host(server, error);
}
