// Processes, descriptors passed between them, listening sockets and privileges, for Supervision and
// Keeper. Every function returns a value of 0 or more, or -errno. Not inline: what they need of
// <unistd.h> and the like takes _GNU_SOURCE, which Swift's own view of those headers lacks.
#pragma once
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

// ---- Files and descriptors

int file_open(const char *path, int flags, unsigned mode);

int64_t file_read(int fd, void *buffer, size_t size);

int64_t file_read_at(int fd, void *buffer, size_t size, int64_t offset);

int64_t file_write(int fd, const void *bytes, size_t size);

int64_t file_size(int fd);

int file_rename(const char *from, const char *to);

int file_unlink(const char *path);

/* A folder with all in it; links are not followed, and what cannot be removed stays. */
void tree_remove(const char *path);
/* 1 for what is in a file system in memory, and gone with the machine's power. */
int path_is_in_memory(const char *path);
int folder_make(const char *path, unsigned mode);

int folder_remove(const char *path);

int descriptor_close(int fd);

int descriptor_duplicate(int fd);

/// Gives an open file a number of at least `least`; closed when there is none.
int descriptor_raise(int fd, int least);

/// Makes `number` mean the same open file as `fd`; it stays open on exec.
int descriptor_replace(int fd, int number);

/// Non-blocking and closed on exec.
int descriptor_prepare(int fd);

/// Opens /dev/null on descriptors 0, 1 and 2 where they are closed, so that no socket lands there.
int descriptor_fill_standard(void);

/// A pipe closed on exec. The reading end does not block; the writing end does, so that a program
/// that writes faster than it is read waits.
int pipe_open(int *reading, int *writing);

int memory_file_open(const char *name);

/// No one can change the file's contents or size from here on.
int memory_file_seal(int fd);

int descriptors_wait(struct pollfd *list, size_t count, int timeout_milliseconds);

uint64_t clock_monotonic_nanoseconds(void);

int64_t clock_wall_milliseconds(void);

// ---- Signals

/// Opens the pipe that `signals_catch` writes signal numbers to, a byte each; returns its reading
/// end. Handlers, unlike ignored signals and masks, do not survive exec, and a signal is seen
/// whichever thread it was delivered to.
int signals_open(void);

int signals_catch(int number);

int signals_ignore(int number);

// ---- Processes

struct child_plan {
  char *const *paths;        // tried in turn, NULL last
  char *const *arguments;    // NULL last
  char *const *environment;  // NULL last
  const char *directory;     // NULL: stay
  int output;                // becomes 1 and 2; -1: inherited
  int link;                  // becomes 3; -1: none
  int death_signal;          // when the parent thread ends; 0: none
  uint64_t open_files;       // soft RLIMIT_NOFILE; 0: inherited
  const int *groups;         // cgroup.procs files, open for writing
  size_t group_count;
};

enum child_stage {
  child_stage_setup = 1,
  child_stage_group,
  child_stage_directory,
  child_stage_execute
};

struct child_failure {
  int32_t stage;
  int32_t error;
};

struct child_end {
  int32_t pid;
  int32_t code;    // exit code, or
  int32_t signal;  // the signal that ended it; 0: it exited
};

/// Starts a program in a session of its own, with default signals, /dev/null as its input and no
/// other descriptors. Returns its pid once it runs, or -errno with `failure` filled. A child that
/// needs longer than `patience_milliseconds` to get to its exec counts as started.
int child_start(
    const struct child_plan *plan, int patience_milliseconds, struct child_failure *failure);

/// Finds a child that has ended (`pid` or, with 0, any one) and leaves it a zombie, so that its pid
/// and process group stay its own. Returns 1, or 0 when there is none.
int child_peek(int pid, struct child_end *end);

int child_reap(int pid);

int process_signal(int pid, int number);

/// The whole group that `leader` leads.
int process_group_signal(int leader, int number);

int process_id(void);

/// Raises the soft limit of open files to the hard one; returns the soft limit from before.
int64_t limit_raise_open_files(void);

// ---- Privileges

int privileges_forbid_new(void);

int privileges_is_root(void);

/// Leaves this thread, and the threads and programs that it starts, the capabilities in `kept`
/// (a bit each) and no more.
int privileges_keep(uint64_t kept);

// ---- The link between keeper and engine

enum { link_most_descriptors = 253 };  // SCM_MAX_FD

int link_open(int *one, int *other, int buffer_bytes);

int link_send(int fd, const void *bytes, size_t size, const int *fds, size_t count);

/// Takes one message; `fds` has room for `link_most_descriptors`. Returns its size, 0 at the end,
/// or -EMSGSIZE when it was larger than `size` (its descriptors are closed).
int64_t link_receive(int fd, void *bytes, size_t size, int *fds, size_t *count);

// ---- Listening sockets

/// Binds a TCP socket, and listens when `backlog` is over 0. An IPv4 address (`version` 4) is in
/// `low`. The IPv6 wildcard takes IPv4 as well.
int listener_open(
    int version, uint64_t high, uint64_t low, uint16_t port, int reuse_address, int reuse_port,
    int backlog);

/// The port that a socket is bound to.
int listener_port(int fd);

/// Binds and listens at a path; the file has these permissions from its first moment.
int listener_open_path(const char *path, int backlog, unsigned mode);

int file_permit(const char *path, unsigned mode);

/// Binds a UDP socket that tells with each datagram where it was sent to. As for TCP, an IPv4 address
/// is in `low`, and the IPv6 wildcard takes IPv4 as well.
int datagram_listener_open(
    int version, uint64_t high, uint64_t low, uint16_t port, int reuse_port);

/// 0: someone answers at the path; -ECONNREFUSED: a socket's file that nobody listens at;
/// -ENOTSOCK: another kind of file; -ENOENT: nothing there.
int listener_probe_path(const char *path);

/// Sends one datagram to the socket at a path (sd_notify(3)); a first `@` means an abstract name.
int datagram_send_path(const char *path, const void *bytes, size_t size);

// ---- Environment

/// `NAME=value`; NULL past the last one.
const char *environment_entry(size_t index);
