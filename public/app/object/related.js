// The objects a page shows beside its own: the pods of a workload, the jobs of a schedule, the endpoints of a service.

import { findResource } from '../discovery.js';
import { h } from '../dom.js';
import { liveTable } from '../live-table.js';
import { card } from '../parts.js';
import { selectorText } from './selector.js';

const ownedBy = ({ metadata }) => (row) => row.meta.ownerReferences?.some(({ uid }) => uid === metadata.uid);
const mounts = (source, key, name) => ({ object }) =>
  object.spec.volumes?.some((volume) => volume[source]?.[key] === name);

/** Whether a pod reads a ConfigMap or Secret as a volume or as variables. */
const reads = (volume, nameKey, reference, name) => ({ object }) => {
  const { spec } = object;
  const projected = spec.volumes?.flatMap(({ projected: parts }) => parts?.sources ?? []);
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return mounts(volume, nameKey, name)({ object })
    || projected?.some((part) => part[volume]?.name === name)
    || spec.imagePullSecrets?.some((secret) => volume === 'secret' && secret.name === name)
    || containers.some(({ env = [], envFrom = [] }) =>
      env.some(({ valueFrom }) => valueFrom?.[`${reference}KeyRef`]?.name === name)
      || envFrom.some((from) => from[`${reference}Ref`]?.name === name));
};

const podsOf = (selector) => (object) => [['Pods', 'core/pods', {
  namespace: object.metadata.namespace, labels: selectorText(selector(object)), keep: ownedOrBare(object),
}, 'No pod matches its selector.']];

/** Jobs and workloads own their pods; budgets, policies and services only select them. */
const ownedOrBare = ({ kind, metadata }) => (['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind)
  ? ownedBy({ metadata }) : undefined);

const usedBy = (test) => ({ metadata: { namespace, name } }) =>
  [['Used by pods', 'core/pods', { namespace, whole: true, keep: test(name) }, 'No pod uses it.']];

/**
 * By group and resource: the tables beside an object, each [heading, place, source, words for none].
 * The first one watches.
 */
const tables = {
  'apps/deployments': podsOf(({ spec }) => spec.selector),
  'apps/replicasets': podsOf(({ spec }) => spec.selector),
  'apps/statefulsets': (object) => [...podsOf(({ spec }) => spec.selector)(object),
    ['Claims', 'core/persistentvolumeclaims', { namespace: object.metadata.namespace,
      keep: ({ meta }) => (object.spec.volumeClaimTemplates ?? []).some(({ metadata }) =>
        meta.name.startsWith(`${metadata.name}-${object.metadata.name}-`)) }, null]],
  'apps/daemonsets': podsOf(({ spec }) => spec.selector),
  'core/replicationcontrollers': podsOf(({ spec }) => ({ matchLabels: spec.selector })),
  'batch/jobs': podsOf(({ spec }) => spec.selector),
  'batch/cronjobs': (object) => [['Jobs', 'batch/jobs',
    { namespace: object.metadata.namespace, keep: ownedBy(object) }, 'It has started no job yet.']],
  'core/services': podsOf(({ spec }) => spec.selector && { matchLabels: spec.selector }),
  'policy/poddisruptionbudgets': podsOf(({ spec }) => spec.selector),
  'networking.k8s.io/networkpolicies': podsOf(({ spec }) => spec.podSelector),
  'networking.k8s.io/ingressclasses': ({ metadata }) => [['Ingresses', 'networking.k8s.io/ingresses',
    { whole: true, keep: ({ object }) => object.spec.ingressClassName === metadata.name }, 'No Ingress uses it.']],
  'core/persistentvolumeclaims': usedBy((name) => mounts('persistentVolumeClaim', 'claimName', name)),
  'core/configmaps': usedBy((name) => reads('configMap', 'name', 'configMap', name)),
  'core/secrets': usedBy((name) => reads('secret', 'secretName', 'secret', name)),
  'core/serviceaccounts': ({ metadata: { namespace, name } }) => [
    ['Pods that run as it', 'core/pods', { namespace, fields: `spec.serviceAccountName=${name}` },
      'No pod runs as it.'],
    ['Its roles', 'rbac.authorization.k8s.io/rolebindings', { namespace, whole: true,
      keep: ({ object }) => object.subjects?.some((subject) => subject.kind === 'ServiceAccount'
        && subject.name === name && (subject.namespace ?? namespace) === namespace) }, null]],
  'storage.k8s.io/storageclasses': ({ metadata: { name } }) => [['Claims', 'core/persistentvolumeclaims',
    { whole: true, keep: ({ object }) => object.spec.storageClassName === name }, 'No claim asks for it.']],
  'core/namespaces': ({ metadata: { name } }) => [
    ['Pods', 'core/pods', { namespace: name }, 'It has no pods.'],
    ['Quotas', 'core/resourcequotas', { namespace: name }, null]],
  'rbac.authorization.k8s.io/roles': ({ metadata: { namespace, name } }) => bindings('Role', name, namespace),
  'rbac.authorization.k8s.io/clusterroles': ({ metadata: { name } }) => [
    ...bindings('ClusterRole', name),
    ['Given in the whole cluster by', 'rbac.authorization.k8s.io/clusterrolebindings',
      { whole: true, keep: ({ object }) => object.roleRef.name === name }, null]],
};

const bindings = (kind, name, namespace) => [['Given by', 'rbac.authorization.k8s.io/rolebindings', {
  namespace, whole: true, keep: ({ object: { roleRef } }) => roleRef.kind === kind && roleRef.name === name,
}, null]];

/** The cards beside an object: { elements, stop }. A card without words for none hides while it has no rows. */
export function relatedCards(kind, object) {
  const wanted = tables[`${kind.group || 'core'}/${kind.resource}`]?.(object) ?? [];
  const parts = wanted.map(([heading, place, source, none], index) => {
    const found = findResource(...place.split('/'));
    if (!found || source.labels === null) return null;
    const count = h('span.count');
    const box = card([heading, ' ', count]);
    const table = liveTable(found, source, {
      nothing: h('p.calm', null, none ?? ''),
      polled: index > 0,
      onRows: (rows) => {
        count.textContent = String(rows.length);
        box.hidden = rows.length === 0 && none === null;
      },
    });
    box.classList.add('table-card');
    box.hidden = none === null;
    box.append(table.element);
    return { element: box, stop: table.stop };
  }).filter(Boolean);
  return { elements: parts.map(({ element }) => element), stop: () => parts.forEach(({ stop }) => stop()) };
}
