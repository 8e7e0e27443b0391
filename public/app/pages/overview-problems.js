// What needs a person's eye, as plain values computed from plain lists; the worst comes first.

import { health, nodeState } from './overview-data.js';

const ranks = { bad: 0, busy: 1 };

/**
 * Problems as { tone, kind, apiVersion, namespace, name, reason, message, count }. Pods of one owner that fail alike
 * are one problem, told of their owner.
 */
export function problems({ nodes, pods, workloads, claims, classes }) {
  return [...nodes.flatMap(ofNode), ...ofPods(pods), ...workloads.flatMap(ofWorkload),
    ...claims.flatMap((claim) => ofClaim(claim, classes, pods))]
    .sort((a, b) => ranks[a.tone] - ranks[b.tone] || b.count - a.count);
}

function ofNode(node) {
  const state = nodeState(node);
  const common = { apiVersion: 'v1', kind: 'Node', name: node.metadata.name, count: 1 };
  if (!state.startsWith('Ready')) {
    const ready = (node.status?.conditions ?? []).find(({ type }) => type === 'Ready');
    return [{ ...common, tone: 'bad', reason: state, message: ready?.message ?? 'The node does not report.' }];
  }
  const pressure = (node.status?.conditions ?? [])
    .filter(({ type, status }) => /Pressure$/.test(type) && status === 'True');
  return pressure.map(({ type, message }) => ({ ...common, tone: 'bad', reason: type, message }));
}

function ofPods(pods) {
  const groups = new Map();
  for (const { trouble, owner, namespace, name } of pods) {
    if (!trouble) continue;
    const key = `${owner?.uid ?? `${namespace}/${name}`} ${trouble.reason}`;
    const group = groups.get(key);
    if (group) group.count += 1;
    else {
      const of = owner ?? { apiVersion: 'v1', kind: 'Pod', name };
      groups.set(key, { tone: /^(Unschedulable|SchedulingGated)$/.test(trouble.reason) ? 'busy' : 'bad',
        apiVersion: of.apiVersion, kind: of.kind, namespace, name: of.name, reason: trouble.reason,
        message: trouble.message ?? '', count: 1 });
    }
  }
  return [...groups.values()];
}

function ofWorkload({ resource, apiVersion, kind, item: { metadata, spec, status = {} } }) {
  if (health[resource]?.({ spec, status }) !== 'bad') return [];
  const found = (status.conditions ?? []).find(({ type, status: is }) =>
    (type === 'Progressing' && is === 'False') || (/^(ReplicaFailure|Failed)$/.test(type) && is === 'True'));
  return [{ tone: 'bad', apiVersion, kind, namespace: metadata.namespace, name: metadata.name, count: 1,
    reason: found?.reason ?? 'Failing', message: found?.message ?? '' }];
}

/** Claims that wait; those whose class waits for a first pod are well until there is one. */
function ofClaim({ metadata: { namespace, name }, spec, status = {} }, classes, pods) {
  const common = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, count: 1 };
  if (status.phase === 'Lost') return [{ ...common, tone: 'bad', reason: 'Lost', message: 'Its volume is gone.' }];
  if (status.phase !== 'Pending') return [];
  const found = classes.find(({ metadata }) => metadata.name === spec.storageClassName);
  const isUsed = pods.some((pod) => pod.namespace === namespace && pod.claims.includes(name));
  if (found?.volumeBindingMode === 'WaitForFirstConsumer' && !isUsed) return [];
  const message = spec.storageClassName ? `It waits for a volume of the class ${spec.storageClassName}.`
    : 'It waits for a volume that fits: no storage class makes one.';
  return [{ ...common, tone: 'busy', reason: 'Pending', message }];
}
