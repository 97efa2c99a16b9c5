/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/version.h"

#include <pcap/pcap.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <zlib.h>

#if defined(GAPWATCH_API)
#include <openssl/crypto.h>
#endif
#if defined(GAPWATCH_BPF)
#include "source/bpf/library.h"
#endif
#if defined(GAPWATCH_ZSTD)
#include <zstd.h>
#endif
#if defined(GAPWATCH_XZ)
#include <lzma.h>
#endif
#if defined(GAPWATCH_LZ4)
#include <lz4.h>
#endif
#if defined(GAPWATCH_BZIP2)
#include <bzlib.h>
#endif

static void print_libraries(void)
{
    puts(pcap_lib_version());
    printf("SQLite %s\nzlib %s\n", sqlite3_libversion(), zlibVersion());
#if defined(GAPWATCH_API)
    puts(OpenSSL_version(OPENSSL_VERSION));
#endif
#if defined(GAPWATCH_BPF)
    printf("libbpf %s\n", bpf_library_version());
#endif
#if defined(GAPWATCH_ZSTD)
    printf("zstd %s\n", ZSTD_versionString());
#endif
#if defined(GAPWATCH_XZ)
    printf("liblzma %s\n", lzma_version_string());
#endif
#if defined(GAPWATCH_LZ4)
    printf("lz4 %s\n", LZ4_versionString());
#endif
#if defined(GAPWATCH_BZIP2)
    printf("bzip2 %s\n", BZ2_bzlibVersion());
#endif
}

/* Prints the ways to capture that this program was built with, and the kernel that it runs on. */
static void print_features(void)
{
    struct utsname system;

    printf("capture:");
#if defined(GAPWATCH_BPF)
    printf(" xdp, tc (tcx, clsact; BPF objects built in, relocated by BTF),");
#endif
#if defined(__linux__)
    printf(" af_packet,");
#endif
    puts(" pcap");
#if defined(GAPWATCH_API)
    puts("API: yes");
#else
    puts("API: no");
#endif
    if (uname(&system) == 0)
        printf("on %s %s, %s\n", system.sysname, system.release, system.machine);
}

void version_print(void)
{
    puts("gapwatch " GAPWATCH_VERSION);
    print_libraries();
    print_features();
}
