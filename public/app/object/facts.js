// The few facts that matter most of each kind, as [label, value] pairs.

import { findKind, findResource } from '../discovery.js';
import { h } from '../dom.js';
import { bytes, cores, quantity } from '../format.js';
import { badge } from '../parts.js';
import { href, link, objectHref } from '../router.js';
import { nodeState } from '../pages/overview-data.js';

export function keyFacts(object) {
  const { spec = {}, status = {}, kind } = object;
  return (byKind[kind] ?? general)(spec, status, object);
}

const byKind = {
  Pod: (spec, status, { metadata }) => [
    ['Phase', badge(metadata.deletionTimestamp ? 'Terminating' : status.reason ?? status.phase ?? 'Pending')],
    ['Node', spec.nodeName && objectLink('v1', 'Node', null, spec.nodeName)],
    ['Address', status.podIP],
    ['Service account', spec.serviceAccountName
      && objectLink('v1', 'ServiceAccount', metadata.namespace, spec.serviceAccountName)],
    ['Quality of service', status.qosClass],
    ['Restart policy', spec.restartPolicy],
    ['Priority', spec.priorityClassName ?? spec.priority],
  ],
  Deployment: (spec, status, object) => [
    ['Replicas', ready(status.readyReplicas, spec.replicas ?? 1)],
    ['Up to date', status.updatedReplicas ?? 0],
    ['Available', status.availableReplicas ?? 0],
    ['Strategy', spec.strategy?.type],
    ['Selector', podsLink(spec.selector, object)],
    ['Paused', spec.paused && 'yes'],
  ],
  ReplicaSet: (spec, status, object) => replicated(spec, status, object),
  StatefulSet: (spec, status, object) => [...replicated(spec, status, object), ['Service', spec.serviceName]],
  DaemonSet: (spec, status, object) => [
    ['Ready', ready(status.numberReady, status.desiredNumberScheduled ?? 0)],
    ['Up to date', status.updatedNumberScheduled ?? 0],
    ['Selector', podsLink(spec.selector, object)],
  ],
  Job: (spec, status, object) => [
    ['Completions', ready(status.succeeded, spec.completions ?? 1)],
    ['Active', status.active ?? 0],
    ['Failed', status.failed],
    ['Parallelism', spec.parallelism],
    ['Suspended', spec.suspend && 'yes'],
    ['Selector', podsLink(spec.selector, object)],
  ],
  CronJob: (spec, status) => [
    ['Schedule', h('code', null, spec.schedule)],
    ['Time zone', spec.timeZone],
    ['Suspended', spec.suspend ? 'yes' : 'no'],
    ['Active', status.active?.length ?? 0],
    ['Concurrency', spec.concurrencyPolicy],
    ['Last start', status.lastScheduleTime],
  ],
  Service: (spec, status, object) => [
    ['Type', spec.type],
    ['Cluster address', spec.clusterIP],
    ['External name', spec.externalName],
    ['Load balancer', (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname).join(', ')],
    ['Ports', (spec.ports ?? []).map(portText).join(', ')],
    ['Selector', podsLink({ matchLabels: spec.selector }, object)],
  ],
  Node: (spec, status, object) => [
    ['Status', badge(nodeState(object))],
    ['Addresses', (status.addresses ?? []).map(({ address }) => address).join(', ')],
    ['CPU', allocatable(status, 'cpu', cores)],
    ['Memory', allocatable(status, 'memory', bytes)],
    ['Pods', status.allocatable?.pods],
    ['Kubelet', status.nodeInfo?.kubeletVersion],
    ['Runtime', status.nodeInfo?.containerRuntimeVersion],
    ['System', [status.nodeInfo?.osImage, status.nodeInfo?.architecture].filter(Boolean).join(', ')],
    ['Taints', (spec.taints ?? []).map(({ key, value, effect }) =>
      `${key}${value ? `=${value}` : ''}:${effect}`).join(', ')],
  ],
  PersistentVolumeClaim: (spec, status) => [
    ['Phase', status.phase && badge(status.phase)],
    ['Asks for', spec.resources?.requests?.storage],
    ['Volume', spec.volumeName && objectLink('v1', 'PersistentVolume', null, spec.volumeName)],
    ['Class', spec.storageClassName],
    ['Access', spec.accessModes?.join(', ')],
  ],
  Secret: (spec, status, { type }) => [['Type', type]],
  Event: (spec, status, { type, reason, message, count, involvedObject = {} }) => [
    ['Type', badge(type)],
    ['Reason', reason],
    ['Message', message],
    ['Count', count],
    ['About', objectLink(involvedObject.apiVersion, involvedObject.kind, involvedObject.namespace,
      involvedObject.name)],
  ],
};

const portText = ({ name, port, targetPort, nodePort, protocol }) =>
  `${name ? `${name} ` : ''}${port}${nodePort ? `:${nodePort}` : ''}/${protocol ?? 'TCP'} → ${targetPort ?? port}`;

const allocatable = (status, name, show) =>
  `${show(quantity(status.allocatable?.[name]))} of ${show(quantity(status.capacity?.[name]))} allocatable`;

const replicated = (spec, status, object) => [
  ['Replicas', ready(status.readyReplicas, spec.replicas ?? 1)],
  ['Available', status.availableReplicas ?? 0],
  ['Selector', podsLink(spec.selector, object)],
];

/** What can be said of a kind nobody described: its phase, and the plain values of its spec. */
function general(spec, status) {
  const simple = typeof spec === 'object' ? Object.entries(spec).filter(([, value]) => typeof value !== 'object') : [];
  return [
    ['Phase', typeof status?.phase === 'string' && badge(status.phase)],
    ...simple.slice(0, 8).map(([key, value]) => [key, String(value)]),
  ];
}

const ready = (have = 0, wanted) =>
  badge(`${have} of ${wanted} ready`, wanted === 0 ? 'idle' : have >= wanted ? 'ok' : 'busy');

/** A link to the object a reference names, or its name when its kind is not served. */
export function objectLink(apiVersion, kindName, namespace, name) {
  const kind = findKind(apiVersion, kindName);
  return kind ? link(objectHref(kind, namespace, name), kindName === 'Node' ? name : `${kind.singular}/${name}`) : name;
}

function podsLink(selector, { metadata }) {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`).join(',');
  if (!labels || !findResource('core', 'pods')) return null;
  return link(href(['list', 'core', 'pods'], { ns: metadata.namespace, labels }), labels);
}
