/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/tls.h"

#include <openssl/ssl.h>
#include <string.h>

#include "api/http/kore.h"

static const struct secrets *used;

/* The only domain in our configuration of Kore. */
static struct kore_domain *domain_served(void)
{
    struct kore_server *server = LIST_FIRST(&kore_servers);

    return server ? TAILQ_FIRST(&server->domains) : NULL;
}

void tls_renew(void)
{
    struct kore_domain *domain = domain_served();
    EVP_PKEY *key;

    if (!used || !domain)
        return;
    key = key_from_pem(used->key);
    kore_domain_tlsinit(domain, KORE_PEM_CERT_CHAIN, used->certificate, strlen(used->certificate));
    if (!domain->ssl_ctx || !key || SSL_CTX_use_PrivateKey(domain->ssl_ctx, key) != 1)
        kore_log(LOG_ERR, "the certificate and the private key do not belong together");
    EVP_PKEY_free(key);
}

/* Takes the place of Kore's own handler for a certificate that its other process read: the file may
 * have changed since the key was read. */
static void ignore_certificate(struct kore_msg *message, const void *data)
{
    (void)message, (void)data;
}

void tls_begin(const struct secrets *secrets)
{
    if (!secrets->certificate[0])
        return;
    used = secrets;
    kore_msg_unregister(KORE_MSG_CERTIFICATE);
    kore_msg_register(KORE_MSG_CERTIFICATE, ignore_certificate);
    tls_renew();
}
