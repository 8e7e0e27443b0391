// References between objects, as links.

import { findKind, findResource } from '../discovery.js';
import { href, link, objectHref } from '../router.js';
import { selectorText } from './selector.js';

/** A link to the object a reference names, or its name when its kind is not served. */
export function objectLink(apiVersion, kindName, namespace, name) {
  const kind = findKind(apiVersion, kindName);
  return kind ? link(objectHref(kind, namespace, name), kindName === 'Node' ? name : `${kind.singular}/${name}`) : name;
}

/** A link for { apiVersion, kind, name }, as owners and targets are written. */
export const referenceLink = ({ apiVersion, kind, name }, namespace) => objectLink(apiVersion, kind, namespace, name);

/** A link to the pods a selector means. */
export function podsLink(selector, { metadata }) {
  const labels = selectorText(selector);
  if (!labels || !findResource('core', 'pods')) return null;
  return link(href(['list', 'core', 'pods'], { ns: metadata.namespace, labels }), labels);
}

/** Links to the owners of an object. */
export const ownerLinks = ({ metadata: { namespace, ownerReferences = [] } }) =>
  ownerReferences.map((owner, index) => [index > 0 && ', ', referenceLink(owner, namespace)]);
