#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// One array a file. The order of the table below is the order of discovery: when a kind or short name stands in several
// groups, clients take the first.
static const unsigned char core_v1[] = {
#embed "../../openapi/core.v1.schema"
};
static const unsigned char admissionregistration_k8s_io_v1[] = {
#embed "../../openapi/admissionregistration.k8s.io.v1.schema"
};
static const unsigned char apiextensions_k8s_io_v1[] = {
#embed "../../openapi/apiextensions.k8s.io.v1.schema"
};
static const unsigned char apiregistration_k8s_io_v1[] = {
#embed "../../openapi/apiregistration.k8s.io.v1.schema"
};
static const unsigned char apps_v1[] = {
#embed "../../openapi/apps.v1.schema"
};
static const unsigned char authentication_k8s_io_v1[] = {
#embed "../../openapi/authentication.k8s.io.v1.schema"
};
static const unsigned char authorization_k8s_io_v1[] = {
#embed "../../openapi/authorization.k8s.io.v1.schema"
};
static const unsigned char autoscaling_v1[] = {
#embed "../../openapi/autoscaling.v1.schema"
};
static const unsigned char autoscaling_v2[] = {
#embed "../../openapi/autoscaling.v2.schema"
};
static const unsigned char batch_v1[] = {
#embed "../../openapi/batch.v1.schema"
};
static const unsigned char certificates_k8s_io_v1[] = {
#embed "../../openapi/certificates.k8s.io.v1.schema"
};
static const unsigned char coordination_k8s_io_v1[] = {
#embed "../../openapi/coordination.k8s.io.v1.schema"
};
static const unsigned char discovery_k8s_io_v1[] = {
#embed "../../openapi/discovery.k8s.io.v1.schema"
};
static const unsigned char events_k8s_io_v1[] = {
#embed "../../openapi/events.k8s.io.v1.schema"
};
static const unsigned char flowcontrol_apiserver_k8s_io_v1[] = {
#embed "../../openapi/flowcontrol.apiserver.k8s.io.v1.schema"
};
static const unsigned char networking_k8s_io_v1[] = {
#embed "../../openapi/networking.k8s.io.v1.schema"
};
static const unsigned char node_k8s_io_v1[] = {
#embed "../../openapi/node.k8s.io.v1.schema"
};
static const unsigned char policy_v1[] = {
#embed "../../openapi/policy.v1.schema"
};
static const unsigned char rbac_authorization_k8s_io_v1[] = {
#embed "../../openapi/rbac.authorization.k8s.io.v1.schema"
};
static const unsigned char resource_k8s_io_v1[] = {
#embed "../../openapi/resource.k8s.io.v1.schema"
};
static const unsigned char scheduling_k8s_io_v1[] = {
#embed "../../openapi/scheduling.k8s.io.v1.schema"
};
static const unsigned char storage_k8s_io_v1[] = {
#embed "../../openapi/storage.k8s.io.v1.schema"
};
static const unsigned char meta_k8s_io_v1[] = {
#embed "../../openapi/meta.k8s.io.v1.schema"
};

static const unsigned char metrics_k8s_io_v1beta1[] = {
#embed "../../openapi/additions/metrics.k8s.io.v1beta1.schema"
};

#define SCHEMA(name, array) {name ".schema", array, sizeof array}

static const EmbeddedFile schemas[] = {
    SCHEMA("core.v1", core_v1),
    SCHEMA("admissionregistration.k8s.io.v1", admissionregistration_k8s_io_v1),
    SCHEMA("apiextensions.k8s.io.v1", apiextensions_k8s_io_v1),
    SCHEMA("apiregistration.k8s.io.v1", apiregistration_k8s_io_v1),
    SCHEMA("apps.v1", apps_v1),
    SCHEMA("authentication.k8s.io.v1", authentication_k8s_io_v1),
    SCHEMA("authorization.k8s.io.v1", authorization_k8s_io_v1),
    SCHEMA("autoscaling.v1", autoscaling_v1),
    SCHEMA("autoscaling.v2", autoscaling_v2),
    SCHEMA("batch.v1", batch_v1),
    SCHEMA("certificates.k8s.io.v1", certificates_k8s_io_v1),
    SCHEMA("coordination.k8s.io.v1", coordination_k8s_io_v1),
    SCHEMA("discovery.k8s.io.v1", discovery_k8s_io_v1),
    SCHEMA("events.k8s.io.v1", events_k8s_io_v1),
    SCHEMA("flowcontrol.apiserver.k8s.io.v1", flowcontrol_apiserver_k8s_io_v1),
    SCHEMA("networking.k8s.io.v1", networking_k8s_io_v1),
    SCHEMA("node.k8s.io.v1", node_k8s_io_v1),
    SCHEMA("policy.v1", policy_v1),
    SCHEMA("rbac.authorization.k8s.io.v1", rbac_authorization_k8s_io_v1),
    SCHEMA("resource.k8s.io.v1", resource_k8s_io_v1),
    SCHEMA("scheduling.k8s.io.v1", scheduling_k8s_io_v1),
    SCHEMA("storage.k8s.io.v1", storage_k8s_io_v1),
    SCHEMA("meta.k8s.io.v1", meta_k8s_io_v1),
};

const EmbeddedFile *embeddedSchemas(size_t *count) {
  *count = sizeof schemas / sizeof schemas[0];
  return schemas;
}

// Groups that a stock cluster has by an addition to it.
static const EmbeddedFile additions[] = {
    SCHEMA("metrics.k8s.io.v1beta1", metrics_k8s_io_v1beta1),
};

const EmbeddedFile *embeddedAdditions(size_t *count) {
  *count = sizeof additions / sizeof additions[0];
  return additions;
}
