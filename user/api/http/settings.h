/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What `gapwatch serve` tells the module: environment variables, which the program that runs Kore
 * sets and Kore's processes inherit. */
#ifndef GAPWATCH_API_HTTP_SETTINGS_H
#define GAPWATCH_API_HTTP_SETTINGS_H

#define SETTING_DATABASE    "GAPWATCH_DATABASE"    /* its path as the workers see it */
#define SETTING_TOKEN       "GAPWATCH_TOKEN"       /* descriptor to read the bearer token from */
#define SETTING_TLS_KEY     "GAPWATCH_TLS_KEY"     /* descriptor to read the private key from */
#define SETTING_CORS_ORIGIN "GAPWATCH_CORS_ORIGIN" /* may read the answers from another site */
#define SETTING_METRICS_TOP "GAPWATCH_METRICS_TOP"
#define SETTING_GREETING    "GAPWATCH_GREETING" /* line to print once the port is taken */

#define SETTING_KEEP_READING                                                                       \
    "GAPWATCH_KEEP_READING" /* set: the database is only root's to read                            \
                             */

#endif
