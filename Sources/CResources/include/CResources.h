#pragma once
#include <stddef.h>

/// A file that is part of the binary.
typedef struct {
  /// The name below its folder: `apps.v1.schema`, `style/main.css`.
  const char *_Nonnull name;
  const unsigned char *_Nonnull bytes;
  size_t length;
} EmbeddedFile;

/// The schema source, openapi/*.schema, in the order in which discovery names the groups.
const EmbeddedFile *_Nonnull embeddedSchemas(size_t *_Nonnull count);

/// Those of them that a cluster has only with what they describe: metrics where there are nodes.
const EmbeddedFile *_Nonnull embeddedAdditions(size_t *_Nonnull count);

/// The dashboard, public/**.
const EmbeddedFile *_Nonnull embeddedPublicFiles(size_t *_Nonnull count);

/// Lists of the objects that a cluster has from its start, as JSON: Sources/CResources/Bootstrap.
const EmbeddedFile *_Nonnull embeddedBootstrap(size_t *_Nonnull count);
