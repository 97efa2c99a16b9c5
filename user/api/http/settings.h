/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Settings that `gapwatch serve` passes to the module, in environment variables. */
#ifndef GAPWATCH_API_HTTP_SETTINGS_H
#define GAPWATCH_API_HTTP_SETTINGS_H

#define SETTING_DATABASE    "GAPWATCH_DATABASE"    /* its path as the workers see it */
#define SETTING_TOKEN       "GAPWATCH_TOKEN"       /* path of the file with the bearer token */
#define SETTING_TLS_CERT    "GAPWATCH_TLS_CERT"    /* path of the certificate */
#define SETTING_TLS_KEY     "GAPWATCH_TLS_KEY"     /* path of its private key */
#define SETTING_CORS_ORIGIN "GAPWATCH_CORS_ORIGIN" /* the other site that may read answers */
#define SETTING_HOSTS       "GAPWATCH_HOSTS"       /* host names that are answered; unset: any */
#define SETTING_HSTS        "GAPWATCH_HSTS"        /* value of Strict-Transport-Security */
#define SETTING_METRICS_TOP "GAPWATCH_METRICS_TOP"
#define SETTING_GREETING    "GAPWATCH_GREETING" /* line to print when the port is bound */

#define SETTING_KEEP_READING "GAPWATCH_KEEP_READING" /* set: only root may read the database */

#endif
