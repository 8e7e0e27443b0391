#define _GNU_SOURCE
#include "CScan.h"

#include <string.h>

enum { scan_block_size = 64 };

typedef uint8_t scan_block __attribute__((ext_vector_type(scan_block_size)));
typedef _Bool scan_flags __attribute__((ext_vector_type(scan_block_size)));

/// One bit for each byte of the block that is `byte`.
static inline uint64_t scan_equal(const scan_block *block, uint8_t byte) {
  scan_flags flags = __builtin_convertvector(*block == byte, scan_flags);
  uint64_t bits;
  memcpy(&bits, &flags, sizeof bits);
  return bits;
}

/// Marks the bytes behind backslashes that are not escaped themselves.
/// - Parameter carry: whether the block before ended in such a backslash.
static inline uint64_t scan_escaped(uint64_t backslashes, uint64_t *carry) {
  // In a run of backslashes every second one escapes, beginning with the first. Subtracting the first of each run from
  // all odd places makes the borrow go through the run, and so leaves a mark at every second place whatever its length.
  const uint64_t odd = 0xAAAAAAAAAAAAAAAA;
  uint64_t able = backslashes & ~*carry;
  uint64_t marks = (((able << 1) | odd) - able) ^ odd;
  uint64_t escaped = marks ^ (backslashes | *carry);
  *carry = (marks & backslashes) >> 63;
  return escaped;
}

/// Marks what stands between a quote and the next: every bit becomes the parity of those up to it.
static inline uint64_t scan_between(uint64_t quotes) {
  quotes ^= quotes << 1;
  quotes ^= quotes << 2;
  quotes ^= quotes << 4;
  quotes ^= quotes << 8;
  quotes ^= quotes << 16;
  quotes ^= quotes << 32;
  return quotes;
}

// Built for several generations of processors, of which the loader takes the one that it finds.
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
size_t scan_container(const uint8_t *text, size_t count) {
  uint64_t carry = 0, inside = 0;
  size_t depth = 0;
  for (size_t start = 0; start < count; start += scan_block_size) {
    scan_block block = 0;
    if (count - start >= scan_block_size)
      memcpy(&block, text + start, sizeof block);
    else
      memcpy(&block, text + start, count - start);
    uint64_t backslashes = scan_equal(&block, '\\');
    uint64_t quotes = scan_equal(&block, '"');
    if (backslashes | carry) quotes &= ~scan_escaped(backslashes, &carry);
    uint64_t strings = scan_between(quotes) ^ inside;
    inside = 0 - (strings >> 63);
    // Brackets and braces differ from each other in one bit.
    scan_block folded = block | 0x20;
    uint64_t opening = scan_equal(&folded, '{') & ~strings;
    uint64_t closing = scan_equal(&folded, '}') & ~strings;
    size_t closed = (size_t)__builtin_popcountll(closing);
    if (closed < depth) {
      depth += (size_t)__builtin_popcountll(opening) - closed;
      continue;
    }
    // It may be over in this block: at the closing one that meets no more open ones than were closed before.
    for (uint64_t rest = closing, done = 0; rest; rest &= rest - 1, done++) {
      uint64_t before = (rest & -rest) - 1;
      if (depth + (size_t)__builtin_popcountll(opening & before) - done == 1)
        return start + (size_t)__builtin_ctzll(rest) + 1;
    }
    depth += (size_t)__builtin_popcountll(opening) - closed;
  }
  return count;
}

int scan_contains(const uint8_t *text, size_t count, const uint8_t *part, size_t part_count) {
  return memmem(text, count, part, part_count) != NULL;
}
