/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/options.h"

const char *command_name(enum command_set command)
{
    switch (command) {
    case COMMAND_ANALYZE:
        return "analyze";
    case COMMAND_CAPTURE:
        return "capture";
    case COMMAND_INTERFACES:
        return "interfaces";
    case COMMAND_SERVE:
        return "serve";
    case COMMAND_COMPARE:
        return "compare";
    case COMMAND_SHIP:
        return "ship";
    case COMMAND_NONE:
        break;
    }
    return "";
}
