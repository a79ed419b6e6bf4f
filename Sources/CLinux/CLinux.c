#define _GNU_SOURCE
#include "CLinux.h"
#include <netdb.h>

int cl_accept(int fd, struct sockaddr_storage *address, socklen_t *length) {
  int accepted = accept4(fd, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return accepted < 0 ? -errno : accepted;
}

const char *cl_error_text(int code) { return strerrordesc_np(code); }

int cl_peer_user(int fd, uint32_t *user) {
  struct ucred peer = {0};
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -errno;
  // A socket that never had a peer says so by -1, which is nobody.
  if (peer.uid == (uid_t)-1) return -ENOTCONN;
  *user = (uint32_t)peer.uid;
  return 0;
}

int cl_pipe(int *reading, int *writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
  *reading = ends[0];
  *writing = ends[1];
  return 0;
}

int cl_pipe_resize(int fd, int bytes) { return (int)cl_result(fcntl(fd, F_SETPIPE_SZ, bytes)); }

long cl_splice(int from, int to, size_t count) {
  return cl_result(
      syscall(SYS_splice, from, NULL, to, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
}

int cl_lookup(const char *host, uint16_t port, struct sockaddr_storage *found, int most) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *list = NULL;
  int code = getaddrinfo(host, NULL, &hints, &list);
  if (code != 0) return code == EAI_AGAIN ? -EAGAIN : -ENOENT;
  int count = 0;
  for (struct addrinfo *one = list; one != NULL && count < most; one = one->ai_next) {
    if (one->ai_addrlen > sizeof *found) continue;
    memset(&found[count], 0, sizeof *found);
    memcpy(&found[count], one->ai_addr, one->ai_addrlen);
    if (one->ai_family == AF_INET) {
      ((struct sockaddr_in *)&found[count])->sin_port = htons(port);
    } else if (one->ai_family == AF_INET6) {
      ((struct sockaddr_in6 *)&found[count])->sin6_port = htons(port);
    } else {
      continue;
    }
    count++;
  }
  freeaddrinfo(list);
  return count;
}
