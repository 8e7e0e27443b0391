#pragma once

// Walks over JSON text many bytes at a time, with the vector instructions that Swift has no words for.

#include <stddef.h>
#include <stdint.h>

/// How far it is to the end of the array or object that opens at `text[0]`; `count` when it does not end.
size_t scan_container(const uint8_t *text, size_t count);

/// Whether `part` stands anywhere in the text.
int scan_contains(const uint8_t *text, size_t count, const uint8_t *part, size_t part_count);
