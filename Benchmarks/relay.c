/* The floor: a relay that parses nothing. One thread, one epoll, each client connection has its own
   connection to the origin, kept as long as the client's. What a proxy costs above this is the
   proxy; what it costs below is the kernel's TCP.

   relay LISTEN_PORT ORIGIN_PORT */
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

enum { buffer_size = 64 * 1024, batch = 512 };

/* One end of a pair. `pending` is what this end could not take yet; while there is some, the other
   end is not read, which is the back-pressure. */
struct end {
  int fd;
  int closed;
  struct end *peer;
  struct end *next_dead;
  char *pending;
  size_t pending_length, pending_offset;
};

static char buffer[buffer_size];
static struct sockaddr_in origin;
static struct end *dead;
static int events;

static struct sockaddr_in loopback(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void require(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static struct end *watch(int fd) {
  struct end *end = calloc(1, sizeof *end);
  require(end != NULL, "calloc");
  end->fd = fd;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = end}};
  require(epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  return end;
}

/* Memory is given back after the batch: a later event of it may still name this end. */
static void close_pair(struct end *end) {
  struct end *both[2] = {end, end->peer};
  for (int i = 0; i < 2; i++) {
    if (both[i]->closed) continue;
    both[i]->closed = 1;
    close(both[i]->fd);
    free(both[i]->pending);
    both[i]->pending = NULL;
    both[i]->next_dead = dead;
    dead = both[i];
  }
}

/* Reads from one end into the other until there is no more, or no more room. */
static void pump(struct end *from) {
  struct end *to = from->peer;
  while (!from->closed && to->pending == NULL) {
    ssize_t got = recv(from->fd, buffer, sizeof buffer, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return close_pair(from);
    ssize_t sent = send(to->fd, buffer, (size_t)got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return close_pair(from);
    if (sent < 0) sent = 0;
    if (sent < got) {
      to->pending_length = (size_t)(got - sent);
      to->pending_offset = 0;
      to->pending = malloc(to->pending_length);
      require(to->pending != NULL, "malloc");
      memcpy(to->pending, buffer + sent, to->pending_length);
    }
    if (got < (ssize_t)sizeof buffer) return;
  }
}

static void flush(struct end *to) {
  if (to->pending == NULL) return;
  ssize_t sent = send(to->fd, to->pending + to->pending_offset,
                      to->pending_length - to->pending_offset, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) close_pair(to);
    return;
  }
  to->pending_offset += (size_t)sent;
  if (to->pending_offset < to->pending_length) return;
  free(to->pending);
  to->pending = NULL;
  pump(to->peer);
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int upstream = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (upstream < 0) {
      close(fd);
      continue;
    }
    int begun = connect(upstream, (struct sockaddr *)&origin, sizeof origin);
    require(begun == 0 || errno == EINPROGRESS, "connect");
    struct end *client = watch(fd), *server = watch(upstream);
    client->peer = server;
    server->peer = client;
  }
}

int main(int count, char **words) {
  require(count == 3, "relay LISTEN_PORT ORIGIN_PORT");
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  origin = loopback(words[2]);
  struct sockaddr_in address = loopback(words[1]);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  require(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  require(listen(listener, 4096) == 0, "listen");
  events = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {EPOLLIN, {.ptr = NULL}};
  require(epoll_ctl(events, EPOLL_CTL_ADD, listener, &event) == 0, "epoll_ctl");

  static struct epoll_event ready[batch];
  for (;;) {
    int number = epoll_wait(events, ready, batch, -1);
    for (int i = 0; i < number; i++) {
      struct end *end = ready[i].data.ptr;
      if (end == NULL) {
        accept_all(listener);
        continue;
      }
      if (end->closed) continue;
      if (ready[i].events & EPOLLOUT) flush(end);
      if (!end->closed && ready[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) pump(end);
    }
    while (dead != NULL) {
      struct end *end = dead;
      dead = end->next_dead;
      free(end);
    }
  }
}
