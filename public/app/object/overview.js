// The overview of an object: why it is not well, key facts, conditions, containers, labels.

import { fill, h, redraw } from '../dom.js';
import { conditionTone } from '../format.js';
import { ago, badge, card, facts } from '../parts.js';
import { href, link, listHref } from '../router.js';
import { containersCard } from './containers.js';
import { dataCard, lastApplied } from './data.js';
import { keyFacts } from './facts.js';
import { pendingCard } from './pending.js';

export function overviewTab(kind, object) {
  const element = h('div.overview');
  // What a person has opened stays open while the object changes under it.
  const data = dataCard(kind, object);
  const pending = pendingCard(kind, object);
  const update = (now) => {
    pending?.update(now);
    data?.update(now);
    redraw(element, () => fill(element, pending?.element, factsCard(kind, now), conditionsCard(now),
      containersCard(now), data?.element, labelsCard(kind, now)));
  };
  update(object);
  return { element, update, stop: () => pending?.stop() };
}

function factsCard(kind, object) {
  const { metadata } = object;
  return card('Facts', facts([
    ...keyFacts(object),
    ['Namespace', metadata.namespace && link(listHref(kind, { ns: metadata.namespace }), metadata.namespace)],
    ['Created', metadata.creationTimestamp && ago(metadata.creationTimestamp)],
    ['Deletion asked', metadata.deletionTimestamp && ago(metadata.deletionTimestamp)],
    ['Finalizers', metadata.finalizers?.join(', ')],
    ['Generation', metadata.generation],
    ['UID', metadata.uid && h('code', null, metadata.uid)],
    ['Version', metadata.resourceVersion && h('code', null, metadata.resourceVersion)],
  ]));
}

function conditionsCard({ status }) {
  const conditions = (status?.conditions ?? []).filter(({ type }) => type);
  if (conditions.length === 0) return null;
  return card('Conditions', h('ul.conditions', null, conditions.map((condition) => {
    const { type, status: state, reason, message, lastTransitionTime } = condition;
    return h('li', null,
      h('div', null, badge(type, conditionTone(condition)), h('span.note', null,
        [state, reason].filter(Boolean).join(' · '), lastTransitionTime && [' · ', ago(lastTransitionTime)])),
      message && h('p', null, message));
  })));
}

function labelsCard(kind, { metadata }) {
  const labels = Object.entries(metadata.labels ?? {});
  // What was applied last is the whole object again, and for a Secret its values in clear.
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== lastApplied);
  if (labels.length + annotations.length === 0) return null;
  return card('Labels and annotations',
    labels.length > 0 && h('ul.chips', { 'aria-label': 'Labels' }, labels.map(([key, value]) =>
      h('li', null, h('a', { href: href(['list', kind.group || 'core', kind.resource], { labels: `${key}=${value}` }) },
        h('span', null, key), value)))),
    annotations.length > 0 && h('dl.annotations', { 'aria-label': 'Annotations' }, annotations.map(([key, value]) =>
      h('div', null, h('dt', null, key), h('dd', null, value)))));
}
