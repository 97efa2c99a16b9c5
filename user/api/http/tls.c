/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/tls.h"

#include <openssl/ssl.h>
#include <string.h>

#include "api/http/kore.h"

static const struct secrets *used;
static struct kore_domain *domain; /* set when Kore is ready for a certificate */

void tls_renew(void)
{
    EVP_PKEY *key;

    if (!domain)
        return;
    key = key_from_pem(used->key);
    kore_domain_tlsinit(domain, KORE_PEM_CERT_CHAIN, used->certificate, strlen(used->certificate));
    if (!domain->ssl_ctx || !key || SSL_CTX_use_PrivateKey(domain->ssl_ctx, key) != 1)
        kore_log(LOG_ERR, "the certificate and the private key do not belong together");
    EVP_PKEY_free(key);
}

/* Replaces Kore's own handler for a certificate that its other process read: the file may have
 * changed since the key was read. */
static void take_certificate(struct kore_msg *message, const void *data)
{
    if (kore_worker_keymgr_response_verify(message, data, &domain) == KORE_RESULT_OK)
        tls_renew();
}

void tls_begin(const struct secrets *secrets)
{
    if (!secrets->certificate[0])
        return;
    used = secrets;
    kore_msg_unregister(KORE_MSG_CERTIFICATE);
    kore_msg_register(KORE_MSG_CERTIFICATE, take_certificate);
}
