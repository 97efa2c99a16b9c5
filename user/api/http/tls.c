/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>

#include "api/http/kore.h"

static EVP_PKEY *private_key;

int tls_read_key(int descriptor)
{
    FILE *file = fdopen(descriptor, "r");

    if (!file)
        return -1;
    private_key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    return private_key ? 0 : -1;
}

/* Replaces Kore's own handler: it gives the certificate the key held by this process. */
static void take_certificate(struct kore_msg *message, const void *data)
{
    const struct kore_x509_msg *certificate = data;
    struct kore_domain *domain = NULL;

    if (kore_worker_keymgr_response_verify(message, data, &domain) != KORE_RESULT_OK)
        return;
    kore_domain_tlsinit(domain, KORE_PEM_CERT_CHAIN, certificate->data, certificate->data_len);
    if (!domain->ssl_ctx || SSL_CTX_use_PrivateKey(domain->ssl_ctx, private_key) != 1)
        kore_log(LOG_ERR, "the certificate and the private key do not belong together");
}

void tls_watch_certificates(void)
{
    if (!private_key)
        return;
    kore_msg_unregister(KORE_MSG_CERTIFICATE);
    kore_msg_register(KORE_MSG_CERTIFICATE, take_certificate);
}
