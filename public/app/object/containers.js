// The containers of a pod with their states, or those a template describes.

import { h } from '../dom.js';
import { age } from '../format.js';
import { badge, card, facts } from '../parts.js';
import { envTable, mountTable, volumesOf } from './environment.js';
import { probeList } from './probes.js';

export function containersCard(object) {
  const isPod = object.kind === 'Pod';
  const spec = isPod ? object.spec : object.spec?.template?.spec ?? object.spec?.jobTemplate?.spec?.template?.spec;
  if (!spec?.containers) return null;
  const { namespace } = object.metadata;
  const status = isPod ? object.status ?? {} : {};
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? [])];
  const volumes = volumesOf(spec);
  const box = (container, role) => {
    const found = isPod ? statuses.find(({ name }) => name === container.name) : null;
    return containerBox(container, role, found, { isPod, namespace, volumes });
  };
  return card(isPod ? 'Containers' : 'Pod template',
    h('div.containers', null,
      (spec.initContainers ?? []).map((container) =>
        box(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init')),
      spec.containers.map((container) => box(container, '')),
      (spec.ephemeralContainers ?? []).map((container) => box(container, 'ephemeral'))));
}

function containerBox(container, role, status, { isPod, namespace, volumes }) {
  const last = status?.lastState?.terminated;
  return h('article.container', { 'aria-label': `Container ${container.name}` },
    h('h3', null, container.name, role && h('span.note', null, role), isPod && stateBadge(status),
      h('code.image', null, container.image)),
    facts([
      ['State', stateText(status)],
      ['Restarts', status && String(status.restartCount ?? 0)],
      ['Last end', last && `${last.reason ?? 'Ended'}, exit code ${last.exitCode}, ${age(last.finishedAt)} ago`],
      ['Command', commandText(container)],
      ['Ports', (container.ports ?? []).map(({ name, containerPort, protocol = 'TCP' }) =>
        `${name ? `${name} ` : ''}${containerPort}/${protocol}`).join(', ')],
      ['Requests', amounts(container.resources?.requests)],
      ['Limits', amounts(container.resources?.limits)],
    ]),
    probeList(container), envTable(container, namespace), mountTable(container, namespace, volumes));
}

const amounts = (map) => Object.entries(map ?? {}).map(([name, amount]) => `${name} ${amount}`).join(', ');

const commandText = ({ command = [], args = [] }) =>
  (command.length + args.length > 0 ? h('code', null, [...command, ...args].join(' ')) : null);

function stateBadge(status) {
  const { running, terminated, waiting } = status?.state ?? {};
  if (running) return status.ready ? badge('Ready', 'ok') : badge('Not ready', 'busy');
  if (terminated) return badge(terminated.reason ?? 'Ended', terminated.exitCode === 0 ? 'done' : 'bad');
  const reason = waiting?.reason ?? 'Waiting';
  return badge(reason, /BackOff|Err|Invalid/.test(reason) ? 'bad' : 'busy');
}

function stateText(status) {
  const { running, terminated } = status?.state ?? {};
  if (running) return `Running for ${age(running.startedAt)}`;
  if (terminated) return `Ended with exit code ${terminated.exitCode}, ${age(terminated.finishedAt)} ago`;
  return null;
}
