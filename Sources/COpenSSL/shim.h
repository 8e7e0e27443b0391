#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// OpenSSL's macros, which Swift can't see.

static inline void tls_context_prepare(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  // Without a context name OpenSSL refuses to resume sessions of clients that showed a certificate.
  SSL_CTX_set_session_id_context(context, (const unsigned char *)"swiftlet", 8);
}

static inline int tls_context_add_chain(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

// The handshake goes on with a certificate nobody vouches for: whether that matters is the authenticator's decision.
static inline int tls_accept_any(int is_valid, X509_STORE_CTX *context) {
  (void)is_valid;
  (void)context;
  return 1;
}

static inline void tls_context_request_client_certificate(SSL_CTX *context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, tls_accept_any);
}

static inline X509 *tls_peer_certificate(const SSL *session) { return SSL_get1_peer_certificate(session); }

// The other end: a client that talks to servers which prove who they are.

static inline void tls_client_prepare(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
}

static inline void tls_client_name(SSL *session, const char *name) {
  SSL_set_tlsext_host_name(session, name);
}
