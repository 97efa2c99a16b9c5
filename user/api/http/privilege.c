/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/privilege.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int privilege_outlive_root(void)
{
    return prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP);
}

/* Makes CAPABILITIES, a set of bits, the effective and the permitted ones. */
static int set_capabilities(uint32_t capabilities)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
        {.effective = capabilities, .permitted = capabilities},
    };

    return (int)syscall(SYS_capset, &header, sets);
}

int privilege_keep_reading(void)
{
    return set_capabilities(1u << CAP_DAC_READ_SEARCH);
}

int privilege_drop_in_parent(int keep_reading)
{
    uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_SYS_CHROOT | 1u << CAP_KILL;

    return set_capabilities(needed | (keep_reading ? 1u << CAP_DAC_READ_SEARCH : 0));
}

void privilege_die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}
