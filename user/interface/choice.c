/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/choice.h"

#include <stdio.h>
#include <string.h>

#include "interface/interface.h"
#include "linux/privileges.h"

#define ANY_TAKES_NO_FILTER "it cannot filter all interfaces at once"

/* The source of each method; NULL: not in this build. */
static const struct source_ops *const sources[METHOD_COUNT] = {
#if defined(GAPWATCH_BPF)
    [METHOD_XDP] = &xdp_source,
    [METHOD_TC] = &tc_source,
#endif
#if defined(__linux__)
    [METHOD_AF_PACKET] = &af_packet_source,
#endif
    [METHOD_PCAP] = &pcap_source,
};

const struct source_ops *method_source(enum method method)
{
    return sources[method];
}

/* Whether METHOD cannot watch INTERFACE, which stands for all of them; sets REASON. */
static int cannot_watch_any(enum method method, const char *interface,
                            char reason[METHOD_REASON_CHARS])
{
    const struct interface_facts any = {.name = INTERFACE_ANY, .kind = INTERFACE_ANY};

    return strcmp(interface, INTERFACE_ANY) == 0 && method_unsuitable(method, &any, reason);
}

/* Applies `auto` to all interfaces at once. */
static enum method choose_for_any(const struct method_circumstances *circumstances,
                                  char reason[METHOD_REASON_CHARS])
{
    const struct interface_facts any = {.name = INTERFACE_ANY, .kind = INTERFACE_ANY};
    struct method_circumstances adapted = *circumstances;

    if (circumstances->has_filter)
        snprintf(adapted.refused[METHOD_AF_PACKET], METHOD_REASON_CHARS, ANY_TAKES_NO_FILTER);
    return choose_method(&any, &adapted, reason);
}

/* What to do when no method is possible: libpcap, the last of them, needs the fewest privileges. */
static const char *advice(const struct method_circumstances *circumstances)
{
    unsigned needed = method_privileges(METHOD_PCAP);

    return privileges_missing(needed, circumstances->privileges) ? ": use sudo" : "";
}

/* Applies `auto`. Returns METHOD_NONE with ERROR set when no method is possible. */
static enum method choose(const char *name, const struct method_circumstances *circumstances,
                          char reason[METHOD_REASON_CHARS], struct error *error)
{
    const struct interface_facts *interface;
    enum method method = METHOD_NONE;
    struct interface_list list;

    if (interface_list_read(&list, error) < 0)
        return METHOD_NONE;
    interface = interface_list_find(&list, name);
    if (interface)
        method = choose_method(interface, circumstances, reason);
    else if (strcmp(name, INTERFACE_ANY) == 0)
        method = choose_for_any(circumstances, reason);
    else
        snprintf(reason, METHOD_REASON_CHARS, "there is no such interface");
    interface_list_release(&list);
    if (method == METHOD_NONE)
        error_set(error, "%s: %s%s", name, reason, advice(circumstances));
    return method;
}

enum exit_code method_settle(const char *interface,
                             const struct method_circumstances *circumstances, int is_quiet,
                             enum method *method, struct error *error)
{
    char reason[METHOD_REASON_CHARS];
    const char *missing;

    if (*method == METHOD_NONE) {
        *method = choose(interface, circumstances, reason, error);
        if (*method == METHOD_NONE)
            return EXIT_FAILED;
        if (!is_quiet)
            fprintf(stderr, "gapwatch: auto chose %s for %s: %s\n", method_name(*method), interface,
                    reason);
    }
    missing = privileges_missing(method_privileges(*method), circumstances->privileges);
    if (missing) {
        error_set(error, "the method %s needs %s: use sudo", method_name(*method), missing);
        return EXIT_FAILED;
    }
    if (method_unavailable(*method, circumstances, reason) ||
        cannot_watch_any(*method, interface, reason)) {
        error_set(error, "the method %s cannot be used: %s", method_name(*method), reason);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}
