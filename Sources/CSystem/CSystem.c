#define _GNU_SOURCE
#include "CSystem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(system_readable == EPOLLIN && system_writable == EPOLLOUT, "epoll events");
_Static_assert(system_broken == EPOLLERR && system_hangup == EPOLLHUP && system_peer_closed == EPOLLRDHUP, "epoll events");
_Static_assert(system_epoll_add == EPOLL_CTL_ADD && system_epoll_remove == EPOLL_CTL_DEL, "epoll operations");
_Static_assert(system_epoll_change == EPOLL_CTL_MOD, "epoll operations");

static int result(long value) { return value < 0 ? -errno : (int)value; }

int system_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

int system_epoll_set(int epoll, int operation, int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  return result(epoll_ctl(epoll, operation, descriptor, &event));
}

int system_epoll_poll(int epoll, system_ready *ready, int capacity) {
  struct epoll_event events[256];
  int count = epoll_wait(epoll, events, capacity < 256 ? capacity : 256, 0);
  for (int i = 0; i < count; i++) ready[i] = (system_ready){events[i].data.fd, events[i].events};
  return result(count);
}

static void describe(const struct sockaddr_storage *from, system_address *to) {
  memset(to, 0, sizeof *to);
  if (from->ss_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    to->port = ntohs(v6->sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], to->text, sizeof to->text);
      to->is_loopback = v6->sin6_addr.s6_addr[12] == 127;
    } else {
      inet_ntop(AF_INET6, &v6->sin6_addr, to->text, sizeof to->text);
      to->is_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    }
  } else if (from->ss_family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
    to->port = ntohs(v4->sin_port);
    inet_ntop(AF_INET, &v4->sin_addr, to->text, sizeof to->text);
    to->is_loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
  }
}

static socklen_t parse(const char *address, uint16_t port, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  struct sockaddr_in *v4 = (struct sockaddr_in *)out;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
  if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return sizeof *v4;
  }
  if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return sizeof *v6;
  }
  return 0;
}

static int fail(int descriptor) {
  int error = errno;
  close(descriptor);
  return -error;
}

int system_listen(const char *address, uint16_t port, int backlog, system_address *bound) {
  struct sockaddr_storage name;
  socklen_t length = parse(address, port, &name);
  if (length == 0) return -EINVAL;
  int descriptor = socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  int on = 1, off = 0;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (name.ss_family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(descriptor, (struct sockaddr *)&name, length) < 0) return fail(descriptor);
  if (listen(descriptor, backlog) < 0) return fail(descriptor);
  length = sizeof name;
  if (getsockname(descriptor, (struct sockaddr *)&name, &length) < 0) return fail(descriptor);
  describe(&name, bound);
  return descriptor;
}

int system_accept(int listener, system_address *peer) {
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  int descriptor = accept4(listener, (struct sockaddr *)&name, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return -errno;
  // A peer that vanished without a word is noticed within about 90 seconds.
  int on = 1, idle = 60, interval = 10, probes = 3;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  describe(&name, peer);
  return descriptor;
}

int system_connect(const char *address, uint16_t port) {
  struct sockaddr_storage name;
  socklen_t length = parse(address, port, &name);
  if (length == 0) return -EINVAL;
  int descriptor = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  if (connect(descriptor, (struct sockaddr *)&name, length) < 0) return fail(descriptor);
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

long system_read(int descriptor, void *buffer, size_t count) {
  long got = read(descriptor, buffer, count);
  return got < 0 ? -errno : got;
}

long system_writev(int descriptor, const struct iovec *parts, int count) {
  long put = writev(descriptor, parts, count);
  return put < 0 ? -errno : put;
}

void system_shutdown_write(int descriptor) { shutdown(descriptor, SHUT_WR); }

void system_close(int descriptor) { close(descriptor); }

void system_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

int system_open_below(int base, const char *name, int is_directory) {
  return result(openat(base, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (is_directory ? O_DIRECTORY : 0)));
}

int system_open_directory(const char *path) { return result(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

long system_file_size(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) < 0) return -errno;
  if (S_ISDIR(status.st_mode)) return -EISDIR;
  return S_ISREG(status.st_mode) ? (long)status.st_size : -EINVAL;
}

void system_limit_pools(int count) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, count);
#endif
}
