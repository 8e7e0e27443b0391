// The newest events about an object, beside it.

import { apiPath, findResource } from '../discovery.js';
import { fill, h } from '../dom.js';
import { plural } from '../format.js';
import { ago, badge, card } from '../parts.js';
import { link, objectHref } from '../router.js';
import { eventTime, newestFirst } from '../pages/overview-data.js';
import { follow } from '../watch.js';
import { aboutObject } from './events.js';

const most = 5;

export function latestEventsCard(kind, object) {
  const events = findResource('core', 'events');
  if (!events || kind.resource === 'events') return null;
  const { namespace, name } = object.metadata;
  const lines = h('ul.conditions');
  const all = link(objectHref(kind, namespace, name, 'events'), 'All');
  const element = card(['Latest events', h('span.spring'), all], lines);
  element.hidden = true;
  let current = object;
  const source = aboutObject(kind, object.metadata);
  const path = apiPath(events, source.namespace);
  const feed = follow({ path, query: { fieldSelector: source.fields }, watchable: false }, {
    onList({ items }) {
      const said = new Set((current.status?.conditions ?? []).map(({ message }) => message));
      element.hidden = items.length === 0;
      fill(lines, newestFirst(items).slice(0, most).map((event) => line(event, said)));
    },
  });
  return {
    element,
    update(next) {
      current = next;
    },
    stop: feed.stop,
  };
}

/** What a condition of the object says already is not said again. */
const line = (event, said) => h('li', null,
  h('div', null, badge(event.reason, event.type === 'Warning' ? 'bad' : 'idle'),
    h('span.note', null, ago(eventTime(event)), event.count > 1 && `, ${plural(event.count, 'time')}`)),
  !said.has(event.message) && h('p', null, event.message));
