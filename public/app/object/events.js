// The events about an object, live.

import { findResource } from '../discovery.js';
import { liveTable } from '../live-table.js';
import { empty } from '../parts.js';

/** Which events are about an object: { namespace, fields }. */
export function aboutObject(kind, { namespace, name, uid }) {
  // Events about objects without a namespace stand in "default", and kubelets know nodes by their name alone.
  const fields = namespace ? `involvedObject.uid=${uid}`
    : `involvedObject.kind=${kind.kind},involvedObject.name=${name}`;
  return { namespace: namespace ?? 'default', fields };
}

export function eventsTab(kind, { metadata }) {
  const nothing = empty('No events', 'Events are kept for about an hour, and this object has none of that age.');
  return liveTable(findResource('core', 'events'), aboutObject(kind, metadata), { nothing });
}
