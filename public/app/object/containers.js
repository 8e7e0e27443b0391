// The containers of a pod with their states, or those a template describes.

import { h } from '../dom.js';
import { age } from '../format.js';
import { badge, card, facts } from '../parts.js';

export function containersCard(object) {
  const isPod = object.kind === 'Pod';
  const spec = isPod ? object.spec : object.spec?.template?.spec ?? object.spec?.jobTemplate?.spec?.template?.spec;
  if (!spec?.containers) return null;
  const status = isPod ? object.status ?? {} : {};
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const box = (container, role) =>
    containerBox(container, role, isPod ? statuses.find(({ name }) => name === container.name) : null, isPod);
  return card(isPod ? 'Containers' : 'Pod template',
    h('div.containers', null,
      (spec.initContainers ?? []).map((container) =>
        box(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init')),
      spec.containers.map((container) => box(container, ''))));
}

function containerBox(container, role, status, isPod) {
  const last = status?.lastState?.terminated;
  return h('article.container', null,
    h('h3', null, container.name, role && h('span.note', null, role), isPod && stateBadge(status)),
    facts([
      ['Image', h('code', null, container.image)],
      ['State', stateText(status)],
      ['Restarts', status && String(status.restartCount ?? 0)],
      ['Last end', last && `${last.reason ?? 'Ended'}, exit code ${last.exitCode}, ${age(last.finishedAt)} ago`],
      ['Command', [...(container.command ?? []), ...(container.args ?? [])].join(' ')],
      ['Ports', (container.ports ?? []).map(({ name, containerPort, protocol = 'TCP' }) =>
        `${name ? `${name} ` : ''}${containerPort}/${protocol}`).join(', ')],
      ['Requests', amounts(container.resources?.requests)],
      ['Limits', amounts(container.resources?.limits)],
      ['Variables', (container.env ?? []).map(({ name }) => name).join(', ')],
      ['Mounts', (container.volumeMounts ?? []).map(({ name, mountPath }) => `${mountPath} (${name})`).join(', ')],
      ['Probes', ['startup', 'readiness', 'liveness'].map((name) => probe(name, container[`${name}Probe`]))
        .filter(Boolean).join(', ')],
    ]));
}

const amounts = (map) => Object.entries(map ?? {}).map(([name, amount]) => `${name} ${amount}`).join(', ');

function probe(name, rule) {
  if (!rule) return null;
  const what = rule.httpGet ? `GET ${rule.httpGet.path ?? '/'} on ${rule.httpGet.port}`
    : rule.tcpSocket ? `TCP ${rule.tcpSocket.port}`
      : rule.grpc ? `gRPC ${rule.grpc.port}` : 'command';
  return `${name}: ${what} every ${rule.periodSeconds ?? 10}s`;
}

function stateBadge(status) {
  const { running, terminated, waiting } = status?.state ?? {};
  if (running) return status.ready ? badge('Ready', 'ok') : badge('Not ready', 'busy');
  if (terminated) return badge(terminated.reason ?? 'Ended', terminated.exitCode === 0 ? 'idle' : 'bad');
  const reason = waiting?.reason ?? 'Waiting';
  return badge(reason, /BackOff|Err|Invalid/.test(reason) ? 'bad' : 'busy');
}

function stateText(status) {
  const { running, terminated, waiting } = status?.state ?? {};
  if (running) return `Running for ${age(running.startedAt)}`;
  if (terminated) return `Ended with exit code ${terminated.exitCode}, ${age(terminated.finishedAt)} ago`;
  return waiting?.message;
}
