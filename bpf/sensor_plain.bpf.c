// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The live sensor for kernels before Linux 6.3, which lack some of the functions (kfuncs) that it
 * calls. A call of a function that is missing is left out at load, but for this libbpf looks
 * through the types of modules, which takes CAP_SYS_ADMIN. */
#define WITHOUT_KFUNCS

#include "sensor.bpf.c"
