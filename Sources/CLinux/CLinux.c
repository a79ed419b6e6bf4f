#define _GNU_SOURCE
#include "CLinux.h"

int cl_accept(int fd, struct sockaddr_storage *address, socklen_t *length) {
  int accepted = accept4(fd, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return accepted < 0 ? -errno : accepted;
}

const char *cl_error_text(int code) { return strerrordesc_np(code); }
