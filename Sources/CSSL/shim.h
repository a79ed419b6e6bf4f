// libssl and libcrypto of OpenSSL 3, and what of them are macros or lists, which Swift can't import.
#ifndef BALLAST_CSSL_SHIM_H
#define BALLAST_CSSL_SHIM_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// What lies between a session and its socket. A record that the session wrote is either with the
/// kernel or held here, so the session never stands in the middle of a write.
typedef struct cssl_wire {
  int descriptor;
  /// The read of this turn brought less than there was room for: another would bring nothing.
  int is_drained;
  /// The peer sends no more.
  int has_ended;
  /// The first byte that the peer sent, -1 before.
  int first;
  /// errno of the call that failed, else 0.
  int error;
  /// Bytes that this turn may still read.
  int64_t budget;
  /// Came before the session began, and is read first.
  unsigned char *early;
  size_t early_start, early_count;
  /// What the socket didn't take.
  unsigned char *held;
  size_t held_start, held_count, held_capacity;
} cssl_wire;

/// A record and a flight of handshake messages fit; nothing sends more before it was flushed.
enum { CSSL_HELD_LIMIT = 128 * 1024 };

static inline cssl_wire *cssl_wire_make(int descriptor) {
  cssl_wire *wire = (cssl_wire *)calloc(1, sizeof(cssl_wire));
  if (wire) {
    wire->descriptor = descriptor;
    wire->first = -1;
  }
  return wire;
}

static inline void cssl_wire_free(cssl_wire *wire) {
  free(wire->early);
  free(wire->held);
  free(wire);
}

/// Puts bytes that were read from the socket already in front of what comes.
static inline int cssl_wire_feed(cssl_wire *wire, const void *bytes, size_t count) {
  if (count == 0) return 1;
  unsigned char *early = (unsigned char *)malloc(count + wire->early_count);
  if (!early) return 0;
  if (wire->early_count)
    memcpy(early, wire->early + wire->early_start, wire->early_count);
  memcpy(early + wire->early_count, bytes, count);
  free(wire->early);
  wire->early = early;
  wire->early_start = 0;
  wire->early_count += count;
  return 1;
}

/// 0 when nothing is held any more, else -errno.
static inline int cssl_wire_flush(cssl_wire *wire) {
  while (wire->held_count) {
    ssize_t sent =
        send(wire->descriptor, wire->held + wire->held_start, wire->held_count, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) wire->error = errno;
      return -errno;
    }
    wire->held_start += (size_t)sent;
    wire->held_count -= (size_t)sent;
  }
  free(wire->held);
  wire->held = NULL;
  wire->held_start = wire->held_capacity = 0;
  return 0;
}

static inline int cssl_wire_hold(cssl_wire *wire, const char *bytes, size_t count) {
  if (wire->held_count + count > CSSL_HELD_LIMIT) return 0;
  if (wire->held_start + wire->held_count + count > wire->held_capacity) {
    unsigned char *held = (unsigned char *)malloc(wire->held_count + count);
    if (!held) return 0;
    if (wire->held_count) memcpy(held, wire->held + wire->held_start, wire->held_count);
    free(wire->held);
    wire->held = held;
    wire->held_start = 0;
    wire->held_capacity = wire->held_count + count;
  }
  memcpy(wire->held + wire->held_start + wire->held_count, bytes, count);
  wire->held_count += count;
  return 1;
}

static int cssl_wire_read(BIO *bio, char *bytes, int count) {
  cssl_wire *wire = (cssl_wire *)BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (count <= 0) return 0;
  if (wire->early_count) {
    size_t taken = wire->early_count < (size_t)count ? wire->early_count : (size_t)count;
    memcpy(bytes, wire->early + wire->early_start, taken);
    if (wire->first < 0) wire->first = (unsigned char)*bytes;
    wire->early_start += taken;
    wire->early_count -= taken;
    if (!wire->early_count) {
      free(wire->early);
      wire->early = NULL;
    }
    return (int)taken;
  }
  if (wire->is_drained || wire->budget <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  ssize_t taken;
  do taken = recv(wire->descriptor, bytes, (size_t)count, 0);
  while (taken < 0 && errno == EINTR);
  if (taken > 0) {
    wire->budget -= taken;
    if (wire->first < 0) wire->first = (unsigned char)*bytes;
    if (taken < count) wire->is_drained = 1;
    return (int)taken;
  }
  if (taken == 0) {
    wire->has_ended = 1;
    return 0;
  }
  if (errno == EAGAIN) {
    wire->is_drained = 1;
    BIO_set_retry_read(bio);
  } else {
    wire->error = errno;
  }
  return -1;
}

static int cssl_wire_write(BIO *bio, const char *bytes, int count) {
  cssl_wire *wire = (cssl_wire *)BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (count <= 0) return 0;
  ssize_t sent = 0;
  if (!wire->held_count) {
    do sent = send(wire->descriptor, bytes, (size_t)count, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) {
      if (errno != EAGAIN) {
        wire->error = errno;
        return -1;
      }
      sent = 0;
    }
  }
  if (sent == count || cssl_wire_hold(wire, bytes + sent, (size_t)(count - sent))) return count;
  wire->error = ENOBUFS;
  return -1;
}

static long cssl_wire_control(BIO *bio, int command, long number, void *pointer) {
  (void)number;
  (void)pointer;
  cssl_wire *wire = (cssl_wire *)BIO_get_data(bio);
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return wire->has_ended;
  return 0;
}

static inline BIO_METHOD *cssl_wire_method(void) {
  BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
  if (!method) return NULL;
  BIO_meth_set_read(method, cssl_wire_read);
  BIO_meth_set_write(method, cssl_wire_write);
  BIO_meth_set_ctrl(method, cssl_wire_control);
  return method;
}

/// The wire stays the caller's, and has to outlive the session.
static inline int cssl_attach(SSL *session, const BIO_METHOD *method, cssl_wire *wire) {
  BIO *bio = BIO_new(method);
  if (!bio) return 0;
  BIO_set_data(bio, wire);
  BIO_set_init(bio, 1);
  SSL_set_bio(session, bio, bio);
  return 1;
}

static inline void cssl_set_defaults(SSL_CTX *context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
}
static inline int cssl_set_versions(SSL_CTX *context, int least, int most) {
  return SSL_CTX_set_min_proto_version(context, least) &&
         SSL_CTX_set_max_proto_version(context, most);
}
static inline int cssl_set_groups(SSL_CTX *context, const char *groups) {
  return (int)SSL_CTX_set1_groups_list(context, groups);
}
static inline void cssl_no_tickets(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}
/// Sessions of a client are kept by whoever opens the connections.
static inline void cssl_keep_client_sessions(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context,
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
}
static inline int cssl_add_to_chain(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}
static inline void cssl_set_largest_chain(SSL_CTX *context, long bytes) {
  SSL_CTX_set_max_cert_list(context, bytes);
}
static inline void cssl_set_name_callback(SSL_CTX *context, int (*call)(SSL *, int *, void *)) {
  SSL_CTX_set_tlsext_servername_callback(context, call);
}
static inline void cssl_set_status_callback(SSL_CTX *context, int (*call)(SSL *, void *)) {
  SSL_CTX_set_tlsext_status_cb(context, call);
}
static inline int cssl_set_status(SSL *session, unsigned char *answer, int count) {
  return (int)SSL_set_tlsext_status_ocsp_resp(session, answer, count);
}
static inline void cssl_set_pointer(SSL_CTX *context, void *pointer) {
  SSL_CTX_set_app_data(context, pointer);
}
static inline void *cssl_pointer(SSL_CTX *context) { return SSL_CTX_get_app_data(context); }
static inline void cssl_set_session_pointer(SSL *session, void *pointer) {
  SSL_set_app_data(session, pointer);
}
static inline void *cssl_session_pointer(const SSL *session) { return SSL_get_app_data(session); }
static inline int cssl_set_name(SSL *session, const char *name) {
  return (int)SSL_set_tlsext_host_name(session, name);
}
static inline int cssl_error_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline int cssl_error_library(unsigned long code) { return ERR_GET_LIB(code); }
static inline EVP_MD *cssl_fetch_sha256(void) { return EVP_MD_fetch(NULL, "SHA256", NULL); }

/// A key is asked for with no password, so that nothing ever waits at a terminal.
static int cssl_no_password(char *buffer, int size, int is_writing, void *pointer) {
  (void)buffer, (void)size, (void)is_writing;
  if (pointer) *(int *)pointer = 1;
  return 0;
}
static inline EVP_PKEY *cssl_read_key(BIO *bio, int *is_encrypted) {
  return PEM_read_bio_PrivateKey(bio, NULL, cssl_no_password, is_encrypted);
}
static inline X509 *cssl_read_certificate(BIO *bio) {
  return PEM_read_bio_X509_AUX(bio, NULL, cssl_no_password, NULL);
}
static inline X509_CRL *cssl_read_revocations(BIO *bio) {
  return PEM_read_bio_X509_CRL(bio, NULL, cssl_no_password, NULL);
}

/// Prepares one ticket's cipher and code (RFC 5077 section 4): AES-256-CBC and HMAC-SHA256.
static inline int cssl_prepare_ticket(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *code,
                                      const EVP_CIPHER *kind, const unsigned char *cipher_key,
                                      const unsigned char *code_key, const unsigned char *vector,
                                      int is_sealing) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)code_key, 32),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(code, parameters) &&
         (is_sealing ? EVP_EncryptInit_ex(cipher, kind, NULL, cipher_key, vector)
                     : EVP_DecryptInit_ex(cipher, kind, NULL, cipher_key, vector));
}

/// Whether a text from a certificate is of visible ASCII alone.
static inline int cssl_is_plain(const unsigned char *bytes, int count) {
  if (count <= 0) return 0;
  for (int index = 0; index < count; index++)
    if (bytes[index] <= 0x20 || bytes[index] >= 0x7F) return 0;
  return 1;
}

/// The DNS names and addresses of the subject's alternative names, one a line; to be freed with
/// `free`. Names that are no plain text are left out.
static inline char *cssl_names(const X509 *certificate) {
  GENERAL_NAMES *names =
      (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  BIO *text = BIO_new(BIO_s_mem());
  for (int index = 0; text && index < sk_GENERAL_NAME_num(names); index++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name->type == GEN_DNS) {
      const unsigned char *bytes = ASN1_STRING_get0_data(name->d.dNSName);
      int count = ASN1_STRING_length(name->d.dNSName);
      if (cssl_is_plain(bytes, count)) BIO_printf(text, "%.*s\n", count, (const char *)bytes);
    } else if (name->type == GEN_IPADD) {
      const unsigned char *bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      int count = ASN1_STRING_length(name->d.iPAddress);
      char address[INET6_ADDRSTRLEN];
      int family = count == 4 ? AF_INET : AF_INET6;
      if ((count == 4 || count == 16) && inet_ntop(family, bytes, address, sizeof address))
        BIO_printf(text, "%s\n", address);
    }
  }
  GENERAL_NAMES_free(names);
  char *bytes = NULL, *copy = NULL;
  long count = text ? BIO_get_mem_data(text, &bytes) : 0;
  if (count > 0 && (copy = (char *)malloc((size_t)count + 1))) {
    memcpy(copy, bytes, (size_t)count);
    copy[count] = 0;
  }
  BIO_free(text);
  return copy;
}

/// Where the certificate's status can be asked for; to be freed with `free`. NULL without one.
static inline char *cssl_responder(X509 *certificate) {
  STACK_OF(OPENSSL_STRING) *list = X509_get1_ocsp(certificate);
  char *copy = sk_OPENSSL_STRING_num(list) > 0 ? strdup(sk_OPENSSL_STRING_value(list, 0)) : NULL;
  X509_email_free(list);
  return copy;
}

static inline void cssl_release(void *memory) { OPENSSL_free(memory); }

/// Milliseconds since 1970.
static inline int64_t cssl_milliseconds(const ASN1_TIME *time) {
  int days = 0, seconds = 0;
  ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
  if (epoch) ASN1_TIME_diff(&days, &seconds, epoch, time);
  ASN1_TIME_free(epoch);
  return ((int64_t)days * 86400 + seconds) * 1000;
}

enum {
  CSSL_STATUS_GOOD,
  CSSL_STATUS_REVOKED,
  CSSL_STATUS_UNKNOWN,
  CSSL_STATUS_REFUSED,
  CSSL_STATUS_UNSIGNED,
  CSSL_STATUS_STALE,
  CSSL_STATUS_OTHER,
  CSSL_STATUS_DAMAGED
};
/// Seconds that clocks may differ by.
enum { CSSL_STATUS_LEEWAY = 300 };

static inline int64_t cssl_generalized_milliseconds(const ASN1_GENERALIZEDTIME *time) {
  return time ? cssl_milliseconds(time) : 0;
}

/// What a responder's answer says of a certificate (RFC 6960 section 3.2); `times` gets when it began to
/// hold and when there is a next, in milliseconds since 1970, 0 without.
static inline int cssl_check_status(const unsigned char *bytes, size_t count, X509 *certificate,
                                    X509 *issuer, int64_t *times) {
  int outcome = CSSL_STATUS_DAMAGED;
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &bytes, (long)count);
  OCSP_BASICRESP *basic = NULL;
  X509_STORE *store = NULL;
  STACK_OF(X509) *helpers = NULL;
  OCSP_CERTID *id = NULL;
  if (!response) goto end;
  if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    outcome = CSSL_STATUS_REFUSED;
    goto end;
  }
  basic = OCSP_response_get1_basic(response);
  store = X509_STORE_new();
  helpers = sk_X509_new_null();
  id = OCSP_cert_to_id(EVP_sha1(), certificate, issuer);
  if (!basic || !store || !helpers || !id || !X509_STORE_add_cert(store, issuer) ||
      !sk_X509_push(helpers, issuer))
    goto end;
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  if (OCSP_basic_verify(basic, helpers, store, 0) <= 0) {
    outcome = CSSL_STATUS_UNSIGNED;
    goto end;
  }
  int status = 0, reason = 0;
  ASN1_GENERALIZEDTIME *revoked = NULL, *begins = NULL, *next = NULL;
  if (!OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &begins, &next)) {
    outcome = CSSL_STATUS_OTHER;
  } else if (!OCSP_check_validity(begins, next, CSSL_STATUS_LEEWAY, -1)) {
    outcome = CSSL_STATUS_STALE;
  } else {
    times[0] = cssl_generalized_milliseconds(begins);
    times[1] = cssl_generalized_milliseconds(next);
    outcome = status == V_OCSP_CERTSTATUS_GOOD      ? CSSL_STATUS_GOOD
              : status == V_OCSP_CERTSTATUS_REVOKED ? CSSL_STATUS_REVOKED
                                                    : CSSL_STATUS_UNKNOWN;
  }
end:
  OCSP_CERTID_free(id);
  sk_X509_free(helpers);
  X509_STORE_free(store);
  OCSP_BASICRESP_free(basic);
  OCSP_RESPONSE_free(response);
  return outcome;
}

/// A name in the form of RFC 2253, not longer than the room for it. UTF-8, control characters escaped.
static inline int cssl_name_text(const X509_NAME *name, char *bytes, int room) {
  BIO *text = BIO_new(BIO_s_mem());
  if (!text) return 0;
  X509_NAME_print_ex(text, name, 0,
                     (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) |
                         ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT);
  char *start = NULL;
  long count = BIO_get_mem_data(text, &start);
  if (count > room) count = room;
  if (count > 0) memcpy(bytes, start, (size_t)count);
  BIO_free(text);
  return count > 0 ? (int)count : 0;
}

#endif
