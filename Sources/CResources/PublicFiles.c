// Written by list-public.sh.
#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"


static const EmbeddedFile files[] = {
    {"", (const unsigned char *)"", 0},
};

const EmbeddedFile *embeddedPublicFiles(size_t *count) {
  *count = sizeof files / sizeof files[0] - 1;
  return files;
}
