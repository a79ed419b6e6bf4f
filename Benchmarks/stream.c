/* Bytes as fast as they go, for relays of layer 4.

   stream serve PORT                         sends to whoever connects, until it closes
   stream take PORT CONNECTIONS SECONDS      takes from that many connections; prints the bytes

   The taker discards in the kernel (MSG_TRUNC), so that it costs less than any relay. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { block = 256 * 1024, batch = 64, most = 1024 };

static char bytes[block];

static void require(int fine, const char *what) {
  if (fine) return;
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static struct sockaddr_in loopback(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void watch(int poller, int fd, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  require(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static void serve(const char *port) {
  struct sockaddr_in address = loopback(port);
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, poller = epoll_create1(0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  require(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  require(listen(listener, most) == 0, "listen");
  watch(poller, listener, EPOLLIN);
  struct epoll_event ready[batch];
  for (;;) {
    int count = epoll_wait(poller, ready, batch, -1);
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (client >= 0) watch(poller, client, EPOLLOUT);
        continue;
      }
      if (send(fd, bytes, block, MSG_NOSIGNAL) < 0 && errno != EAGAIN) close(fd);
    }
  }
}

static void take(const char *port, int connections, double seconds) {
  struct sockaddr_in address = loopback(port);
  int poller = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    require(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    watch(poller, fd, EPOLLIN);
  }
  long long total = 0;
  double end = now() + seconds;
  struct epoll_event ready[batch];
  while (now() < end) {
    int count = epoll_wait(poller, ready, batch, 100);
    for (int i = 0; i < count; i++) {
      ssize_t got = recv(ready[i].data.fd, NULL, 4 * block, MSG_TRUNC | MSG_DONTWAIT);
      require(got > 0 || (got < 0 && errno == EAGAIN), "a connection was closed");
      if (got > 0) total += got;
    }
  }
  printf("%lld\n", total);
}

int main(int count, char **words) {
  signal(SIGPIPE, SIG_IGN);
  if (count == 3 && strcmp(words[1], "serve") == 0) serve(words[2]);
  require(count == 5 && strcmp(words[1], "take") == 0, "stream serve PORT | take PORT CONNECTIONS SECONDS");
  take(words[2], atoi(words[3]), atof(words[4]));
}
