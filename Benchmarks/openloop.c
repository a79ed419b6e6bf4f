/* Requests at times that don't wait for answers (a Poisson process), as from many independent users:
   a server that stalls cannot slow the load down.

   openloop PORT RATE SECONDS TIMEOUT_MS SEED [METHOD]

   Prints one line a request: when it was due (seconds), how long its answer took (milliseconds, from
   when it was due), its status (0 no connection or cut, 1 timeout), and the X-Server that answered. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most = 16384, head_bytes = 4096, batch = 256 };

struct link { int used, busy, length, sent; double due; char head[head_bytes]; };

static struct link links[most];
static int idle[most], idle_count, poller;
static struct sockaddr_in target;
static char request[256];
static int request_length;
static double began;

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

static void record(double due, int status, const char *server) {
  printf("%.4f %.3f %d %s\n", due - began, (now() - due) * 1000, status, server);
}

static void end(int fd) {
  for (int i = 0; i < idle_count; i++)
    if (idle[i] == fd) idle[i--] = idle[--idle_count];
  links[fd].used = links[fd].busy = 0;
  close(fd);
}

static void fail(int fd, int status) {
  double due = links[fd].due;
  int busy = links[fd].busy;
  end(fd);
  if (busy) record(due, status, "-");
}

static void start(double due) {
  int fd;
  if (idle_count > 0) {
    fd = idle[--idle_count];
  } else {
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int one = 1;
    if (fd < 0 || fd >= most) {
      if (fd >= 0) close(fd);
      record(due, 0, "-");
      return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS) {
      close(fd);
      record(due, 0, "-");
      return;
    }
    links[fd].used = 1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd};
    require(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  }
  struct link *link = &links[fd];
  link->busy = 1;
  link->due = due;
  link->length = link->sent = 0;
  ssize_t sent = send(fd, request, (size_t)request_length, MSG_NOSIGNAL);
  link->sent = sent == request_length;
  if (sent < 0 && errno != EAGAIN && errno != ENOTCONN) fail(fd, 0);
}

static void take(int fd) {
  struct link *link = &links[fd];
  for (;;) {
    ssize_t count = recv(fd, link->head + link->length, (size_t)(head_bytes - 1 - link->length), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0 || !link->busy) {
      fail(fd, 0);
      return;
    }
    link->length += (int)count;
    link->head[link->length] = 0;
    char *body = strstr(link->head, "\r\n\r\n"), *length, *server, name[64] = "-";
    if (body == NULL || (length = strcasestr(link->head, "\r\nContent-Length:")) == NULL) continue;
    if (link->head + link->length - (body + 4) < atoi(length + 17)) continue;
    if ((server = strcasestr(link->head, "\r\nX-Server:")) != NULL) sscanf(server + 11, "%63s", name);
    record(link->due, atoi(link->head + 9), name);
    link->busy = 0;
    if (strcasestr(link->head, "\r\nConnection: close") != NULL) {
      end(fd);
      return;
    }
    link->length = 0;
    idle[idle_count++] = fd;
  }
}

int main(int count, char **words) {
  if (count < 6) {
    fprintf(stderr, "usage: openloop PORT RATE SECONDS TIMEOUT_MS SEED [METHOD]\n");
    return 2;
  }
  double rate = atof(words[2]), seconds = atof(words[3]), timeout = atof(words[4]) / 1000;
  srand48(atol(words[5]));
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files = {most, most};
  setrlimit(RLIMIT_NOFILE, &files);
  target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  request_length = snprintf(request, sizeof request, "%s / HTTP/1.1\r\nHost: load\r\n\r\n",
                            count > 6 ? words[6] : "GET");
  require((poller = epoll_create1(0)) >= 0, "epoll_create1");
  setvbuf(stdout, NULL, _IOFBF, 1 << 20);
  began = now();
  double next = began, last = began + seconds, swept = began;
  struct epoll_event events[batch];
  for (;;) {
    double time = now();
    while (next <= time && next < last) {
      start(next);
      next += -log(1 - drand48()) / rate;
    }
    if (time >= last + timeout) return 0;
    double wait = next < last ? (next - time) * 1000 : 10;
    int ready = epoll_wait(poller, events, batch, wait < 0 ? 0 : wait > 10 ? 10 : (int)wait);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (!links[fd].used) continue;
      if (links[fd].busy && !links[fd].sent && events[i].events & EPOLLOUT) {
        links[fd].sent = send(fd, request, (size_t)request_length, MSG_NOSIGNAL) == request_length;
      }
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) take(fd);
    }
    if ((time = now()) - swept > 0.005) {
      swept = time;
      int busy = 0;
      for (int fd = 0; fd < most; fd++) {
        if (!links[fd].used || !links[fd].busy) continue;
        busy++;
        if (time - links[fd].due > timeout) fail(fd, 1);
      }
      /* Nothing more is due, and all are answered. */
      if (next >= last && busy == 0) return 0;
    }
  }
}
