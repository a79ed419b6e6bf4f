#pragma once
// Sockets, epoll, eventfd and clocks. Every function returns a value of at least 0, or -errno.
// Without _GNU_SOURCE, with which <sys/select.h> and others declare structures that differ from
// Swift's own view of them, so that a module which sees both does not compile; what needs it stands
// in CLinux.c.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef EPOLLET
#error "Linux with edge-triggered epoll is needed"
#endif

static inline long cl_result(long value) { return value < 0 ? -errno : value; }

static inline int cl_epoll_create(void) { return (int)cl_result(epoll_create1(EPOLL_CLOEXEC)); }

static inline int cl_epoll_add(int epoll, int fd, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return (int)cl_result(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

static inline int cl_epoll_modify(int epoll, int fd, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return (int)cl_result(epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event));
}

static inline int cl_epoll_remove(int epoll, int fd) {
  return (int)cl_result(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL));
}

static inline int cl_epoll_wait(int epoll, struct epoll_event *events, int most, int milliseconds) {
  return (int)cl_result(epoll_wait(epoll, events, most, milliseconds));
}

static inline uint64_t cl_event_token(const struct epoll_event *event) { return event->data.u64; }

static inline int cl_eventfd(void) {
  return (int)cl_result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

static inline int cl_eventfd_signal(int fd) { return (int)cl_result(eventfd_write(fd, 1)); }

static inline int cl_eventfd_clear(int fd) {
  eventfd_t value;
  return (int)cl_result(eventfd_read(fd, &value));
}

int cl_accept(int fd, struct sockaddr_storage *address, socklen_t *length);

static inline int cl_socket_stream(int family) {
  return (int)cl_result(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static inline int cl_connect(int fd, const struct sockaddr_storage *address, socklen_t length) {
  return (int)cl_result(connect(fd, (const struct sockaddr *)address, length));
}

static inline int cl_bind(int fd, const struct sockaddr_storage *address, socklen_t length) {
  return (int)cl_result(bind(fd, (const struct sockaddr *)address, length));
}

static inline int cl_listen(int fd, int backlog) { return (int)cl_result(listen(fd, backlog)); }

static inline int cl_local_address(int fd, struct sockaddr_storage *address, socklen_t *length) {
  return (int)cl_result(getsockname(fd, (struct sockaddr *)address, length));
}

/// The user at the other end of a unix socket, as of when it connected.
int cl_peer_user(int fd, uint32_t *user);

static inline int cl_set_no_delay(int fd) {
  int on = 1;
  return (int)cl_result(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

static inline int cl_set_option(int fd, int level, int option, int value) {
  return (int)cl_result(setsockopt(fd, level, option, &value, sizeof value));
}

// A pending error of the socket as -errno, or 0.
static inline int cl_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
  return -error;
}

// The C library's recv and send are points of cancellation, which costs two locked operations a
// call in a program with threads; nobody cancels ours.
static inline long cl_receive(int fd, void *bytes, size_t count) {
  return cl_result(syscall(SYS_recvfrom, fd, bytes, count, 0, NULL, NULL));
}

static inline long cl_peek(int fd) {
  char byte;
  return cl_result(syscall(SYS_recvfrom, fd, &byte, (size_t)1, MSG_PEEK, NULL, NULL));
}

// Bytes that the peer's machine has taken since the connection began.
long cl_bytes_acknowledged(int fd);

static inline long cl_send(int fd, const void *bytes, size_t count) {
  return cl_result(syscall(SYS_sendto, fd, bytes, count, MSG_NOSIGNAL, NULL, 0));
}

static inline long cl_send_two(int fd, const void *first, size_t first_count, const void *second,
                               size_t second_count) {
  struct iovec parts[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  return cl_result(sendmsg(fd, &message, MSG_NOSIGNAL));
}

// The addresses of a host by the system's resolver, which may take its time. Returns how many, or
// -ENOENT when there is no such name, -EAGAIN when nobody could tell.
int cl_lookup(const char *host, uint16_t port, struct sockaddr_storage *found, int most);

// A pipe that neither end of blocks at.
int cl_pipe(int *reading, int *writing);

// The kernel may refuse: the pipe stays as it was.
int cl_pipe_resize(int fd, int bytes);

// Moves up to `count` bytes between a pipe and a socket without copying them.
long cl_splice(int from, int to, size_t count);

static inline int cl_shutdown_write(int fd) { return (int)cl_result(shutdown(fd, SHUT_WR)); }

// Closing tells the peer with a reset at once: what it was sent is not a whole answer.
static inline int cl_close_with_reset(int fd) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  return (int)cl_result(close(fd));
}

static inline int cl_close(int fd) { return (int)cl_result(close(fd)); }

/// Never waits: a pipe that nobody reads is -ENXIO, and writing to a full one -EAGAIN.
static inline int cl_open_append(const char *path) {
  int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  return (int)cl_result(open(path, flags, 0640));
}

/// How many names the file has: 0 after it was removed.
static inline long cl_link_count(int fd) {
  struct stat status;
  return fstat(fd, &status) < 0 ? -errno : (long)status.st_nlink;
}

static inline int cl_open_read(const char *path) {
  return (int)cl_result(open(path, O_RDONLY | O_CLOEXEC));
}

static inline long cl_write(int fd, const void *bytes, size_t count) {
  return cl_result(write(fd, bytes, count));
}

static inline long cl_read(int fd, void *bytes, size_t count) {
  return cl_result(read(fd, bytes, count));
}

static inline uint64_t cl_monotonic_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline uint64_t cl_wall_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline int64_t cl_wall_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// Fills a socket address; the length, or -ENAMETOOLONG.
static inline int cl_address_ipv4(struct sockaddr_storage *storage, uint32_t address, uint16_t port) {
  struct sockaddr_in *target = (struct sockaddr_in *)storage;
  memset(target, 0, sizeof *target);
  target->sin_family = AF_INET;
  target->sin_port = htons(port);
  target->sin_addr.s_addr = htonl(address);
  return (int)sizeof *target;
}

static inline int cl_address_ipv6(struct sockaddr_storage *storage, uint64_t high, uint64_t low,
                                  uint16_t port) {
  struct sockaddr_in6 *target = (struct sockaddr_in6 *)storage;
  memset(target, 0, sizeof *target);
  target->sin6_family = AF_INET6;
  target->sin6_port = htons(port);
  for (int index = 0; index < 8; index++) {
    target->sin6_addr.s6_addr[index] = (uint8_t)(high >> (56 - 8 * index));
    target->sin6_addr.s6_addr[8 + index] = (uint8_t)(low >> (56 - 8 * index));
  }
  return (int)sizeof *target;
}

static inline int cl_address_unix(struct sockaddr_storage *storage, const char *path) {
  struct sockaddr_un *target = (struct sockaddr_un *)storage;
  memset(target, 0, sizeof *target);
  target->sun_family = AF_UNIX;
  size_t length = strlen(path);
  if (length >= sizeof target->sun_path) return -ENAMETOOLONG;
  memcpy(target->sun_path, path, length);
  return (int)(offsetof(struct sockaddr_un, sun_path) + length + 1);
}

// 4, 6, or 0 for anything else; high and low as in SocketAddress, IPv4 in low.
static inline int cl_address_read(const struct sockaddr_storage *storage, uint64_t *high,
                                  uint64_t *low, uint16_t *port) {
  if (storage->ss_family == AF_INET) {
    const struct sockaddr_in *source = (const struct sockaddr_in *)storage;
    *high = 0;
    *low = ntohl(source->sin_addr.s_addr);
    *port = ntohs(source->sin_port);
    return 4;
  }
  if (storage->ss_family != AF_INET6) return 0;
  const struct sockaddr_in6 *source = (const struct sockaddr_in6 *)storage;
  *high = 0;
  *low = 0;
  for (int index = 0; index < 8; index++) {
    *high = *high << 8 | source->sin6_addr.s6_addr[index];
    *low = *low << 8 | source->sin6_addr.s6_addr[8 + index];
  }
  *port = ntohs(source->sin6_port);
  return 6;
}

// Names the calling thread; the kernel keeps 15 bytes.
static inline int cl_name_thread(const char *name) {
  return (int)cl_result(prctl(PR_SET_NAME, name));
}

// The words for an errno; NULL for a number that is none.
const char *cl_error_text(int code);
