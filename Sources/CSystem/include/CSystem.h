#pragma once

// What the loops and sockets need of Linux and Swift can't import well: variadic calls, packed structures, sockaddr casts.
// Every function returns a negative errno on failure.

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
  system_readable = 0x001,
  system_writable = 0x004,
  system_broken = 0x008,
  system_hangup = 0x010,
  system_peer_closed = 0x2000,
};

enum { system_epoll_add = 1, system_epoll_remove = 2, system_epoll_change = 3 };

typedef struct {
  int32_t descriptor;
  uint32_t events;
} system_ready;

int system_epoll_create(void);
int system_epoll_set(int epoll, int operation, int descriptor, uint32_t events);
/// Fills `ready` with at most `capacity` events without waiting; returns how many.
int system_epoll_poll(int epoll, system_ready *ready, int capacity);

typedef struct {
  /// Numeric text, without brackets and zone, NUL-terminated.
  char text[48];
  uint16_t port;
  uint8_t is_loopback;
} system_address;

/// Listens on a numeric IPv4 or IPv6 address ("::" takes IPv4 too); port 0 picks one. Returns the descriptor.
int system_listen(const char *address, uint16_t port, int backlog, system_address *bound);
/// Accepts one connection, non-blocking, without Nagle's delay, with keep-alive probes. Returns the descriptor.
int system_accept(int listener, system_address *peer);
/// Connects to a numeric address, blocking; for clients and tests.
int system_connect(const char *address, uint16_t port);

long system_read(int descriptor, void *buffer, size_t count);
long system_writev(int descriptor, const struct iovec *parts, int count);
void system_shutdown_write(int descriptor);
void system_close(int descriptor);
/// A closed connection must be an error code, not the end of the process.
void system_ignore_broken_pipes(void);

/// Opens `name` below the directory `base` for reading, following no symbolic link; `name` is one component.
int system_open_below(int base, const char *name, int is_directory);
int system_open_directory(const char *path);
/// The size of an open regular file, or a negative errno (-EISDIR for a directory).
long system_file_size(int descriptor);

/// At most so many pools in malloc, of which each thread uses one. What a thread frees stays in the pool that it came from,
/// so that objects made by many threads and freed by others leave room in all pools that none can use.
void system_limit_pools(int count);
