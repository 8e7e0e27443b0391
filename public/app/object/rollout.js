// The revisions of a workload, with the way back to each.

import { list, patch } from '../api.js';
import { apiPath, findResource } from '../discovery.js';
import { fill, h, icon, redraw, throttle } from '../dom.js';
import { target } from '../kubectl.js';
import { ago, ask, badge, card, sameAs, toast } from '../parts.js';
import { link, objectHref } from '../router.js';
import { selectorText } from './selector.js';

const revisionKey = 'deployment.kubernetes.io/revision';
const causeKey = 'kubernetes.io/change-cause';
const hashLabel = 'pod-template-hash';
const historyKinds = {
  deployments: 'replicasets', statefulsets: 'controllerrevisions', daemonsets: 'controllerrevisions',
};

export function rolloutCard(kind, object) {
  const history = kind.group === 'apps' && findResource('apps', historyKinds[kind.resource]);
  if (!history) return null;
  const body = h('div.table-frame.inside');
  const element = card(['Rollout history'], body);
  element.classList.add('table-card');
  let current = object;
  let stopped = false;

  const load = async () => {
    const labels = selectorText(current.spec.selector);
    const { items } = await list(apiPath(history, current.metadata.namespace), { query: { labelSelector: labels } })
      .catch(() => ({ items: [] }));
    if (stopped) return;
    const mine = items.filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid }) => uid === current.metadata.uid));
    const revisions = mine.map(history.resource === 'replicasets' ? ofReplicaSet : ofControllerRevision)
      .sort((a, b) => b.number - a.number);
    element.hidden = revisions.length === 0;
    redraw(body, () => fill(body, table(revisions)));
  };

  const table = (revisions) => h('table', null,
    h('thead', null, h('tr', null, ['Revision', history.kind, 'Images', 'Pods', 'Made', 'Why', 'Undo'].map((head) =>
      h('th', { scope: 'col' }, head)))),
    h('tbody', null, revisions.map((revision, index) => h('tr', null,
      h('th', { scope: 'row' }, revision.number),
      h('td', null, link(objectHref(history, current.metadata.namespace, revision.name), revision.name)),
      h('td', null, revision.images.map((image) => h('div', null, h('code', null, image)))),
      h('td', null, revision.pods && badge(...revision.pods)),
      h('td', null, ago(revision.made)),
      h('td', null, revision.cause ?? ''),
      h('td.row-action', null, index === 0 ? h('span.note', null, 'current')
        : h('button.quiet', { type: 'button', 'aria-label': `Roll back to revision ${revision.number}`,
          onclick: () => rollBack(kind, current, revision) }, icon('undo'), 'Roll back'))))));

  const reload = throttle(load, 400);
  load();
  return {
    element,
    update(next) {
      current = next;
      reload();
    },
    stop() {
      stopped = true;
      reload.cancel();
    },
  };
}

const imagesOf = (template) => (template?.spec?.containers ?? []).map(({ image }) => image);

function ofReplicaSet({ metadata, spec, status = {} }) {
  const template = structuredClone(spec.template);
  delete template.metadata?.labels?.[hashLabel];
  const have = status.readyReplicas ?? 0;
  const tone = spec.replicas === 0 ? 'idle' : have >= spec.replicas ? 'ok' : 'busy';
  return {
    number: Number(metadata.annotations?.[revisionKey] ?? 0),
    name: metadata.name,
    images: imagesOf(template),
    pods: [`${have}/${spec.replicas}`, tone],
    made: metadata.creationTimestamp,
    cause: metadata.annotations?.[causeKey],
    undo: ['json-patch', [{ op: 'replace', path: '/spec/template', value: template }]],
  };
}

function ofControllerRevision({ metadata, revision, data }) {
  return {
    number: revision,
    name: metadata.name,
    images: imagesOf(data?.spec?.template),
    made: metadata.creationTimestamp,
    cause: metadata.annotations?.[causeKey],
    undo: ['strategic-merge-patch', data],
  };
}

function rollBack(kind, { metadata }, { number, undo: [way, body] }) {
  const words = [h('p', null, `Its pods are replaced by pods of revision ${number}, which becomes the newest one.`),
    sameAs(`kubectl rollout undo ${target(kind, metadata)} --to-revision=${number}`)];
  ask(`Roll ${metadata.name} back?`, words, 'Roll back', async () => {
    await patch(apiPath(kind, metadata.namespace, metadata.name), body, way);
    toast(`Rolling ${metadata.name} back to revision ${number}`);
  });
}
