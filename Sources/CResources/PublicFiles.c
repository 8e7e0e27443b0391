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
#embed "../../public/app/clock.js"
};
static const unsigned char file3[] = {
#embed "../../public/app/columns.js"
};
static const unsigned char file4[] = {
#embed "../../public/app/discovery.js"
};
static const unsigned char file5[] = {
#embed "../../public/app/documents.js"
};
static const unsigned char file6[] = {
#embed "../../public/app/dom.js"
};
static const unsigned char file7[] = {
#embed "../../public/app/editor.js"
};
static const unsigned char file8[] = {
#embed "../../public/app/facets.js"
};
static const unsigned char file9[] = {
#embed "../../public/app/field-hint.js"
};
static const unsigned char file10[] = {
#embed "../../public/app/format.js"
};
static const unsigned char file11[] = {
#embed "../../public/app/keys.js"
};
static const unsigned char file12[] = {
#embed "../../public/app/kubectl.js"
};
static const unsigned char file13[] = {
#embed "../../public/app/lines.js"
};
static const unsigned char file14[] = {
#embed "../../public/app/live-table.js"
};
static const unsigned char file15[] = {
#embed "../../public/app/main.js"
};
static const unsigned char file16[] = {
#embed "../../public/app/namespaces.js"
};
static const unsigned char file17[] = {
#embed "../../public/app/nav.js"
};
static const unsigned char file18[] = {
#embed "../../public/app/object/actions.js"
};
static const unsigned char file19[] = {
#embed "../../public/app/object/containers.js"
};
static const unsigned char file20[] = {
#embed "../../public/app/object/data.js"
};
static const unsigned char file21[] = {
#embed "../../public/app/object/drain.js"
};
static const unsigned char file22[] = {
#embed "../../public/app/object/endpoints.js"
};
static const unsigned char file23[] = {
#embed "../../public/app/object/environment.js"
};
static const unsigned char file24[] = {
#embed "../../public/app/object/events.js"
};
static const unsigned char file25[] = {
#embed "../../public/app/object/facts.js"
};
static const unsigned char file26[] = {
#embed "../../public/app/object/latest-events.js"
};
static const unsigned char file27[] = {
#embed "../../public/app/object/links.js"
};
static const unsigned char file28[] = {
#embed "../../public/app/object/log-view.js"
};
static const unsigned char file29[] = {
#embed "../../public/app/object/logs.js"
};
static const unsigned char file30[] = {
#embed "../../public/app/object/node-use.js"
};
static const unsigned char file31[] = {
#embed "../../public/app/object/overview.js"
};
static const unsigned char file32[] = {
#embed "../../public/app/object/pending.js"
};
static const unsigned char file33[] = {
#embed "../../public/app/object/probes.js"
};
static const unsigned char file34[] = {
#embed "../../public/app/object/related.js"
};
static const unsigned char file35[] = {
#embed "../../public/app/object/rollout.js"
};
static const unsigned char file36[] = {
#embed "../../public/app/object/rules.js"
};
static const unsigned char file37[] = {
#embed "../../public/app/object/run-now.js"
};
static const unsigned char file38[] = {
#embed "../../public/app/object/selector.js"
};
static const unsigned char file39[] = {
#embed "../../public/app/object/tree.js"
};
static const unsigned char file40[] = {
#embed "../../public/app/object/usage.js"
};
static const unsigned char file41[] = {
#embed "../../public/app/object/verdict.js"
};
static const unsigned char file42[] = {
#embed "../../public/app/object/workload-logs.js"
};
static const unsigned char file43[] = {
#embed "../../public/app/object/yaml-tab.js"
};
static const unsigned char file44[] = {
#embed "../../public/app/order.js"
};
static const unsigned char file45[] = {
#embed "../../public/app/pages/apply.js"
};
static const unsigned char file46[] = {
#embed "../../public/app/pages/examples.js"
};
static const unsigned char file47[] = {
#embed "../../public/app/pages/explain-data.js"
};
static const unsigned char file48[] = {
#embed "../../public/app/pages/explain-fields.js"
};
static const unsigned char file49[] = {
#embed "../../public/app/pages/explain-kinds.js"
};
static const unsigned char file50[] = {
#embed "../../public/app/pages/explain-places.js"
};
static const unsigned char file51[] = {
#embed "../../public/app/pages/explain-search.js"
};
static const unsigned char file52[] = {
#embed "../../public/app/pages/explain.js"
};
static const unsigned char file53[] = {
#embed "../../public/app/pages/kinds.js"
};
static const unsigned char file54[] = {
#embed "../../public/app/pages/list.js"
};
static const unsigned char file55[] = {
#embed "../../public/app/pages/new.js"
};
static const unsigned char file56[] = {
#embed "../../public/app/pages/object.js"
};
static const unsigned char file57[] = {
#embed "../../public/app/pages/overview-cards.js"
};
static const unsigned char file58[] = {
#embed "../../public/app/pages/overview-data.js"
};
static const unsigned char file59[] = {
#embed "../../public/app/pages/overview-nodes.js"
};
static const unsigned char file60[] = {
#embed "../../public/app/pages/overview-problems.js"
};
static const unsigned char file61[] = {
#embed "../../public/app/pages/overview.js"
};
static const unsigned char file62[] = {
#embed "../../public/app/palette.js"
};
static const unsigned char file63[] = {
#embed "../../public/app/parts.js"
};
static const unsigned char file64[] = {
#embed "../../public/app/places.js"
};
static const unsigned char file65[] = {
#embed "../../public/app/router.js"
};
static const unsigned char file66[] = {
#embed "../../public/app/scope.js"
};
static const unsigned char file67[] = {
#embed "../../public/app/search.js"
};
static const unsigned char file68[] = {
#embed "../../public/app/shell.js"
};
static const unsigned char file69[] = {
#embed "../../public/app/table.js"
};
static const unsigned char file70[] = {
#embed "../../public/app/theme.js"
};
static const unsigned char file71[] = {
#embed "../../public/app/time.js"
};
static const unsigned char file72[] = {
#embed "../../public/app/watch.js"
};
static const unsigned char file73[] = {
#embed "../../public/app/windowing.js"
};
static const unsigned char file74[] = {
#embed "../../public/app/yaml-lines.js"
};
static const unsigned char file75[] = {
#embed "../../public/app/yaml-read.js"
};
static const unsigned char file76[] = {
#embed "../../public/app/yaml.js"
};
static const unsigned char file77[] = {
#embed "../../public/favicon.svg"
};
static const unsigned char file78[] = {
#embed "../../public/index.html"
};
static const unsigned char file79[] = {
#embed "../../public/style/pages.css"
};
static const unsigned char file80[] = {
#embed "../../public/style/parts.css"
};
static const unsigned char file81[] = {
#embed "../../public/style/shell.css"
};
static const unsigned char file82[] = {
#embed "../../public/style/tokens.css"
};

static const EmbeddedFile files[] = {
    {"app/api.js", file0, sizeof file0},
    {"app/cells.js", file1, sizeof file1},
    {"app/clock.js", file2, sizeof file2},
    {"app/columns.js", file3, sizeof file3},
    {"app/discovery.js", file4, sizeof file4},
    {"app/documents.js", file5, sizeof file5},
    {"app/dom.js", file6, sizeof file6},
    {"app/editor.js", file7, sizeof file7},
    {"app/facets.js", file8, sizeof file8},
    {"app/field-hint.js", file9, sizeof file9},
    {"app/format.js", file10, sizeof file10},
    {"app/keys.js", file11, sizeof file11},
    {"app/kubectl.js", file12, sizeof file12},
    {"app/lines.js", file13, sizeof file13},
    {"app/live-table.js", file14, sizeof file14},
    {"app/main.js", file15, sizeof file15},
    {"app/namespaces.js", file16, sizeof file16},
    {"app/nav.js", file17, sizeof file17},
    {"app/object/actions.js", file18, sizeof file18},
    {"app/object/containers.js", file19, sizeof file19},
    {"app/object/data.js", file20, sizeof file20},
    {"app/object/drain.js", file21, sizeof file21},
    {"app/object/endpoints.js", file22, sizeof file22},
    {"app/object/environment.js", file23, sizeof file23},
    {"app/object/events.js", file24, sizeof file24},
    {"app/object/facts.js", file25, sizeof file25},
    {"app/object/latest-events.js", file26, sizeof file26},
    {"app/object/links.js", file27, sizeof file27},
    {"app/object/log-view.js", file28, sizeof file28},
    {"app/object/logs.js", file29, sizeof file29},
    {"app/object/node-use.js", file30, sizeof file30},
    {"app/object/overview.js", file31, sizeof file31},
    {"app/object/pending.js", file32, sizeof file32},
    {"app/object/probes.js", file33, sizeof file33},
    {"app/object/related.js", file34, sizeof file34},
    {"app/object/rollout.js", file35, sizeof file35},
    {"app/object/rules.js", file36, sizeof file36},
    {"app/object/run-now.js", file37, sizeof file37},
    {"app/object/selector.js", file38, sizeof file38},
    {"app/object/tree.js", file39, sizeof file39},
    {"app/object/usage.js", file40, sizeof file40},
    {"app/object/verdict.js", file41, sizeof file41},
    {"app/object/workload-logs.js", file42, sizeof file42},
    {"app/object/yaml-tab.js", file43, sizeof file43},
    {"app/order.js", file44, sizeof file44},
    {"app/pages/apply.js", file45, sizeof file45},
    {"app/pages/examples.js", file46, sizeof file46},
    {"app/pages/explain-data.js", file47, sizeof file47},
    {"app/pages/explain-fields.js", file48, sizeof file48},
    {"app/pages/explain-kinds.js", file49, sizeof file49},
    {"app/pages/explain-places.js", file50, sizeof file50},
    {"app/pages/explain-search.js", file51, sizeof file51},
    {"app/pages/explain.js", file52, sizeof file52},
    {"app/pages/kinds.js", file53, sizeof file53},
    {"app/pages/list.js", file54, sizeof file54},
    {"app/pages/new.js", file55, sizeof file55},
    {"app/pages/object.js", file56, sizeof file56},
    {"app/pages/overview-cards.js", file57, sizeof file57},
    {"app/pages/overview-data.js", file58, sizeof file58},
    {"app/pages/overview-nodes.js", file59, sizeof file59},
    {"app/pages/overview-problems.js", file60, sizeof file60},
    {"app/pages/overview.js", file61, sizeof file61},
    {"app/palette.js", file62, sizeof file62},
    {"app/parts.js", file63, sizeof file63},
    {"app/places.js", file64, sizeof file64},
    {"app/router.js", file65, sizeof file65},
    {"app/scope.js", file66, sizeof file66},
    {"app/search.js", file67, sizeof file67},
    {"app/shell.js", file68, sizeof file68},
    {"app/table.js", file69, sizeof file69},
    {"app/theme.js", file70, sizeof file70},
    {"app/time.js", file71, sizeof file71},
    {"app/watch.js", file72, sizeof file72},
    {"app/windowing.js", file73, sizeof file73},
    {"app/yaml-lines.js", file74, sizeof file74},
    {"app/yaml-read.js", file75, sizeof file75},
    {"app/yaml.js", file76, sizeof file76},
    {"favicon.svg", file77, sizeof file77},
    {"index.html", file78, sizeof file78},
    {"style/pages.css", file79, sizeof file79},
    {"style/parts.css", file80, sizeof file80},
    {"style/shell.css", file81, sizeof file81},
    {"style/tokens.css", file82, sizeof file82},
    {"", (const unsigned char *)"", 0},
};

const EmbeddedFile *embeddedPublicFiles(size_t *count) {
  *count = sizeof files / sizeof files[0] - 1;
  return files;
}
