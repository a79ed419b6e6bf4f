// <linux/tcp.h> knows more of a connection than <netinet/tcp.h>, and both can't be included.
#include <errno.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

long cl_bytes_acknowledged(int fd);

long cl_bytes_acknowledged(int fd) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  if (getsockopt(fd, 6 /* IPPROTO_TCP */, TCP_INFO, &info, &length) < 0) return -errno;
  // Kernels before 4.1 have a shorter structure.
  if (length < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked)
    return -ENOTSUP;
  return (long)info.tcpi_bytes_acked;
}
