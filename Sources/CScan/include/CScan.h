#pragma once

// Walks over JSON text many bytes at a time, with the vector instructions that Swift has no words for.

#include <stddef.h>
#include <stdint.h>
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
  uint64_t escaped = *carry;
  *carry = 0;
  backslashes &= ~escaped;
  while (backslashes) {
    uint64_t first = backslashes & -backslashes;
    uint64_t next = first << 1;
    if (!next) *carry = 1;
    escaped |= next;
    backslashes &= ~(first | next);
  }
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

/// How far it is to the end of the array or object that opens at `text[0]`; `count` when it does not end.
static inline size_t scan_container(const uint8_t *text, size_t count) {
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
    for (uint64_t marks = opening | closing; marks; marks &= marks - 1) {
      if (opening & marks & -marks) {
        depth += 1;
      } else if (--depth == 0) {
        return start + (size_t)__builtin_ctzll(marks) + 1;
      }
    }
  }
  return count;
}
