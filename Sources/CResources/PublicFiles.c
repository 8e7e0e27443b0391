// Written by list-public.sh.
#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file0[] = {
#embed "../../public/app/api.js"
};
static const unsigned char file1[] = {
#embed "../../public/app/cells.js"
};
static const unsigned char file2[] = {
#embed "../../public/app/discovery.js"
};
static const unsigned char file3[] = {
#embed "../../public/app/dom.js"
};
static const unsigned char file4[] = {
#embed "../../public/app/editor.js"
};
static const unsigned char file5[] = {
#embed "../../public/app/format.js"
};
static const unsigned char file6[] = {
#embed "../../public/app/keys.js"
};
static const unsigned char file7[] = {
#embed "../../public/app/main.js"
};
static const unsigned char file8[] = {
#embed "../../public/app/object/actions.js"
};
static const unsigned char file9[] = {
#embed "../../public/app/object/containers.js"
};
static const unsigned char file10[] = {
#embed "../../public/app/object/data.js"
};
static const unsigned char file11[] = {
#embed "../../public/app/object/events.js"
};
static const unsigned char file12[] = {
#embed "../../public/app/object/facts.js"
};
static const unsigned char file13[] = {
#embed "../../public/app/object/logs.js"
};
static const unsigned char file14[] = {
#embed "../../public/app/object/overview.js"
};
static const unsigned char file15[] = {
#embed "../../public/app/object/pending.js"
};
static const unsigned char file16[] = {
#embed "../../public/app/object/tree.js"
};
static const unsigned char file17[] = {
#embed "../../public/app/object/yaml-tab.js"
};
static const unsigned char file18[] = {
#embed "../../public/app/order.js"
};
static const unsigned char file19[] = {
#embed "../../public/app/pages/examples.js"
};
static const unsigned char file20[] = {
#embed "../../public/app/pages/explain-data.js"
};
static const unsigned char file21[] = {
#embed "../../public/app/pages/explain.js"
};
static const unsigned char file22[] = {
#embed "../../public/app/pages/kinds.js"
};
static const unsigned char file23[] = {
#embed "../../public/app/pages/list.js"
};
static const unsigned char file24[] = {
#embed "../../public/app/pages/new.js"
};
static const unsigned char file25[] = {
#embed "../../public/app/pages/object.js"
};
static const unsigned char file26[] = {
#embed "../../public/app/pages/overview-data.js"
};
static const unsigned char file27[] = {
#embed "../../public/app/pages/overview.js"
};
static const unsigned char file28[] = {
#embed "../../public/app/palette.js"
};
static const unsigned char file29[] = {
#embed "../../public/app/parts.js"
};
static const unsigned char file30[] = {
#embed "../../public/app/places.js"
};
static const unsigned char file31[] = {
#embed "../../public/app/router.js"
};
static const unsigned char file32[] = {
#embed "../../public/app/scope.js"
};
static const unsigned char file33[] = {
#embed "../../public/app/shell.js"
};
static const unsigned char file34[] = {
#embed "../../public/app/table.js"
};
static const unsigned char file35[] = {
#embed "../../public/app/theme.js"
};
static const unsigned char file36[] = {
#embed "../../public/app/watch.js"
};
static const unsigned char file37[] = {
#embed "../../public/app/yaml-read.js"
};
static const unsigned char file38[] = {
#embed "../../public/app/yaml.js"
};
static const unsigned char file39[] = {
#embed "../../public/favicon.svg"
};
static const unsigned char file40[] = {
#embed "../../public/index.html"
};
static const unsigned char file41[] = {
#embed "../../public/style/pages.css"
};
static const unsigned char file42[] = {
#embed "../../public/style/parts.css"
};
static const unsigned char file43[] = {
#embed "../../public/style/shell.css"
};
static const unsigned char file44[] = {
#embed "../../public/style/tokens.css"
};

static const EmbeddedFile files[] = {
    {"app/api.js", file0, sizeof file0},
    {"app/cells.js", file1, sizeof file1},
    {"app/discovery.js", file2, sizeof file2},
    {"app/dom.js", file3, sizeof file3},
    {"app/editor.js", file4, sizeof file4},
    {"app/format.js", file5, sizeof file5},
    {"app/keys.js", file6, sizeof file6},
    {"app/main.js", file7, sizeof file7},
    {"app/object/actions.js", file8, sizeof file8},
    {"app/object/containers.js", file9, sizeof file9},
    {"app/object/data.js", file10, sizeof file10},
    {"app/object/events.js", file11, sizeof file11},
    {"app/object/facts.js", file12, sizeof file12},
    {"app/object/logs.js", file13, sizeof file13},
    {"app/object/overview.js", file14, sizeof file14},
    {"app/object/pending.js", file15, sizeof file15},
    {"app/object/tree.js", file16, sizeof file16},
    {"app/object/yaml-tab.js", file17, sizeof file17},
    {"app/order.js", file18, sizeof file18},
    {"app/pages/examples.js", file19, sizeof file19},
    {"app/pages/explain-data.js", file20, sizeof file20},
    {"app/pages/explain.js", file21, sizeof file21},
    {"app/pages/kinds.js", file22, sizeof file22},
    {"app/pages/list.js", file23, sizeof file23},
    {"app/pages/new.js", file24, sizeof file24},
    {"app/pages/object.js", file25, sizeof file25},
    {"app/pages/overview-data.js", file26, sizeof file26},
    {"app/pages/overview.js", file27, sizeof file27},
    {"app/palette.js", file28, sizeof file28},
    {"app/parts.js", file29, sizeof file29},
    {"app/places.js", file30, sizeof file30},
    {"app/router.js", file31, sizeof file31},
    {"app/scope.js", file32, sizeof file32},
    {"app/shell.js", file33, sizeof file33},
    {"app/table.js", file34, sizeof file34},
    {"app/theme.js", file35, sizeof file35},
    {"app/watch.js", file36, sizeof file36},
    {"app/yaml-read.js", file37, sizeof file37},
    {"app/yaml.js", file38, sizeof file38},
    {"favicon.svg", file39, sizeof file39},
    {"index.html", file40, sizeof file40},
    {"style/pages.css", file41, sizeof file41},
    {"style/parts.css", file42, sizeof file42},
    {"style/shell.css", file43, sizeof file43},
    {"style/tokens.css", file44, sizeof file44},
    {"", (const unsigned char *)"", 0},
};

const EmbeddedFile *embeddedPublicFiles(size_t *count) {
  *count = sizeof files / sizeof files[0] - 1;
  return files;
}
