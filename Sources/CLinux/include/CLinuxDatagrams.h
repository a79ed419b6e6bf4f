// Batches of UDP datagrams: received in one call and sent on from where they lie. Every function
// returns a value of at least 0, or -errno. Not inline: recvmmsg takes _GNU_SOURCE.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { datagram_batch_most = 32, datagram_most_bytes = 65536 };

// Where a datagram came from, and to which of our addresses. An IPv4 address is in `low`.
struct datagram_origin {
  uint64_t peer_high, peer_low;
  uint64_t local_high, local_low;
  uint32_t interface;
  uint16_t peer_port;
  uint8_t version;    // 4 or 6: the socket's family, as answers must have it
  uint8_t has_local;
};

struct datagram_batch;

// NULL without memory. Memory is taken as datagrams come.
struct datagram_batch *datagram_batch_open(void);
void datagram_batch_close(struct datagram_batch *batch);

// Takes what waits, up to a batch. Returns how many.
int datagram_batch_receive(struct datagram_batch *batch, int fd);

uint32_t datagram_batch_size(const struct datagram_batch *batch, int index);
struct datagram_origin datagram_batch_origin(const struct datagram_batch *batch, int index);

// Sends `count` of the received ones from `start` on over a connected socket, or to where an earlier
// one came from, from the address that it was sent to. Returns how many were taken.
int datagram_batch_send(struct datagram_batch *batch, int fd, int start, int count);
int datagram_batch_answer(
    struct datagram_batch *batch, int fd, int start, int count, struct datagram_origin to);

// A non-blocking socket of a family.
int datagram_socket(int family);
