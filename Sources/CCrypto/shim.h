// libcrypto of OpenSSL 3: what `Engine` signs with, and what `Store` compares backups by.
#ifndef BALLAST_CCRYPTO_SHIM_H
#define BALLAST_CCRYPTO_SHIM_H

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#endif
