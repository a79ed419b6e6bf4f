// libcurl's option calls are variadic, which Swift cannot call: one function for each kind of value.
#ifndef BALLAST_CCURL_SHIM_H
#define BALLAST_CCURL_SHIM_H

#include <curl/curl.h>

typedef size_t (*ballast_curl_write)(char *data, size_t size, size_t count, void *context);

static inline CURLcode ballast_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ballast_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ballast_curl_set_list(CURL *handle, CURLoption option,
                                             struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

// What is read of an upload: `left` bytes from `bytes` on.
typedef struct {
  const char *bytes;
  size_t left;
} ballast_curl_source;

static inline size_t ballast_curl_read_source(char *into, size_t size, size_t count, void *context) {
  ballast_curl_source *source = context;
  size_t room = size * count;
  size_t taken = source->left < room ? source->left : room;
  for (size_t place = 0; place < taken; place++) into[place] = source->bytes[place];
  source->bytes += taken;
  source->left -= taken;
  return taken;
}

// The source must live until the transfer ends.
static inline CURLcode ballast_curl_set_upload(CURL *handle, ballast_curl_source *source) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, ballast_curl_read_source);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_READDATA, source);
  return code;
}

// The bytes must live until the transfer ends.
static inline CURLcode ballast_curl_set_body(CURL *handle, const void *bytes, long count) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, count);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_POSTFIELDS, (const char *)bytes);
}

static inline CURLcode ballast_curl_set_write(CURL *handle, ballast_curl_write write,
                                              void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, write);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

static inline CURLcode ballast_curl_set_header(CURL *handle, ballast_curl_write header,
                                               void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, header);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

// Text about a failure, in words of the TLS library too; `text` has CURL_ERROR_SIZE bytes and lives as
// long as the handle.
static inline CURLcode ballast_curl_set_error_text(CURL *handle, char *text) {
  return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, text);
}

// The text lives as long as the handle.
static inline CURLcode ballast_curl_get_text(CURL *handle, CURLINFO info, const char **value) {
  return curl_easy_getinfo(handle, info, (char **)value);
}

// Microseconds from the start until a step was done; 0: it was not.
static inline curl_off_t ballast_curl_get_time(CURL *handle, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

// The next transfer that has ended, with its result; NULL when there is none.
static inline CURL *ballast_curl_next_ended(CURLM *multi, CURLcode *result) {
  int left;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}

static inline CURLcode ballast_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

#endif
