/* The server behind the proxies, as cheap as it can be, since it shares a core with the load.
   Answers every request with 1 KiB, or with 1 MiB when the path begins with /m, once it has the whole body. Bodies have a
   Content-Length. With LARGE_BYTES the long answer has so many, and its socket's buffer is kept small.

   origin LISTEN_PORT [LARGE_BYTES] */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { small_body = 1024, large_body = 1024 * 1024, head_most = 256, batch = 512, path_at = 5, turn_bytes = 64 * 1024 };
/* What stands for the place in the name: this line is another field; this request has no body. */
enum { another = -1, bodiless = -2 };

/* Where the parser is: the byte in the head, and how much of CR LF CR LF was seen. What is still to
   be sent of an answer; further heads wait in `owed_*` as counts. */
struct client {
  int fd;
  int at, matched, large;
  /* Of a Content-Length: how much of its name was seen in this line, its number, and the bytes of body that
     are still to come. */
  int named;
  long long length, body;
  const char *answer;
  size_t left;
  unsigned owed_small, owed_large;
};

static char small_answer[small_body + head_most], *large_answer;
static size_t small_length, large_length;
static char buffer[64 * 1024];

static void require(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static size_t make_answer(char *answer, int body) {
  int head = sprintf(answer,
                     "HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: text/plain\r\n"
                     "Content-Length: %d\r\n\r\n", body);
  memset(answer + head, 'x', (size_t)body);
  return (size_t)(head + body);
}

static int events;

/* Waits for the client's next turn. */
static void watch(struct client *client, int operation) {
  struct epoll_event each = {EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = client}};
  require(epoll_ctl(events, operation, client->fd, &each) == 0, "epoll_ctl");
}

/* False when the client is gone. */
static int send_owed(struct client *client) {
  for (size_t done = 0;;) {
    if (done >= turn_bytes) {
      watch(client, EPOLL_CTL_MOD);
      return 1;
    }
    if (client->left == 0) {
      if (client->owed_large > 0) {
        client->owed_large--;
        client->answer = large_answer;
        client->left = large_length;
      } else if (client->owed_small > 0) {
        client->owed_small--;
        client->answer = small_answer;
        client->left = small_length;
      } else {
        return 1;
      }
    }
    ssize_t sent = send(client->fd, client->answer, client->left, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    client->answer += sent;
    client->left -= (size_t)sent;
    done += (size_t)sent;
  }
}

static void owe(struct client *client) {
  if (client->large) client->owed_large++; else client->owed_small++;
}

/* A name begins behind a line's end. Only POST and PUT are looked at, since all others pay for it. */
static void take_field(struct client *client, char byte) {
  static const char name[] = "content-length:";
  if (byte == '\n') {
    client->named = 0;
  } else if (client->named == sizeof name - 1) {
    if (byte >= '0' && byte <= '9') client->length = client->length * 10 + (byte - '0');
  } else if (client->named >= 0) {
    client->named = (byte | 0x20) == (name[client->named] | 0x20) ? client->named + 1 : another;
  }
}

static void take(struct client *client, const char *bytes, ssize_t count) {
  for (ssize_t i = 0; i < count; i++) {
    if (client->body > 0) {
      long long here = count - i < client->body ? count - i : client->body;
      client->body -= here;
      i += here - 1;
      if (client->body == 0) owe(client);
      continue;
    }
    char byte = bytes[i];
    if (client->at == 0) client->named = byte == 'P' ? another : bodiless;
    if (client->at++ == path_at) client->large = byte == 'm';
    if (client->named != bodiless) take_field(client, byte);
    if (byte == (client->matched & 1 ? '\n' : '\r')) {
      if (++client->matched < 4) continue;
      client->body = client->length;
      client->length = client->at = client->matched = 0;
      if (client->body == 0) owe(client);
    } else {
      client->matched = byte == '\r';
    }
  }
}

/* False when the client is gone. */
static int serve(struct client *client) {
  for (;;) {
    ssize_t got = recv(client->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return 1;
    if (got <= 0) return 0;
    take(client, buffer, got);
    if (!send_owed(client)) return 0;
    if (got < (ssize_t)sizeof buffer) return 1;
  }
}

int main(int count, char **words) {
  require(count == 2 || count == 3, "origin LISTEN_PORT [LARGE_BYTES]");
  int large = count == 3 ? atoi(words[2]) : large_body;
  large_answer = malloc((size_t)large + head_most);
  require(large > 0 && large_answer, "memory");
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  small_length = make_answer(small_answer, small_body);
  large_length = make_answer(large_answer, large);

  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int buffer_bytes = 64 * 1024;
  if (count == 3) setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  require(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  require(listen(listener, 4096) == 0, "listen");
  events = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {EPOLLIN, {.ptr = NULL}};
  require(epoll_ctl(events, EPOLL_CTL_ADD, listener, &event) == 0, "epoll_ctl");

  static struct epoll_event ready[batch];
  for (;;) {
    int number = epoll_wait(events, ready, batch, -1);
    for (int i = 0; i < number; i++) {
      struct client *client = ready[i].data.ptr;
      if (client == NULL) {
        int fd;
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          client = calloc(1, sizeof *client);
          require(client != NULL, "calloc");
          client->fd = fd;
          watch(client, EPOLL_CTL_ADD);
        }
        continue;
      }
      int here = 1;
      if (client->left > 0 && ready[i].events & EPOLLOUT) here = send_owed(client);
      if (here && ready[i].events & ~(unsigned)EPOLLOUT) here = serve(client);
      if (!here) {
        close(client->fd);
        free(client);
      }
    }
  }
}
