#define _GNU_SOURCE
#include "CLinuxDatagrams.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
};

union peer {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
};

struct datagram_batch {
  struct mmsghdr messages[datagram_batch_most];
  struct mmsghdr outgoing[datagram_batch_most];
  struct iovec parts[datagram_batch_most];
  union peer peers[datagram_batch_most];
  union control controls[datagram_batch_most];
  uint8_t *bytes;
};

struct datagram_batch *datagram_batch_open(void) {
  struct datagram_batch *batch = calloc(1, sizeof *batch);
  if (!batch) return NULL;
  size_t size = (size_t)datagram_batch_most * datagram_most_bytes;
  batch->bytes =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (batch->bytes == MAP_FAILED) {
    free(batch);
    return NULL;
  }
  return batch;
}

void datagram_batch_close(struct datagram_batch *batch) {
  munmap(batch->bytes, (size_t)datagram_batch_most * datagram_most_bytes);
  free(batch);
}

int datagram_batch_receive(struct datagram_batch *batch, int fd) {
  for (int index = 0; index < datagram_batch_most; index++) {
    batch->parts[index].iov_base = batch->bytes + (size_t)index * datagram_most_bytes;
    batch->parts[index].iov_len = datagram_most_bytes;
    struct msghdr *header = &batch->messages[index].msg_hdr;
    memset(header, 0, sizeof *header);
    header->msg_name = &batch->peers[index];
    header->msg_namelen = sizeof batch->peers[index];
    header->msg_iov = &batch->parts[index];
    header->msg_iovlen = 1;
    header->msg_control = &batch->controls[index];
    header->msg_controllen = sizeof batch->controls[index];
  }
  int count = recvmmsg(fd, batch->messages, datagram_batch_most, MSG_DONTWAIT, NULL);
  return count < 0 ? -errno : count;
}

uint32_t datagram_batch_size(const struct datagram_batch *batch, int index) {
  return batch->messages[index].msg_len;
}

static uint64_t read_half(const uint8_t *bytes) {
  uint64_t half = 0;
  for (int index = 0; index < 8; index++) half = half << 8 | bytes[index];
  return half;
}

static void write_half(uint8_t *bytes, uint64_t half) {
  for (int index = 0; index < 8; index++) bytes[index] = (uint8_t)(half >> (56 - 8 * index));
}

struct datagram_origin datagram_batch_origin(const struct datagram_batch *batch, int index) {
  struct datagram_origin origin = {0};
  const union peer *peer = &batch->peers[index];
  if (peer->any.sa_family == AF_INET) {
    origin.version = 4;
    origin.peer_low = ntohl(peer->ipv4.sin_addr.s_addr);
    origin.peer_port = ntohs(peer->ipv4.sin_port);
  } else {
    origin.version = 6;
    origin.peer_high = read_half(peer->ipv6.sin6_addr.s6_addr);
    origin.peer_low = read_half(peer->ipv6.sin6_addr.s6_addr + 8);
    origin.peer_port = ntohs(peer->ipv6.sin6_port);
    origin.interface = peer->ipv6.sin6_scope_id;
  }
  struct msghdr *header = (struct msghdr *)&batch->messages[index].msg_hdr;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(part), sizeof info);
      origin.local_low = ntohl(info.ipi_spec_dst.s_addr);
      origin.has_local = 1;
    } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(part), sizeof info);
      origin.local_high = read_half(info.ipi6_addr.s6_addr);
      origin.local_low = read_half(info.ipi6_addr.s6_addr + 8);
      origin.has_local = 1;
    }
  }
  return origin;
}

static void prepare(struct datagram_batch *batch, int start, int count) {
  for (int index = 0; index < count; index++) {
    batch->parts[start + index].iov_len = batch->messages[start + index].msg_len;
    struct msghdr *header = &batch->outgoing[index].msg_hdr;
    memset(header, 0, sizeof *header);
    header->msg_iov = &batch->parts[start + index];
    header->msg_iovlen = 1;
  }
}

int datagram_batch_send(struct datagram_batch *batch, int fd, int start, int count) {
  prepare(batch, start, count);
  int sent = sendmmsg(fd, batch->outgoing, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}

int datagram_batch_answer(
    struct datagram_batch *batch, int fd, int start, int count, struct datagram_origin to) {
  union peer peer;
  socklen_t size;
  union control control;
  memset(&peer, 0, sizeof peer);
  memset(&control, 0, sizeof control);
  size_t control_size = 0;
  if (to.version == 4) {
    peer.ipv4.sin_family = AF_INET;
    peer.ipv4.sin_addr.s_addr = htonl((uint32_t)to.peer_low);
    peer.ipv4.sin_port = htons(to.peer_port);
    size = sizeof peer.ipv4;
    if (to.has_local) {
      struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl((uint32_t)to.local_low)};
      control.header.cmsg_level = IPPROTO_IP;
      control.header.cmsg_type = IP_PKTINFO;
      control.header.cmsg_len = CMSG_LEN(sizeof info);
      memcpy(CMSG_DATA(&control.header), &info, sizeof info);
      control_size = CMSG_SPACE(sizeof info);
    }
  } else {
    peer.ipv6.sin6_family = AF_INET6;
    write_half(peer.ipv6.sin6_addr.s6_addr, to.peer_high);
    write_half(peer.ipv6.sin6_addr.s6_addr + 8, to.peer_low);
    peer.ipv6.sin6_port = htons(to.peer_port);
    peer.ipv6.sin6_scope_id = to.interface;
    size = sizeof peer.ipv6;
    if (to.has_local) {
      struct in6_pktinfo info;
      memset(&info, 0, sizeof info);
      write_half(info.ipi6_addr.s6_addr, to.local_high);
      write_half(info.ipi6_addr.s6_addr + 8, to.local_low);
      control.header.cmsg_level = IPPROTO_IPV6;
      control.header.cmsg_type = IPV6_PKTINFO;
      control.header.cmsg_len = CMSG_LEN(sizeof info);
      memcpy(CMSG_DATA(&control.header), &info, sizeof info);
      control_size = CMSG_SPACE(sizeof info);
    }
  }
  prepare(batch, start, count);
  for (int index = 0; index < count; index++) {
    struct msghdr *header = &batch->outgoing[index].msg_hdr;
    header->msg_name = &peer;
    header->msg_namelen = size;
    if (control_size > 0) {
      header->msg_control = &control;
      header->msg_controllen = control_size;
    }
  }
  int sent = sendmmsg(fd, batch->outgoing, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}

int datagram_socket(int family) {
  int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}
