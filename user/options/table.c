/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/table.h"

#include <string.h>

#include "base/units.h"
#include "options/type.h"
#include "source/source.h"
#include "track/tracker.h"

#define DB_SIZE_MIN          (UINT64_C(1) << 20)
#define DAYS_MAX             36500
#define FLUSH_SECONDS_MAX    3600
#define PORT_MAX             65535
#define METRICS_TOP_MAX      1000
#define BUFFER_MB_MAX        1024
#define SAMPLES_OF_MAX       65536
#define DEDUP_MAX_NS         (UINT64_C(3600) * NS_PER_SECOND)
#define INTERVAL_SECONDS_MAX 86400
#define IDLE_SECONDS_MAX     31536000 /* a year */
#define HSTS_SECONDS_MAX     (10ull * 365 * 86400)

#define MEMBER(name) offsetof(struct options, name)

#define ANALYZE  COMMAND_ANALYZE
#define CAPTURE  COMMAND_CAPTURE
#define COMPARE  COMMAND_COMPARE
#define SERVE    COMMAND_SERVE
#define SHIP     COMMAND_SHIP
#define TRACKING (COMMAND_ANALYZE | COMMAND_CAPTURE)

/* clang-format off */
const struct option_row option_table[] = {
    /* name, another key, letter, commands, type, member, min, max,
       argument, default, help */
    {"interface", "interfaces", 'i', CAPTURE, &interfaces_type, MEMBER(interfaces), 0, 0,
     "IFACE[,IFACE...]", NULL, "interfaces to watch; may be repeated"},
    {"merge", NULL, 0, CAPTURE, &flag_type, MEMBER(merge), 0, 0,
     NULL, NULL, "treat the interfaces as one: members of a bond, both legs of a tap"},
    {"merge", NULL, 0, ANALYZE, &flag_type, MEMBER(merge), 0, 0,
     NULL, NULL, "read the files as one, in the order of their frames' times: taps of one link"},
    {"in-order", NULL, 0, ANALYZE, &flag_type, MEMBER(in_order), 0, 0,
     NULL, NULL, "read the files in the order given, not in that of their first frames' times"},
    {"dedup", NULL, 0, ANALYZE, &time_type, MEMBER(dedup_ns), 1000, DEDUP_MAX_NS,
     "TIME", NULL, "drop a frame that comes again within TIME, as in 100ms: for mirrors of both directions"},
    {"follow", NULL, 0, ANALYZE, &flag_type, MEMBER(follow), 0, 0,
     NULL, NULL, "keep reading while the file grows, then the next file of tcpdump's rotation; Ctrl-C ends it"},
    {"interval", NULL, 0, ANALYZE, &number_type, MEMBER(interval), 1, INTERVAL_SECONDS_MAX,
     "SECONDS", "10", "time between two reports on a file that is followed"},
    {"method", NULL, 0, CAPTURE, &choice_type, MEMBER(method), 0, 0,
     "xdp|tc|af_packet|pcap|auto", "auto", "how to capture frames; auto takes the best method that works"},
    {"protocols", NULL, 0, TRACKING, &protocols_type, MEMBER(protocols), 0, 0,
     "LIST", "all", "track only these protocols, as in macsec,esp; count the frames of others"},
    {"tunnels", NULL, 0, TRACKING, &tunnels_type, MEMBER(tunnels), 0, 0,
     "LIST", "all", "look into these tunnels only, as in gre,vxlan; none: into no tunnel"},
    {"esp-port", NULL, 0, TRACKING, &esp_ports_type, MEMBER(esp_ports), 0, 0,
     "PORT|any", NULL, "a UDP port that carries ESP besides 4500; may be repeated; any: wherever three datagrams agree"},
    {"max-packets", NULL, 'c', TRACKING, &number_type, MEMBER(max_packets), 1, INT64_MAX,
     "COUNT", NULL, "end after COUNT packets, of each interface unless they are merged"},
    {"read", NULL, 'r', ANALYZE, &file_type, 0, 0, 0,
     "FILE", NULL, "a capture file, like an operand; may be repeated"},
    {"json", NULL, 0, TRACKING | COMPARE | COMMAND_INTERFACES, &flag_type, MEMBER(json), 0, 0,
     NULL, NULL, "print one JSON object with everything instead of the text report"},
    {"sas", NULL, 0, TRACKING, &flag_type, MEMBER(sas), 0, 0,
     NULL, NULL, "add a table of the SAs of each flow to the text report"},
    {"peers", NULL, 0, TRACKING, &flag_type, MEMBER(peers), 0, 0,
     NULL, NULL, "add a table of the loss between each pair of peers to the text report"},
    {"window", NULL, 0, TRACKING | COMPARE, &number_type, MEMBER(window), 1, WINDOW_MAX,
     "N", "32", "replay window: a missing number is lost when the highest number is N ahead of it"},
    {"max-flows", NULL, 0, TRACKING | COMPARE, &number_type, MEMBER(max_flows), 1, MAX_FLOWS_MAX,
     "N", "1000000", "flows kept at a time; when the table is full, the flow that was idle longest leaves it"},
    {"filter", NULL, 0, TRACKING | COMPARE, &text_type, MEMBER(filter), 0, 0,
     "EXPR", NULL, "only frames that match EXPR, in the language of `man pcap-filter`"},
    {"match", NULL, 0, COMPARE, &choice_type, MEMBER(match), 0, 0,
     "flow|spi", "flow", "match the SAs of A and B by flow, or by SPI alone where a NAT changes addresses"},
    {"direction", NULL, 0, CAPTURE, &choice_type, MEMBER(direction), 0, 0,
     "both|in|out", "both", "capture incoming frames, outgoing frames, or both"},
    {"timestamp", NULL, 0, CAPTURE, &choice_type, MEMBER(timestamp), 0, 0,
     "auto|hw|sw", "auto", "timestamps of the NIC (hw) or of the kernel (sw)"},
    {"workers", NULL, 0, CAPTURE, &number_type, MEMBER(workers), 1, WORKERS_MAX,
     "N", "1", "threads, each with its own ring buffer and its own flows"},
    {"buffer", NULL, 0, CAPTURE, &number_type, MEMBER(buffer_mb), 1, BUFFER_MB_MAX,
     "MB", NULL, "size of the ring buffer between kernel and program, for each worker; 32 unless there are many interfaces"},
    {"idle-timeout", NULL, 0, CAPTURE, &number_type, MEMBER(idle_timeout_s), 1, IDLE_SECONDS_MAX,
     "SECONDS", "300", "a flow without frames for this time leaves the table"},
    {"db", "database.path", 0, TRACKING, &text_type, MEMBER(db), 0, 0,
     "FILE", NULL, "write flows, gaps and intervals to this SQLite database"},
    {"replace", NULL, 0, ANALYZE, &flag_type, MEMBER(replace), 0, 0,
     NULL, NULL, "when complete, replace earlier captures of the same files in the database"},
    {"flush-interval", NULL, 0, TRACKING, &number_type, MEMBER(flush_interval), 1,
     FLUSH_SECONDS_MAX,
     "SECONDS", "5", "time between two writes to the database, and the length of its intervals"},
    {"retain", NULL, 0, TRACKING, &number_type, MEMBER(retain), 1, DAYS_MAX,
     "DAYS", "30", "how long the database keeps gaps; intervals are joined to longer ones earlier"},
    {"max-db-size", NULL, 0, TRACKING, &size_type, MEMBER(max_db_size), DB_SIZE_MIN, INT64_MAX,
     "SIZE", "10G", "limit of the database, like 500M or 2G; the oldest rows are deleted first"},
    {"db", NULL, 0, COMPARE, &file_name_type, MEMBER(db), 0, 0,
     "FILE", NULL, "add the comparison to this SQLite database"},
    {"db", "database.path", 0, SERVE, &text_type, MEMBER(db), 0, 0,
     "FILE", NULL, "the database to serve"},
    {"host", "server.host", 0, SERVE, &text_type, MEMBER(host), 0, 0,
     "ADDR", "127.0.0.1", "address to listen on"},
    {"port", "server.port", 0, SERVE, &number_type, MEMBER(port), 1, PORT_MAX,
     "N", "3000", "port to listen on"},
    {"workers", NULL, 0, SERVE, &number_type, MEMBER(workers), 1, WORKERS_MAX,
     "N", "2", "processes that answer"},
    {"metrics-top", NULL, 0, SERVE, &number_type, MEMBER(metrics_top), 0, METRICS_TOP_MAX,
     "N", "50", "number of flows with metrics of their own, the worst first"},
    {"token-file", NULL, 0, SERVE, &text_type, MEMBER(token_file), 0, 0,
     "FILE", NULL, "a file whose first line is the token that clients must send"},
    {"allow-anonymous", NULL, 0, SERVE, &flag_type, MEMBER(allow_anonymous), 0, 0,
     NULL, NULL, "require no token even if the address is not loopback"},
    {"cors-origin", NULL, 0, SERVE, &text_type, MEMBER(cors_origin), 0, 0,
     "ORIGIN", NULL, "the one site whose pages may read the API from a browser"},
    {"db", "database.path", 0, SHIP, &text_type, MEMBER(db), 0, 0,
     "FILE", NULL, "the database whose results are shipped"},
    {"to", NULL, 0, SHIP, &text_type, MEMBER(to), 0, 0,
     "URL", NULL, "http(s)://HOST:8123/DATABASE of ClickHouse, file:DIR for files of newline-delimited JSON, or - for standard output"},
    {"ship", NULL, 0, CAPTURE, &text_type, MEMBER(ship), 0, 0,
     "URL", NULL, "also run `gapwatch ship --to URL` for the database, and restart it when it ends"},
    {"sensor", NULL, 0, SHIP | CAPTURE, &text_type, MEMBER(sensor), 0, 0,
     "NAME", NULL, "name of this sensor in what is shipped; default: the host's name"},
    {"samples", NULL, 0, SHIP | CAPTURE, &number_type, MEMBER(samples), 0, SAMPLES_OF_MAX,
     "N", "1", "ship one of N samples of arrival times, the same numbers at every sensor; 0: none"},
    {"once", NULL, 0, SHIP, &flag_type, MEMBER(once), 0, 0,
     NULL, NULL, "ship what is there and end"},
    {"print-schema", NULL, 0, SHIP, &flag_type, MEMBER(print_schema), 0, 0,
     NULL, NULL, "print SQL that makes the tables and views in ClickHouse, and end"},
    {"plain", NULL, 0, SHIP, &flag_type, MEMBER(plain), 0, 0,
     NULL, NULL, "print the schema for old versions of ClickHouse"},
    {"auth-file", NULL, 0, SHIP | CAPTURE, &text_type, MEMBER(auth_file), 0, 0,
     "FILE", NULL, "a file whose first line is NAME:PASSWORD for the server that results are shipped to"},
    {"tls-ca", NULL, 0, SHIP | CAPTURE, &text_type, MEMBER(tls_ca), 0, 0,
     "FILE", NULL, "certificates (PEM) of authorities that may vouch for that server; default: the system's"},
    {"tls-cert", NULL, 0, SHIP | CAPTURE, &text_type, MEMBER(tls_cert), 0, 0,
     "FILE", NULL, "client certificate (PEM), for a server that requires one"},
    {"tls-key", NULL, 0, SHIP | CAPTURE, &text_type, MEMBER(tls_key), 0, 0,
     "FILE", NULL, "its private key (PEM)"},
    {"server-name", NULL, 0, SERVE, &text_type, MEMBER(server_name), 0, 0,
     "NAME", NULL, "another name of the server on loopback, such as that of a proxy in front of it"},
    {"hsts", NULL, 0, SERVE, &number_type, MEMBER(hsts), 0, HSTS_SECONDS_MAX,
     "SECONDS", "31536000", "with HTTPS, how long browsers must not go back to HTTP (Strict-Transport-Security); 0: no such header"},
    {"tls-cert", NULL, 0, SERVE, &text_type, MEMBER(tls_cert), 0, 0,
     "FILE", NULL, "certificate chain (PEM), for HTTPS"},
    {"tls-key", NULL, 0, SERVE, &text_type, MEMBER(tls_key), 0, 0,
     "FILE", NULL, "its private key (PEM)"},
    {"on-event", NULL, 0, CAPTURE, &text_type, MEMBER(on_event), 0, 0,
     "COMMAND", NULL, "pass gaps, events and changes of interfaces to this shell command, as lines of JSON; needs --db"},
    {"user", NULL, 0, CAPTURE, &text_type, MEMBER(user), 0, 0,
     "NAME", NULL, "run as this user once the interface is open"},
    {"user", NULL, 0, SERVE, &text_type, MEMBER(user), 0, 0,
     "NAME", "nobody", "run the processes as this user when root starts the server"},
    {"config", NULL, 0, COMMANDS_ALL, &file_name_type, MEMBER(config), 0, 0,
     "FILE", NULL, "read options from this JSON file; those on the command line have priority"},
    {"quiet", NULL, 'q', TRACKING | COMPARE | SERVE | SHIP, &flag_type, MEMBER(quiet), 0, 0,
     NULL, NULL, "print no progress and no remarks"},
    {"help", NULL, 'h', 0, &command_flag_type, MEMBER(help), 0, 0,
     NULL, NULL, "print this text"},
    {"version", NULL, 0, 0, &command_flag_type, MEMBER(version), 0, 0,
     NULL, NULL, "print the version"},
};
/* clang-format on */

const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);

_Static_assert(sizeof(option_table) / sizeof(option_table[0]) <= 64, "struct options has a set");

int option_belongs(const struct option_row *row, enum command_set command)
{
    return !row->commands || row->commands & command;
}

/* Whether ROW is a better match than FOUND: the first one, or the command's own. */
static const struct option_row *better(const struct option_row *found, const struct option_row *row,
                                       enum command_set command)
{
    return !found || (!option_belongs(found, command) && option_belongs(row, command)) ? row
                                                                                       : found;
}

const struct option_row *option_named(const char *name, enum command_set command)
{
    const struct option_row *found = NULL;

    for (size_t i = 0; i < option_count; i++)
        if (strcmp(option_table[i].name, name) == 0)
            found = better(found, &option_table[i], command);
    return found;
}

const struct option_row *option_lettered(char letter, enum command_set command)
{
    const struct option_row *found = NULL;

    for (size_t i = 0; i < option_count; i++)
        if (letter && option_table[i].letter == letter)
            found = better(found, &option_table[i], command);
    return found;
}

const struct option_row *option_keyed(const char *key, enum command_set command)
{
    const struct option_row *found = NULL;

    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];

        if (!row->type->values)
            continue;
        if (strcmp(row->name, key) == 0 || (row->key && strcmp(row->key, key) == 0))
            found = better(found, row, command);
    }
    return found;
}
