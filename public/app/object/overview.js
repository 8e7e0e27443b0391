// The overview of an object: why it is not well, key facts, what belongs to it, and what is known of any object.

import { fill, h, redraw } from '../dom.js';
import { conditionTone } from '../format.js';
import { ago, badge, card, facts } from '../parts.js';
import { href, link, listHref } from '../router.js';
import { containersCard } from './containers.js';
import { dataCard, lastApplied } from './data.js';
import { endpointsCard } from './endpoints.js';
import { keyFacts } from './facts.js';
import { latestEventsCard } from './latest-events.js';
import { nodeCards } from './node-use.js';
import { pendingCard } from './pending.js';
import { relatedCards } from './related.js';
import { rolloutCard } from './rollout.js';
import { rulesCard } from './rules.js';
import { usageCard } from './usage.js';
import { verdictCard } from './verdict.js';

export function overviewTab(kind, object) {
  // What a person has opened, and tables that follow the cluster, stay while the object changes under them.
  const isPlaced = kind.resource === 'pods' && kind.group === '' && object.spec.nodeName;
  const lasting = { pending: pendingCard(kind, object), node: nodeCards(kind, object),
    related: relatedCards(kind, object), endpoints: endpointsCard(kind, object), rollout: rolloutCard(kind, object),
    data: dataCard(kind, object), events: latestEventsCard(kind, object),
    placement: isPlaced && verdictCard(object), usage: usageCard(kind, object) };
  const { pending, node, related, endpoints, rollout, data, events, placement, usage } = lasting;
  const top = h('div.part');
  const below = h('div.part');
  const state = h('div.part');
  const about = h('div.part');
  const element = h('div.overview', null,
    h('div.overview-main', null, top, pending?.element, node?.elements, related.elements, endpoints?.element,
      rollout?.element, data?.element, usage?.element, below, placement?.element),
    h('aside.overview-side', { 'aria-label': 'About the object' }, state, events?.element, about));
  const update = (now) => {
    for (const part of Object.values(lasting)) part?.update?.(now);
    redraw(element, () => {
      fill(top, factsCard(now));
      fill(below, rulesCard(now), containersCard(now));
      fill(state, conditionsCard(now));
      fill(about, aboutCard(kind, now), labelsCard(kind, now), annotationsCard(now));
    });
  };
  update(object);
  return { element, update, stop: () => Object.values(lasting).forEach((part) => part?.stop?.()) };
}

function factsCard(object) {
  const pairs = keyFacts(object).filter(([, value]) => ![undefined, null, '', false].includes(value));
  return pairs.length > 0 && card(null, facts(pairs));
}

const aboutCard = (kind, { metadata }) => card('About', facts([
  ['Namespace', metadata.namespace && link(listHref(kind, { ns: metadata.namespace }), metadata.namespace)],
  ['Created', metadata.creationTimestamp && ago(metadata.creationTimestamp)],
  ['Deletion asked', metadata.deletionTimestamp && ago(metadata.deletionTimestamp)],
  ['Finalizers', metadata.finalizers?.join(', ')],
  ['Generation', metadata.generation],
  ['Version', metadata.resourceVersion && h('code', null, metadata.resourceVersion)],
  ['UID', metadata.uid && h('code', null, metadata.uid)],
]));

function conditionsCard({ kind, status }) {
  const conditions = (status?.conditions ?? []).filter(({ type }) => type);
  if (conditions.length === 0) return null;
  return card('Conditions', h('ul.conditions', null, conditions.map((condition) => {
    const { type, status: state, reason, message, lastTransitionTime } = condition;
    return h('li', null,
      h('div', null, badge(type, conditionTone(condition)), h('span.note', null,
        [state, reason].filter(Boolean).join(' · '), lastTransitionTime && [' · ', ago(lastTransitionTime)])),
      // Why a pod finds no node stands at the top of its page.
      message && !(kind === 'Pod' && type === 'PodScheduled') && h('p', null, message));
  })));
}

function labelsCard(kind, { metadata }) {
  const labels = Object.entries(metadata.labels ?? {});
  return labels.length > 0 && card('Labels', h('ul.chips', { 'aria-label': 'Labels' }, labels.map(([key, value]) =>
    h('li', null, h('a', { href: href(['list', kind.group || 'core', kind.resource], { labels: `${key}=${value}` }) },
      h('span', null, key), value)))));
}

function annotationsCard({ metadata }) {
  // What was applied last is the whole object again, and for a Secret its values in clear.
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== lastApplied);
  return annotations.length > 0 && card('Annotations', h('dl.annotations', { 'aria-label': 'Annotations' },
    annotations.map(([key, value]) => h('div', null, h('dt', null, key), h('dd', null, value)))));
}
