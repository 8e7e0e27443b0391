// The objects that a cluster has from its start, in the order in which they are made.
#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char base[] = {
#embed "Bootstrap/base.json"
};
static const unsigned char roles[] = {
#embed "Bootstrap/roles.json"
};
static const unsigned char flowControl[] = {
#embed "Bootstrap/flow-control.json"
};
static const unsigned char apiServices[] = {
#embed "Bootstrap/api-services.json"
};

static const EmbeddedFile files[] = {
    {"base.json", base, sizeof base},
    {"roles.json", roles, sizeof roles},
    {"flow-control.json", flowControl, sizeof flowControl},
    {"api-services.json", apiServices, sizeof apiServices},
};

const EmbeddedFile *embeddedBootstrap(size_t *count) {
  *count = sizeof files / sizeof files[0];
  return files;
}
