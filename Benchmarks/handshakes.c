// New connections over TLS 1.3, each of 16 clients one after another, with one request on each: handshakes PORT SECONDS full|resumed.
// Prints how many were answered, how many of them went on with an earlier session, and how many failed.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static SSL_SESSION *last;

static int keep(SSL *connection, SSL_SESSION *session) {
  (void)connection;
  SSL_SESSION_free(last);
  last = session;
  return 1;
}

static int ask(SSL_CTX *context, int port, int resumes, long *reused) {
  static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int link = socket(AF_INET, SOCK_STREAM, 0), yes = 1, done = 0;
  setsockopt(link, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(link, (struct sockaddr *)&address, sizeof address) < 0) {
    close(link);
    return 0;
  }
  SSL *connection = SSL_new(context);
  SSL_set_fd(connection, link);
  if (resumes && last) SSL_set_session(connection, last);
  char answer[16384];
  if (SSL_connect(connection) == 1 && SSL_write(connection, request, sizeof request - 1) > 0) {
    int count = 0, part;
    while ((part = SSL_read(connection, answer + count, sizeof answer - count)) > 0) count += part;
    done = count > 12 && memcmp(answer + 9, "200", 3) == 0;
    *reused += SSL_session_reused(connection);
    // Without it the library takes the session for a broken one.
    SSL_shutdown(connection);
  }
  SSL_free(connection);
  close(link);
  return done;
}

enum { clients = 16 };

static void run(SSL_CTX *context, int port, time_t end, int resumes, long counts[3]) {
  while (time(NULL) < end) counts[ask(context, port, resumes, &counts[1]) ? 0 : 2]++;
}

int main(int count, char **words) {
  if (count != 4) return 2;
  int resumes = strcmp(words[3], "resumed") == 0, ends[2];
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep);
  time_t end = time(NULL) + atoi(words[2]);
  if (pipe(ends) < 0) return 1;
  for (int number = 0; number < clients; number++) {
    if (fork() != 0) continue;
    long counts[3] = {0};
    run(context, atoi(words[1]), end, resumes, counts);
    return write(ends[1], counts, sizeof counts) == sizeof counts ? 0 : 1;
  }
  long all[3] = {0}, counts[3];
  for (int number = 0; number < clients; number++) {
    if (read(ends[0], counts, sizeof counts) != sizeof counts) return 1;
    for (int place = 0; place < 3; place++) all[place] += counts[place];
  }
  printf("%ld %ld %ld\n", all[0], all[1], all[2]);
  return 0;
}
