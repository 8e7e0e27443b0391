// The events about an object, live.

import { tableAccept } from '../api.js';
import { apiPath, findResource } from '../discovery.js';
import { fill, h, throttle } from '../dom.js';
import { empty, problem } from '../parts.js';
import { ResourceTable } from '../table.js';
import { follow } from '../watch.js';

export function eventsTab(kind, { metadata }) {
  const events = findResource('core', 'events');
  const element = h('div');
  const quiet = empty('No events', 'Events are kept for about an hour, and this object has none of that age.',
    `kubectl describe ${kind.singular} ${metadata.name}${metadata.namespace ? ` -n ${metadata.namespace}` : ''}`);
  const onCount = (shown) => fill(element, shown ? table.element : quiet);
  const table = new ResourceTable(events, { allNamespaces: false, wide: false, onCount });
  const source = {
    // Events about objects without a namespace stand in "default".
    path: apiPath(events, metadata.namespace),
    query: { fieldSelector: `involvedObject.uid=${metadata.uid}` },
    accept: tableAccept,
  };
  const relist = throttle(() => feed.reload(), 300);
  const feed = follow(source, {
    onList: (list) => table.replace(list),
    onEvents: (changes) => table.apply(changes) || relist(),
    onError: (error) => error.code !== 0 && fill(element, problem(error)),
  });
  return {
    element,
    stop() {
      feed.stop();
      table.stop();
    },
  };
}
