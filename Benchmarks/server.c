/* A server of known speed, to be balanced over: each request takes a place for a service time, and
   waits in line where all places are taken.

   server PORT NAME MEAN_MS PLACES exponential|constant

   GET /healthz answers at once. GET /_set/MODE/NUMBER changes how it behaves from here on:
   ok/0 · stall/MS (every answer takes that long) · slow/FACTOR · errors/PERCENT (503, at once). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_clients = 16384, head_bytes = 4096, batch = 256 };
enum mode { ok, stall, slow, errors };

struct client {
  int used, busy, holds_place, length;
  unsigned generation;
  char head[head_bytes];
};

struct timer { double due; int client; unsigned generation; };
struct waiter { int client; unsigned generation; };

static struct client clients[most_clients];
static struct timer heap[most_clients * 2];
static struct waiter line[most_clients * 2];
static int timers, line_first, line_count, taken, places, is_constant, poller;
static double mean;
static enum mode mode = ok;
static double mode_number;
static char name[64];

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

static void push(struct timer timer) {
  int at = timers++;
  while (at > 0 && heap[(at - 1) / 2].due > timer.due) {
    heap[at] = heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  heap[at] = timer;
}

static struct timer pop(void) {
  struct timer top = heap[0], last = heap[--timers];
  int at = 0;
  for (;;) {
    int child = 2 * at + 1;
    if (child >= timers) break;
    if (child + 1 < timers && heap[child + 1].due < heap[child].due) child++;
    if (heap[child].due >= last.due) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return top;
}

static double service_time(void) {
  double drawn = is_constant ? mean : -mean * log(1 - drand48());
  if (mode == stall) return mode_number / 1000;
  return mode == slow ? drawn * mode_number : drawn;
}

static void answer(int fd, int status) {
  char text[256];
  int count = snprintf(text, sizeof text,
                       "HTTP/1.1 %d %s\r\nX-Server: %s\r\nContent-Length: 3\r\n\r\nok\n", status,
                       status == 200 ? "OK" : "Service Unavailable", name);
  clients[fd].busy = 0;
  (void)!send(fd, text, (size_t)count, MSG_NOSIGNAL);
}

static void begin(int fd) {
  clients[fd].holds_place = 1;
  taken++;
  push((struct timer){now() + service_time(), fd, clients[fd].generation});
}

static void give_place(void) {
  taken--;
  while (taken < places && line_count > 0) {
    struct waiter next = line[line_first];
    line_first = (line_first + 1) % (most_clients * 2);
    line_count--;
    if (clients[next.client].used && clients[next.client].generation == next.generation)
      begin(next.client);
  }
}

static void leave(int fd) {
  clients[fd].used = 0;
  clients[fd].generation++;
  if (clients[fd].holds_place) {
    clients[fd].holds_place = 0;
    give_place();
  }
  close(fd);
}

static void serve(int fd) {
  struct client *client = &clients[fd];
  char word[16];
  double number;
  if (strncmp(client->head, "GET /healthz", 12) == 0) {
    answer(fd, 200);
  } else if (sscanf(client->head, "GET /_set/%15[a-z]/%lf", word, &number) == 2) {
    mode = !strcmp(word, "stall") ? stall : !strcmp(word, "slow") ? slow : !strcmp(word, "errors") ? errors : ok;
    mode_number = number;
    answer(fd, 200);
  } else if (mode == errors && drand48() * 100 < mode_number) {
    answer(fd, 503);
  } else if (mode == stall) {
    client->busy = 1;
    push((struct timer){now() + service_time(), fd, client->generation});
  } else {
    client->busy = 1;
    if (taken < places) {
      begin(fd);
    } else if (line_count < most_clients * 2) {
      line[(line_first + line_count++) % (most_clients * 2)] = (struct waiter){fd, client->generation};
    }
  }
}

static void take(int fd) {
  struct client *client = &clients[fd];
  ssize_t count = recv(fd, client->head + client->length, (size_t)(head_bytes - 1 - client->length), 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    leave(fd);
    return;
  }
  client->length += (int)count;
  client->head[client->length] = 0;
  if (strstr(client->head, "\r\n\r\n") == NULL) {
    if (client->length == head_bytes - 1) leave(fd);
    return;
  }
  client->length = 0;
  serve(fd);
}

static void expire(void) {
  while (timers > 0 && heap[0].due <= now()) {
    struct timer timer = pop();
    struct client *client = &clients[timer.client];
    if (!client->used || client->generation != timer.generation) continue;
    if (client->holds_place) {
      client->holds_place = 0;
      give_place();
    }
    answer(timer.client, 200);
  }
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "usage: server PORT NAME MEAN_MS PLACES exponential|constant\n");
    return 2;
  }
  snprintf(name, sizeof name, "%s", words[2]);
  mean = atof(words[3]) / 1000;
  places = atoi(words[4]);
  is_constant = !strcmp(words[5], "constant");
  srand48(atoi(words[1]));
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files = {most_clients, most_clients};
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  require(listener >= 0, "socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  require(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  require(listen(listener, 4096) == 0, "listen");
  require((poller = epoll_create1(0)) >= 0, "epoll_create1");
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[batch];
  require(epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) == 0, "epoll_ctl");
  for (;;) {
    double wait = timers > 0 ? (heap[0].due - now()) * 1000 : 1000;
    int ready = epoll_wait(poller, events, batch, wait < 0 ? 0 : wait > 1000 ? 1000 : (int)ceil(wait));
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd != listener) {
        take(fd);
        continue;
      }
      for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (client < 0) break;
        if (client >= most_clients) {
          close(client);
          continue;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        clients[client].used = 1;
        clients[client].busy = clients[client].holds_place = clients[client].length = 0;
        event = (struct epoll_event){.events = EPOLLIN, .data.fd = client};
        require(epoll_ctl(poller, EPOLL_CTL_ADD, client, &event) == 0, "epoll_ctl");
      }
    }
    expire();
  }
}
