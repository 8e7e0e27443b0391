// The few facts that matter most of each kind, as [label, value] pairs.

import { h } from '../dom.js';
import { quantity } from '../format.js';
import { ago, badge } from '../parts.js';
import { nodeState } from '../pages/overview-data.js';
import { objectLink, ownerLinks, podsLink, referenceLink } from './links.js';

export function keyFacts(object) {
  const { spec = {}, status = {}, kind } = object;
  const owners = ownerLinks(object);
  return [...(byKind[kind] ?? general)(spec, status, object), ['Controlled by', owners.length > 0 && owners]];
}

const byKind = {
  Pod: (spec, status, { metadata }) => [
    ['Status', badge(podStatus(metadata, status))],
    ['Node', spec.nodeName && objectLink('v1', 'Node', null, spec.nodeName)],
    ['Address', status.podIP],
    ['Restarts', (status.containerStatuses ?? []).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)],
    ['Quality of service', status.qosClass],
    ['Service account', spec.serviceAccountName
      && objectLink('v1', 'ServiceAccount', metadata.namespace, spec.serviceAccountName)],
    ['Restart policy', spec.restartPolicy],
    ['Priority', spec.priorityClassName ?? spec.priority],
  ],
  Deployment: (spec, status, object) => [
    ['Replicas', ready(status.readyReplicas, spec.replicas ?? 1)],
    ['Up to date', status.updatedReplicas ?? 0],
    ['Available', status.availableReplicas ?? 0],
    ['Strategy', spec.strategy?.type],
    ['Selector', podsLink(spec.selector, object)],
    ['Paused', spec.paused && badge('paused', 'busy')],
  ],
  ReplicaSet: (spec, status, object) => replicated(spec, status, object),
  ReplicationController: (spec, status, object) =>
    replicated({ ...spec, selector: { matchLabels: spec.selector } }, status, object),
  StatefulSet: (spec, status, object) => [...replicated(spec, status, object),
    ['Service', spec.serviceName && objectLink('v1', 'Service', object.metadata.namespace, spec.serviceName)]],
  DaemonSet: (spec, status, object) => [
    ['Ready', ready(status.numberReady, status.desiredNumberScheduled ?? 0)],
    ['Up to date', status.updatedNumberScheduled ?? 0],
    ['Selector', podsLink(spec.selector, object)],
  ],
  Job: (spec, status) => [
    ['Completions', ready(status.succeeded, spec.completions ?? 1, 'done')],
    ['Active', status.active ?? 0],
    ['Failed', status.failed],
    ['Parallelism', spec.parallelism],
    ['Tries', spec.backoffLimit],
    ['Suspended', spec.suspend && badge('suspended', 'busy')],
    ['Started', status.startTime && ago(status.startTime)],
    ['Completed', status.completionTime && ago(status.completionTime)],
  ],
  CronJob: (spec, status) => [
    ['Schedule', h('code', null, spec.schedule)],
    ['Time zone', spec.timeZone],
    ['Suspended', spec.suspend ? badge('suspended', 'busy') : 'no'],
    ['Active', status.active?.length ?? 0],
    ['Concurrency', spec.concurrencyPolicy],
    ['Last start', status.lastScheduleTime && ago(status.lastScheduleTime)],
    ['Last success', status.lastSuccessfulTime && ago(status.lastSuccessfulTime)],
  ],
  Service: (spec, status, object) => [
    ['Type', spec.type],
    ['Cluster address', spec.clusterIP],
    ['External name', spec.externalName],
    ['Load balancer', (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname).join(', ')],
    ['Ports', (spec.ports ?? []).map(portText).join(', ')],
    ['Selector', podsLink(spec.selector && { matchLabels: spec.selector }, object)],
  ],
  Node: (spec, status, object) => [
    ['Status', badge(nodeState(object))],
    ['Addresses', (status.addresses ?? []).map(({ address }) => address).join(', ')],
    ['Kubelet', status.nodeInfo?.kubeletVersion],
    ['Runtime', status.nodeInfo?.containerRuntimeVersion],
    ['System', [status.nodeInfo?.osImage, status.nodeInfo?.architecture].filter(Boolean).join(', ')],
    ['Taints', (spec.taints ?? []).map(({ key, value, effect }) =>
      `${key}${value ? `=${value}` : ''}:${effect}`).join(', ')],
  ],
  PersistentVolumeClaim: (spec, status) => [
    ['Phase', status.phase && badge(status.phase)],
    ['Asks for', spec.resources?.requests?.storage],
    ['Has', status.capacity?.storage],
    ['Volume', spec.volumeName && objectLink('v1', 'PersistentVolume', null, spec.volumeName)],
    ['Class', spec.storageClassName && objectLink('storage.k8s.io/v1', 'StorageClass', null, spec.storageClassName)],
    ['Access', (status.accessModes ?? spec.accessModes)?.join(', ')],
    ['Mode', spec.volumeMode],
  ],
  PersistentVolume: (spec, status) => [
    ['Phase', status.phase && badge(status.phase)],
    ['Size', spec.capacity?.storage],
    ['Claim', spec.claimRef && objectLink('v1', 'PersistentVolumeClaim', spec.claimRef.namespace, spec.claimRef.name)],
    ['Class', spec.storageClassName && objectLink('storage.k8s.io/v1', 'StorageClass', null, spec.storageClassName)],
    ['When released', spec.persistentVolumeReclaimPolicy],
    ['Access', spec.accessModes?.join(', ')],
  ],
  HorizontalPodAutoscaler: (spec, status, { metadata: { namespace } }) => [
    ['Scales', referenceLink(spec.scaleTargetRef, namespace)],
    ['Replicas', `${status.currentReplicas ?? 0}, wants ${status.desiredReplicas ?? 0}`],
    ['Bounds', `${spec.minReplicas ?? 1} to ${spec.maxReplicas}`],
    ['Metrics', (spec.metrics ?? []).map((metric) => metricText(metric, status)).join(', ')],
    ['Last scaled', status.lastScaleTime && ago(status.lastScaleTime)],
  ],
  ResourceQuota: (spec, status) => Object.entries(spec.hard ?? {}).map(([name, hard]) => {
    const used = status.used?.[name] ?? '0';
    return [name, badge(`${used} of ${hard}`, quantity(used) >= quantity(hard) ? 'busy' : 'ok')];
  }),
  PodDisruptionBudget: (spec, status) => [
    ['May be disrupted now', badge(String(status.disruptionsAllowed ?? 0), status.disruptionsAllowed ? 'ok' : 'busy')],
    ['Healthy', `${status.currentHealthy ?? 0}, needs ${status.desiredHealthy ?? 0}`],
    ['At least', spec.minAvailable], ['At most down', spec.maxUnavailable],
  ],
  Lease: (spec) => [['Holder', spec.holderIdentity], ['Renewed', spec.renewTime && ago(spec.renewTime)],
    ['Lasts', spec.leaseDurationSeconds && `${spec.leaseDurationSeconds}s`]],
  Secret: (spec, status, { type }) => [['Type', type]],
  Event: (spec, status, { type, reason, message, count, involvedObject = {} }) => [
    ['Type', badge(type)],
    ['Reason', reason],
    ['Message', message],
    ['Count', count],
    ['About', referenceLink(involvedObject, involvedObject.namespace)],
  ],
};

/** What matters most of a pod's state: that it ends, what its containers wait for, or its phase. */
function podStatus({ deletionTimestamp }, { reason, phase, containerStatuses = [] }) {
  if (deletionTimestamp) return 'Terminating';
  const failing = containerStatuses.map(({ state }) => state?.waiting?.reason)
    .find((word) => /BackOff|Err/.test(word ?? ''));
  return failing ?? reason ?? phase ?? 'Pending';
}

const portText = ({ name, port, targetPort, nodePort, protocol }) =>
  `${name ? `${name} ` : ''}${port}${nodePort ? `:${nodePort}` : ''}/${protocol ?? 'TCP'} → ${targetPort ?? port}`;

function metricText({ type, resource }, { currentMetrics }) {
  if (type !== 'Resource') return type;
  const now = currentMetrics?.find((metric) => metric.resource?.name === resource.name)?.resource.current;
  const { averageUtilization, averageValue, value } = resource.target;
  const wanted = averageUtilization ? `${averageUtilization}%` : averageValue ?? value;
  const seen = averageUtilization ? now && `${now.averageUtilization}%` : now?.averageValue;
  return `${resource.name} ${seen ?? 'unknown'} of ${wanted}`;
}

const replicated = (spec, status, object) => [
  ['Replicas', ready(status.readyReplicas, spec.replicas ?? 1)],
  ['Available', status.availableReplicas ?? 0],
  ['Selector', podsLink(spec.selector, object)],
];

/** What can be said of a kind nobody described: its phase, and the plain values of its spec. */
function general(spec, status) {
  const simple = spec && typeof spec === 'object'
    ? Object.entries(spec).filter(([, value]) => typeof value !== 'object') : [];
  return [
    ['Phase', typeof status?.phase === 'string' && badge(status.phase)],
    ...simple.slice(0, 8).map(([key, value]) => [key, String(value)]),
  ];
}

const ready = (have = 0, wanted, full = 'ok') =>
  badge(`${have} of ${wanted} ${full === 'ok' ? 'ready' : 'done'}`,
    wanted === 0 ? 'idle' : have >= wanted ? full : 'busy');
