// A table of some objects of a kind, kept up to date: what a page shows beside its own object.

import { tableAccept } from './api.js';
import { apiPath } from './discovery.js';
import { fill, h, throttle } from './dom.js';
import { problem } from './parts.js';
import { ResourceTable } from './table.js';
import { follow } from './watch.js';

/**
 * `source` says which objects: { namespace, labels, fields, whole, keep(row) }. With `whole` each row has the object
 * itself, not only its metadata. A table watches unless `polled`: browsers allow six connections to a server, so a page
 * watches one table and asks again for the others. `nothing` is shown instead of no rows; `onRows(rows)` gets them.
 */
export function liveTable(kind, source, { nothing, polled = false, onRows } = {}) {
  const { namespace, labels, fields, whole, keep } = source;
  const element = h('div');
  const table = new ResourceTable(kind, {
    allNamespaces: !namespace, wide: false, keep,
    onCount: (shown) => {
      const wanted = shown ? table.element : nothing;
      if (element.firstChild !== wanted) fill(element, wanted);
      onRows?.([...table.rows.values()]);
    },
  });
  const query = { labelSelector: labels, fieldSelector: fields, includeObject: whole && 'Object' };
  const relist = throttle(() => feed.reload(), 300);
  const feed = follow({ path: apiPath(kind, namespace), query, accept: tableAccept, watchable: !polled }, {
    onList: (found) => table.replace(found),
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
