#define _GNU_SOURCE
#include "CLinuxProcesses.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// ---- Files and descriptors

int file_open(const char *path, int flags, unsigned mode) {
  int fd = open(path, flags | O_CLOEXEC, mode);
  return fd < 0 ? -errno : fd;
}

int64_t file_read(int fd, void *buffer, size_t size) {
  ssize_t count = read(fd, buffer, size);
  return count < 0 ? -errno : count;
}

int64_t file_read_at(int fd, void *buffer, size_t size, int64_t offset) {
  ssize_t count = pread(fd, buffer, size, offset);
  return count < 0 ? -errno : count;
}

int64_t file_write(int fd, const void *bytes, size_t size) {
  ssize_t count = write(fd, bytes, size);
  return count < 0 ? -errno : count;
}

int64_t file_size(int fd) {
  struct stat info;
  return fstat(fd, &info) < 0 ? -errno : info.st_size;
}

int file_rename(const char *from, const char *to) {
  return rename(from, to) < 0 ? -errno : 0;
}

int file_unlink(const char *path) { return unlink(path) < 0 ? -errno : 0; }

int folder_make(const char *path, unsigned mode) {
  return mkdir(path, mode) < 0 ? -errno : 0;
}

static int tree_remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  remove(path);
  return 0;
}

void tree_remove(const char *path) { nftw(path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS); }

int path_is_in_memory(const char *path) {
  struct statfs status;
  if (statfs(path, &status) < 0) return 0;
  return status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC;
}

int folder_remove(const char *path) { return rmdir(path) < 0 ? -errno : 0; }

int descriptor_close(int fd) { return close(fd) < 0 ? -errno : 0; }

int descriptor_duplicate(int fd) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return copy < 0 ? -errno : copy;
}

int descriptor_raise(int fd, int least) {
  if (fd >= least) return fd;
  int raised = fcntl(fd, F_DUPFD_CLOEXEC, least);
  int error = errno;
  close(fd);
  return raised < 0 ? -error : raised;
}

int descriptor_replace(int fd, int number) { return dup2(fd, number) < 0 ? -errno : number; }

int descriptor_prepare(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int descriptor_fill_standard(void) {
  for (;;) {
    int fd = open("/dev/null", O_RDWR);
    if (fd < 0) return -errno;
    if (fd > 2) return close(fd) < 0 ? -errno : 0;
  }
}

int pipe_open(int *reading, int *writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  fcntl(ends[0], F_SETFL, O_RDONLY | O_NONBLOCK);
  *reading = ends[0];
  *writing = ends[1];
  return 0;
}

int memory_file_open(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd < 0 ? -errno : fd;
}

int memory_file_seal(int fd) {
  int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  return fcntl(fd, F_ADD_SEALS, seals) < 0 ? -errno : 0;
}

int descriptors_wait(struct pollfd *list, size_t count, int timeout_milliseconds) {
  int ready = poll(list, count, timeout_milliseconds);
  return ready < 0 ? -errno : ready;
}

uint64_t clock_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t clock_wall_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ---- Signals

static int signals_writing_end = -1;

static void signals_note(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe already wakes the reader; what is lost is a repetition.
  ssize_t ignored = write(signals_writing_end, &byte, 1);
  (void)ignored;
  errno = saved;
}

int signals_open(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
  signals_writing_end = ends[1];
  return ends[0];
}

int signals_catch(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = signals_note;
  action.sa_flags = SA_RESTART | (number == SIGCHLD ? SA_NOCLDSTOP : 0);
  return sigaction(number, &action, NULL) < 0 ? -errno : 0;
}

int signals_ignore(int number) {
  return signal(number, SIG_IGN) == SIG_ERR ? -errno : 0;
}

// ---- Processes

static void child_fail(int report, int stage) {
  struct child_failure failure = {stage, errno};
  ssize_t ignored = write(report, &failure, sizeof failure);
  (void)ignored;
  _exit(127);
}

/// The child's part: only calls that are safe after fork in a program with threads.
static void child_execute(const struct child_plan *plan, int report, pid_t parent) {
  report = fcntl(report, F_DUPFD_CLOEXEC, 10);
  setsid();
  // By system call: the library refuses to touch 32 and 33, which a parent may have ignored.
  const char default_action[64] = {0};
  for (int number = 1; number < 65; number++)
    syscall(SYS_rt_sigaction, number, default_action, NULL, 8 /* bytes of a signal set */);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (plan->death_signal) {
    if (prctl(PR_SET_PDEATHSIG, plan->death_signal) < 0) child_fail(report, child_stage_setup);
    if (getppid() != parent) _exit(127);
  }
  for (size_t index = 0; index < plan->group_count; index++)
    if (write(plan->groups[index], "0", 1) < 0) child_fail(report, child_stage_group);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || dup2(null, 0) < 0) child_fail(report, child_stage_setup);
  if (plan->output >= 0 && (dup2(plan->output, 1) < 0 || dup2(plan->output, 2) < 0))
    child_fail(report, child_stage_setup);
  unsigned first = 3;
  if (plan->link >= 0) {
    if (plan->link == 3 ? fcntl(3, F_SETFD, 0) < 0 : dup2(plan->link, 3) < 0)
      child_fail(report, child_stage_setup);
    first = 4;
  }
  if (syscall(SYS_close_range, first, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */) < 0) {
    long last = sysconf(_SC_OPEN_MAX);
    for (long fd = first; fd < last; fd++) fcntl((int)fd, F_SETFD, FD_CLOEXEC);
  }
  // After all that opens something: the limit is on numbers, and ours may be above it.
  if (plan->open_files) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
      limit.rlim_cur = plan->open_files < limit.rlim_max ? plan->open_files : limit.rlim_max;
      setrlimit(RLIMIT_NOFILE, &limit);
    }
  }
  if (plan->directory && chdir(plan->directory) < 0) child_fail(report, child_stage_directory);
  int denied = 0;
  for (char *const *path = plan->paths; *path; path++) {
    execve(*path, plan->arguments, plan->environment);
    if (errno == EACCES) denied = 1;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  if (denied && (errno == ENOENT || errno == ENOTDIR)) errno = EACCES;
  child_fail(report, child_stage_execute);
}

int child_start(
    const struct child_plan *plan, int patience_milliseconds, struct child_failure *failure) {
  failure->stage = child_stage_setup;
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -(failure->error = errno);
  // Blocked until the child has its default signals: our handler must not run there.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) child_execute(plan, report[1], parent);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (pid < 0) {
    close(report[0]);
    return -(failure->error = error);
  }
  struct pollfd ready = {report[0], POLLIN, 0};
  int result = pid;
  if (poll(&ready, 1, patience_milliseconds) > 0 &&
      read(report[0], failure, sizeof *failure) == (ssize_t)sizeof *failure) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    result = -failure->error;
  }
  close(report[0]);
  return result;
}

int child_peek(int pid, struct child_end *end) {
  siginfo_t info;
  info.si_pid = 0;
  int options = WEXITED | WNOHANG | WNOWAIT;
  if (waitid(pid ? P_PID : P_ALL, (id_t)pid, &info, options) < 0)
    return errno == ECHILD ? 0 : -errno;
  if (info.si_pid == 0) return 0;
  end->pid = info.si_pid;
  end->code = info.si_code == CLD_EXITED ? info.si_status : 0;
  end->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
  return 1;
}

int child_reap(int pid) { return waitpid(pid, NULL, WNOHANG) < 0 ? -errno : 0; }

int process_signal(int pid, int number) { return kill(pid, number) < 0 ? -errno : 0; }

int process_group_signal(int leader, int number) {
  return leader > 1 && kill(-leader, number) == 0 ? 0 : -errno;
}

int process_id(void) { return getpid(); }

int64_t limit_raise_open_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  int64_t before = (int64_t)limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : before;
}

// ---- Privileges

int privileges_forbid_new(void) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int privileges_is_root(void) { return geteuid() == 0; }

int privileges_keep(uint64_t kept) {
  for (unsigned capability = 0; capability < 64; capability++) {
    if (kept >> capability & 1) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
      if (errno == EINVAL) break;  // past the last one that this kernel knows
      return -errno;
    }
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) < 0) return -errno;
  for (int half = 0; half < 2; half++) {
    data[half].permitted &= (uint32_t)(kept >> (32 * half));
    data[half].effective = data[half].permitted;
    data[half].inheritable = 0;
  }
  return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

// ---- The link between keeper and engine

int link_open(int *one, int *other, int buffer_bytes) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
    return -errno;
  for (int index = 0; index < 2; index++)
    if (setsockopt(ends[index], SOL_SOCKET, SO_SNDBUFFORCE, &buffer_bytes, sizeof buffer_bytes) < 0)
      setsockopt(ends[index], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  *one = ends[0];
  *other = ends[1];
  return 0;
}

int link_send(int fd, const void *bytes, size_t size, const int *fds, size_t count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * link_most_descriptors)];
  if (count > link_most_descriptors) return -EMSGSIZE;
  struct iovec part = {(void *)bytes, size};
  struct msghdr message = {0};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    memset(control, 0, message.msg_controllen);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  }
  ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? -errno : 0;
}

int64_t link_receive(int fd, void *bytes, size_t size, int *fds, size_t *count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * link_most_descriptors)];
  struct iovec part = {bytes, size};
  struct msghdr message = {0};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  *count = 0;
  ssize_t received = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t held = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < held && *count < link_most_descriptors; index++)
      memcpy(&fds[(*count)++], CMSG_DATA(header) + index * sizeof(int), sizeof(int));
  }
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    for (size_t index = 0; index < *count; index++) close(fds[index]);
    *count = 0;
    return -EMSGSIZE;
  }
  return received;
}

// ---- Listening sockets

union listener_address {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
  struct sockaddr_un local;
};

static socklen_t listener_fill(
    union listener_address *to, int version, uint64_t high, uint64_t low, uint16_t port) {
  memset(to, 0, sizeof *to);
  if (version == 4) {
    to->ipv4.sin_family = AF_INET;
    to->ipv4.sin_port = htons(port);
    to->ipv4.sin_addr.s_addr = htonl((uint32_t)low);
    return sizeof to->ipv4;
  }
  to->ipv6.sin6_family = AF_INET6;
  to->ipv6.sin6_port = htons(port);
  for (int index = 0; index < 8; index++) {
    to->ipv6.sin6_addr.s6_addr[index] = (uint8_t)(high >> (56 - 8 * index));
    to->ipv6.sin6_addr.s6_addr[8 + index] = (uint8_t)(low >> (56 - 8 * index));
  }
  return sizeof to->ipv6;
}

int listener_open(
    int version, uint64_t high, uint64_t low, uint16_t port, int reuse_address, int reuse_port,
    int backlog) {
  union listener_address address;
  socklen_t size = listener_fill(&address, version, high, low, port);
  int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  int on = 1, off = 0;
  if ((reuse_address && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) ||
      (reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) ||
      (version == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0) ||
      bind(fd, &address.any, size) < 0 || (backlog > 0 && listen(fd, backlog) < 0)) {
    int error = errno;
    close(fd);
    return -error;
  }
  // Connections inherit it. Without it the kernel takes up to 4 MiB for each client that doesn't read, and the time to
  // copy them; what a client has not acknowledged yet isn't counted, so that fast ones lose nothing.
  int unsent = 256 * 1024;
  if (backlog > 0) setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  return fd;
}

int listener_port(int fd) {
  union listener_address address;
  socklen_t size = sizeof address;
  if (getsockname(fd, &address.any, &size) < 0) return -errno;
  return ntohs(address.any.sa_family == AF_INET ? address.ipv4.sin_port : address.ipv6.sin6_port);
}

static int listener_fill_path(union listener_address *to, const char *path) {
  memset(to, 0, sizeof *to);
  to->local.sun_family = AF_UNIX;
  size_t length = strlen(path);
  if (length >= sizeof to->local.sun_path) return -ENAMETOOLONG;
  memcpy(to->local.sun_path, path, length);
  return 0;
}

int datagram_listener_open(
    int version, uint64_t high, uint64_t low, uint16_t port, int reuse_port) {
  union listener_address address;
  socklen_t size = listener_fill(&address, version, high, low, port);
  int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  int on = 1, off = 0;
  if ((reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) ||
      (version == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0) ||
      (version == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) < 0) ||
      (version == 4 && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) < 0) ||
      bind(fd, &address.any, size) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int file_permit(const char *path, unsigned mode) { return chmod(path, mode) < 0 ? -errno : 0; }

int listener_open_path(const char *path, int backlog, unsigned mode) {
  union listener_address address;
  int error = listener_fill_path(&address, path);
  if (error < 0) return error;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  mode_t before = umask(0777 & ~mode);
  int bound = bind(fd, &address.any, sizeof address.local);
  error = errno;
  umask(before);
  if (bound == 0 && listen(fd, backlog) == 0) return fd;
  if (bound == 0) error = errno;
  close(fd);
  return -error;
}

int listener_probe_path(const char *path) {
  struct stat info;
  if (lstat(path, &info) < 0) return -errno;
  if (!S_ISSOCK(info.st_mode)) return -ENOTSOCK;
  union listener_address address;
  int error = listener_fill_path(&address, path);
  if (error < 0) return error;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  int result = connect(fd, &address.any, sizeof address.local) < 0 ? -errno : 0;
  close(fd);
  return result == -EAGAIN ? 0 : result;
}

int datagram_send_path(const char *path, const void *bytes, size_t size) {
  union listener_address address;
  int error = listener_fill_path(&address, path);
  if (error < 0) return error;
  socklen_t length = (socklen_t)(sizeof(sa_family_t) + strlen(path));
  if (path[0] == '@') address.local.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  ssize_t sent =
      sendto(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT, &address.any, length + (path[0] != '@'));
  error = errno;
  close(fd);
  return sent < 0 ? -error : 0;
}

// ---- Environment

const char *environment_entry(size_t index) {
  for (size_t position = 0; position < index; position++)
    if (!environ[position]) return NULL;
  return environ[index];
}
