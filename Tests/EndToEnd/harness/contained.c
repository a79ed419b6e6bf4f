/* A server for an image from scratch: `gcc -static`. It answers "REPLICA VERSION\n"; /healthz says ok, /eat takes
 * memory until there is none, /exit/N ends it with that code. With BURN=N each request takes N ms of a core, with
 * LEAK=N it keeps N KiB, and with BROKEN it ends at once. SIGTERM ends it with 0; with STUBBORN set, not. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 512, HEAD = 4096 };

static struct pollfd list[MOST];
static char heads[MOST][HEAD];
static int lengths[MOST];

static const char *variable(const char *name, const char *standard) {
  const char *value = getenv(name);
  return value ? value : standard;
}

static void ended(int number) {
  (void)number;
  static const char word[] = "asked to end\n";
  if (write(1, word, sizeof word - 1) < 0) _exit(1);
  if (!getenv("STUBBORN")) _exit(0);
}

static void eat(void) {
  for (;;) {
    char *piece = malloc(1 << 20);
    if (piece) memset(piece, 1, 1 << 20);
  }
}

static void burn(void) {
  clock_t end = clock() + atoi(variable("BURN", "0")) * (CLOCKS_PER_SEC / 1000);
  while (clock() < end) continue;
}

/* Read by nobody, but the compiler must not know. */
static char *volatile kept;

static void leak(void) {
  size_t size = (size_t)atoi(variable("LEAK", "0")) << 10;
  char *piece = size ? malloc(size) : NULL;
  if (piece) memset(piece, 1, size);
  kept = piece;
}

static int answer(int at) {
  char *end;
  heads[at][lengths[at]] = 0;
  while ((end = strstr(heads[at], "\r\n\r\n"))) {
    if (!strncmp(heads[at], "GET /eat", 8)) eat();
    if (!strncmp(heads[at], "GET /exit/", 10)) exit(atoi(heads[at] + 10));
    char body[256], whole[512];
    if (!strncmp(heads[at], "GET /healthz", 12)) snprintf(body, sizeof body, "ok\n");
    else burn(), leak(), snprintf(body, sizeof body, "%s %s\n", variable("REPLICA", "?"), variable("VERSION", "1"));
    int length = snprintf(whole, sizeof whole, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    if (send(list[at].fd, whole, length, MSG_NOSIGNAL) != length) return -1;
    int used = end + 4 - heads[at];
    lengths[at] -= used;
    memmove(heads[at], end + 4, lengths[at] + 1);
  }
  return 0;
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (getenv("BROKEN")) {
    printf("there is no database\n");
    return 3;
  }
  signal(SIGTERM, ended);
  int port = atoi(variable("PORT", "8080")), one = 1;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
    perror("cannot listen");
    return 1;
  }
  printf("%s version %s on %d\n", variable("REPLICA", "?"), variable("VERSION", "1"), port);
  for (int i = 1; i < count; i++) fprintf(stderr, "word %d: %s\n", i, words[i]);
  int open = 1;
  list[0].fd = listener, list[0].events = POLLIN;
  for (;;) {
    if (poll(list, open, -1) < 0 && errno == EINTR) continue;
    for (int i = open - 1; i > 0; i--) {
      if (!list[i].revents) continue;
      int room = HEAD - 1 - lengths[i];
      ssize_t got = room > 0 ? recv(list[i].fd, heads[i] + lengths[i], room, 0) : 0;
      if (got > 0) lengths[i] += got;
      if (got > 0 && answer(i) == 0) continue;
      close(list[i].fd);
      open--;
      list[i] = list[open];
      memcpy(heads[i], heads[open], HEAD);
      lengths[i] = lengths[open];
    }
    if (list[0].revents && open < MOST) {
      int fresh = accept(listener, NULL, NULL);
      if (fresh < 0) continue;
      list[open].fd = fresh, list[open].events = POLLIN, list[open].revents = 0;
      lengths[open++] = 0;
    }
  }
}
