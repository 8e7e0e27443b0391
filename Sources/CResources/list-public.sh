#!/bin/sh
# Writes PublicFiles.c, the table of the dashboard's files, anew. Run it when a file comes to public/ or leaves it;
# a test fails as long as the table and the folder differ.
cd "$(dirname "$0")/../../public" 2>/dev/null || { mkdir -p "$(dirname "$0")/../../public"; cd "$(dirname "$0")/../../public"; }
files=$(find . -type f | sed 's|^\./||' | LC_ALL=C sort)
out=../Sources/CResources/PublicFiles.c
{
  echo '// Written by list-public.sh.'
  echo '#include "CResources.h"'
  echo
  echo '#pragma clang diagnostic ignored "-Wc23-extensions"'
  echo
  number=0
  for file in $files; do
    printf 'static const unsigned char file%s[] = {\n#embed "../../public/%s"\n};\n' "$number" "$file"
    number=$((number + 1))
  done
  echo
  echo 'static const EmbeddedFile files[] = {'
  number=0
  for file in $files; do
    printf '    {"%s", file%s, sizeof file%s},\n' "$file" "$number" "$number"
    number=$((number + 1))
  done
  echo '    {"", (const unsigned char *)"", 0},'
  echo '};'
  echo
  echo 'const EmbeddedFile *embeddedPublicFiles(size_t *count) {'
  echo '  *count = sizeof files / sizeof files[0] - 1;'
  echo '  return files;'
  echo '}'
} > "$out"
