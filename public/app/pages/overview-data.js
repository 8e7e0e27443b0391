// What the overview knows, as plain values computed from plain lists.

import { quantity } from '../format.js';

/** How a workload of each kind does: 'ok', 'busy', 'bad', 'done' or 'idle'. */
export const health = {
  deployments: ({ spec, status = {} }) => replicas(spec.replicas ?? 1, status.availableReplicas, status),
  statefulsets: ({ spec, status = {} }) => replicas(spec.replicas ?? 1, status.readyReplicas, status),
  daemonsets: ({ status = {} }) => replicas(status.desiredNumberScheduled ?? 0, status.numberAvailable, status),
  jobs: ({ spec, status = {} }) => {
    if (hasCondition(status, 'Failed')) return 'bad';
    if (hasCondition(status, 'Complete')) return 'done';
    return spec.suspend ? 'idle' : 'busy';
  },
  cronjobs: ({ spec }) => (spec.suspend ? 'idle' : 'ok'),
};

export const healthWords = { ok: 'healthy', busy: 'in progress', bad: 'failing', done: 'complete', idle: 'at rest' };

function replicas(wanted, have = 0, status) {
  if (wanted === 0) return 'idle';
  if (have >= wanted) return 'ok';
  return hasCondition(status, 'ReplicaFailure') || hasCondition(status, 'Progressing', 'False') ? 'bad' : 'busy';
}

const hasCondition = ({ conditions = [] }, type, status = 'True') =>
  conditions.some((condition) => condition.type === type && condition.status === status);

/** The little the overview keeps of a pod. */
export function podSummary({ metadata, spec, status = {} }) {
  const active = status.phase !== 'Succeeded' && status.phase !== 'Failed';
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const waiting = statuses.map(({ state }) => state?.waiting).find((state) => /BackOff|Err/.test(state?.reason ?? ''));
  const unplaced = (status.conditions ?? []).find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  return {
    phase: waiting ? 'Failing' : metadata.deletionTimestamp ? 'Terminating' : status.phase ?? 'Unknown',
    trouble: waiting ?? unplaced
      ?? (status.phase === 'Failed' ? { reason: status.reason ?? 'Failed', message: status.message } : null),
    name: metadata.name,
    namespace: metadata.namespace,
    claims: (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : [])),
    owner: metadata.ownerReferences?.find(({ controller }) => controller),
    node: active ? spec.nodeName : undefined,
    active,
    cpu: podRequest(spec, 'cpu'),
    memory: podRequest(spec, 'memory'),
  };
}

/** What a pod asks of its node: the sum of its containers, or its largest init container if that is more. */
function podRequest(spec, resource) {
  const of = ({ resources }) => quantity(resources?.requests?.[resource]);
  const running = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  const sum = running.reduce((total, container) => total + of(container), 0);
  const starting = Math.max(0, ...(spec.initContainers ?? []).map(of));
  return Math.max(sum, starting) + quantity(spec.overhead?.[resource]);
}

const isSidecar = ({ restartPolicy }) => restartPolicy === 'Always';

export const phaseTones = {
  Running: 'ok', Pending: 'busy', Terminating: 'busy', Failing: 'bad', Failed: 'bad', Unknown: 'bad', Succeeded: 'done',
};

/** Pods counted by phase, in the order of phaseTones: [phase, count]. */
export function phases(pods) {
  const counts = Object.fromEntries(Object.keys(phaseTones).map((phase) => [phase, 0]));
  for (const { phase } of pods) counts[phase] = (counts[phase] ?? 0) + 1;
  return Object.entries(counts).filter(([, count]) => count > 0);
}

/** What the pods on a node ask for: { pods, cpu, memory }, each { used, of }. */
export function nodeUse({ status = {} }, pods) {
  const active = pods.filter((pod) => pod.active);
  const limit = status.allocatable ?? status.capacity ?? {};
  const sum = (key) => active.reduce((total, pod) => total + pod[key], 0);
  return {
    pods: { used: active.length, of: quantity(limit.pods) },
    cpu: { used: sum('cpu'), of: quantity(limit.cpu) },
    memory: { used: sum('memory'), of: quantity(limit.memory) },
  };
}

export function nodeState({ spec = {}, status = {} }) {
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready');
  const word = ready?.status === 'True' ? 'Ready' : ready?.status === 'False' ? 'NotReady' : 'Unknown';
  return spec.unschedulable ? `${word},SchedulingDisabled` : word;
}

export const eventTime = ({ lastTimestamp, eventTime: exact, series, firstTimestamp, metadata }) =>
  series?.lastObservedTime ?? lastTimestamp ?? exact ?? firstTimestamp ?? metadata.creationTimestamp;

export const newestFirst = (events) => [...events].sort((a, b) => (eventTime(a) < eventTime(b) ? 1 : -1));
