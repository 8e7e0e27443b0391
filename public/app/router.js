// Places in the dashboard are hash routes, since the paths of the server belong to the API.

import { h } from './dom.js';

/** The current place: { path: ['list', 'apps', 'deployments'], query: URLSearchParams }. */
export function currentRoute() {
  const [path, search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(search) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(path, query) {
  const search = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value)).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`;
}

const groupName = (kind) => kind.group || 'core';
export const listHref = (kind, query) => href(['list', groupName(kind), kind.resource], query);
export const objectHref = (kind, namespace, name, tab) =>
  href(['show', groupName(kind), kind.resource, (kind.namespaced && namespace) || '-', name, ...(tab ? [tab] : [])]);

export const link = (to, ...children) => h('a', { href: to }, ...children);

/** Keeps what the page shows in the address, without a step in the history. */
export function rememberQuery(query) {
  history.replaceState(null, '', href(currentRoute().path, query));
}
