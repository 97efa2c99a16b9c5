/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/interfaces.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "interface/choice.h"
#include "interface/interface.h"
#include "interface/method.h"
#include "linux/privileges.h"

static const char *const state_words[] = {
    [INTERFACE_DOWN] = "down",
    [INTERFACE_NO_CARRIER] = "no carrier",
    [INTERFACE_UP] = "up",
};

static const char *const link_words[] = {
    [INTERFACE_ETHERNET] = "Ethernet",
    [INTERFACE_RAW_IP] = "raw IP",
    [INTERFACE_OTHER_LINK] = "other",
};

/* Whether METHOD is in this build and works on INTERFACE for users with sufficient privileges. */
static int is_possible(enum method method, const struct interface_facts *interface,
                       const struct method_circumstances *here)
{
    char reason[METHOD_REASON_CHARS];

    return here->built & 1u << method && !here->refused[method][0] &&
           !method_unsuitable(method, interface, reason);
}

/* --- text --- */

#define ROW_FORMAT "%-*s %-10s %-9s %-*s %-8s %-*s %-*s %-9s %-4s "

/* Widths of the columns whose contents vary most; at least those of the headings. */
struct widths {
    int name;
    int driver;
    int xdp;
    int tc;
};

static void widen(int *width, const char *content)
{
    if ((int)strlen(content) > *width)
        *width = (int)strlen(content);
}

static const char *or_dash(const char *word)
{
    return word[0] ? word : "-";
}

/* The cell of METHOD: how it works, "sudo" where privileges are missing for it, or "no". */
static const char *cell(enum method method, const struct interface_facts *interface,
                        const struct method_circumstances *here)
{
    if (!is_possible(method, interface, here))
        return "no";
    if (privileges_missing(method_privileges(method), here->privileges))
        return "sudo";
    return method_mode(method, interface) ? method_mode(method, interface) : "yes";
}

static struct widths find_widths(const struct interface_list *list,
                                 const struct method_circumstances *here)
{
    struct widths widths = {sizeof("NAME") - 1, sizeof("DRIVER") - 1, sizeof("XDP") - 1,
                            sizeof("TC") - 1};

    for (size_t i = 0; i < list->count; i++) {
        const struct interface_facts *interface = &list->interfaces[i];

        widen(&widths.name, interface->name);
        widen(&widths.driver, interface->driver);
        widen(&widths.xdp, cell(METHOD_XDP, interface, here));
        widen(&widths.tc, cell(METHOD_TC, interface, here));
    }
    return widths;
}

static void print_row(const struct interface_facts *interface, const struct widths *widths,
                      const struct method_circumstances *here)
{
    char reason[METHOD_REASON_CHARS];
    enum method chosen = choose_method(interface, here, reason);
    char warnings[INTERFACE_WARNINGS_MAX][INTERFACE_WARNING_CHARS];
    size_t count = interface_warnings(interface, warnings);

    printf(ROW_FORMAT "%s (%s)\n", widths->name, interface->name, state_words[interface->state],
           or_dash(interface->kind), widths->driver, or_dash(interface->driver),
           link_words[interface->link], widths->xdp, cell(METHOD_XDP, interface, here), widths->tc,
           cell(METHOD_TC, interface, here), cell(METHOD_AF_PACKET, interface, here),
           cell(METHOD_PCAP, interface, here), method_name(chosen), reason);
    for (size_t i = 0; i < count; i++)
        printf("    WARNING: %s\n", warnings[i]);
}

static void print_table(const struct interface_list *list, const struct method_circumstances *here)
{
    struct widths widths = find_widths(list, here);

    printf(ROW_FORMAT "%s\n", widths.name, "NAME", "STATE", "KIND", widths.driver, "DRIVER", "LINK",
           widths.xdp, "XDP", widths.tc, "TC", "AF_PACKET", "PCAP", "AUTO");
    for (size_t i = 0; i < list->count; i++)
        print_row(&list->interfaces[i], &widths, here);
}

/* --- JSON --- */

static void write_optional_string(struct json_writer *json, const char *key, const char *string)
{
    json_string(json, key, string[0] ? string : NULL);
}

static void write_method(struct json_writer *json, enum method method,
                         const struct interface_facts *interface,
                         const struct method_circumstances *here)
{
    char reason[METHOD_REASON_CHARS];
    int is_usable =
        !method_unsuitable(method, interface, reason) && !method_unavailable(method, here, reason);
    int has_mode = is_possible(method, interface, here);

    json_open(json, method_name(method), '{');
    json_boolean(json, "usable", is_usable);
    json_string(json, "mode", has_mode ? method_mode(method, interface) : NULL);
    write_optional_string(json, "reason", reason);
    json_close(json, '}');
}

static void write_methods(struct json_writer *json, const struct interface_facts *interface,
                          const struct method_circumstances *here)
{
    char reason[METHOD_REASON_CHARS];
    enum method chosen = choose_method(interface, here, reason);

    json_open(json, "methods", '{');
    for (enum method method = 0; method < METHOD_COUNT; method++)
        write_method(json, method, interface, here);
    json_close(json, '}');
    json_open(json, "auto", '{');
    json_string(json, "method", chosen == METHOD_NONE ? NULL : method_name(chosen));
    json_string(json, "reason", reason);
    json_close(json, '}');
}

static void write_interface(struct json_writer *json, const struct interface_facts *interface,
                            const struct method_circumstances *here)
{
    char warnings[INTERFACE_WARNINGS_MAX][INTERFACE_WARNING_CHARS];
    size_t count = interface_warnings(interface, warnings);

    json_new_line(json);
    json_open(json, NULL, '{');
    json_string(json, "name", interface->name);
    json_string(json, "state", state_words[interface->state]);
    write_optional_string(json, "kind", interface->kind);
    write_optional_string(json, "driver", interface->driver);
    json_string(json, "link_type", link_words[interface->link]);
    json_optional(json, "mtu", interface->mtu != 0, interface->mtu);
    write_methods(json, interface, here);
    json_open(json, "warnings", '[');
    for (size_t i = 0; i < count; i++)
        json_string(json, NULL, warnings[i]);
    json_close(json, ']');
    json_close(json, '}');
}

static void write_json(const struct interface_list *list, const struct method_circumstances *here)
{
    struct json_writer json;

    json_begin(&json, stdout);
    json_open(&json, NULL, '{');
    json_open(&json, "interfaces", '[');
    for (size_t i = 0; i < list->count; i++)
        write_interface(&json, &list->interfaces[i], here);
    json_new_line(&json);
    json_close(&json, ']');
    json_close(&json, '}');
    json_end(&json);
}

/* Finds out which methods the kernel accepts, if this is permitted. */
static void probe_methods(struct method_circumstances *here)
{
    char ignored[METHOD_REASON_CHARS];
    struct error error;

    for (enum method method = 0; method < METHOD_COUNT; method++) {
        const struct source_ops *source = method_source(method);

        if (source && source->probe && !method_unavailable(method, here, ignored) &&
            source->probe(&error) < 0)
            snprintf(here->refused[method], METHOD_REASON_CHARS, "%.*s", METHOD_REASON_CHARS - 1,
                     error.text);
    }
}

enum exit_code interfaces(const struct options *options)
{
    struct method_circumstances here = method_circumstances_here();
    struct interface_list list;
    struct error error;

    if (options->operand_count) {
        error_set(&error, "interfaces takes options only, not '%s'", options->operands[0]);
        error_print(&error);
        return EXIT_USAGE;
    }
    if (interface_list_read(&list, &error) < 0) {
        error_print(&error);
        return EXIT_FAILED;
    }
    probe_methods(&here);
    if (options->json)
        write_json(&list, &here);
    else
        print_table(&list, &here);
    interface_list_release(&list);
    return EXIT_DONE;
}
