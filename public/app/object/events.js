// The events about an object, live.

import { findResource } from '../discovery.js';
import { liveTable } from '../live-table.js';
import { empty } from '../parts.js';

export function eventsTab(kind, { metadata }) {
  const nothing = empty('No events', 'Events are kept for about an hour, and this object has none of that age.');
  // Events about objects without a namespace stand in "default", and kubelets know nodes by their name alone.
  const fields = metadata.namespace ? `involvedObject.uid=${metadata.uid}`
    : `involvedObject.kind=${kind.kind},involvedObject.name=${metadata.name}`;
  const source = { namespace: metadata.namespace ?? 'default', fields };
  return liveTable(findResource('core', 'events'), source, { nothing });
}
