/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/privilege.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int privilege_outlive_root(void)
{
    return prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP);
}

int privilege_keep_reading(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
        {.effective = 1u << CAP_DAC_READ_SEARCH, .permitted = 1u << CAP_DAC_READ_SEARCH},
    };

    return (int)syscall(SYS_capset, &header, sets);
}

void privilege_die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}
