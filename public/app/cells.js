// How one cell of a server-made Table is shown: ages tick, states are badges, names are links.

import { findKind, findWord } from './discovery.js';
import { h } from './dom.js';
import { age, duration, parseDuration, readyTone, tone } from './format.js';
import { badge } from './parts.js';
import { link, objectHref } from './router.js';
import { now } from './time.js';

const stateColumns = new Set(['Status', 'Phase', 'Type', 'State', 'Condition']);
const tickingColumns = new Set(['Last Seen', 'First Seen', 'Last Schedule']);

/**
 * A row as the table keeps it; `at` is when its cells were true, `done` says that it ran to its end, and `object` is
 * the whole object where that was asked for.
 */
export const rowOf = ({ cells, object, conditions }) => ({
  cells,
  object: object?.kind === 'PartialObjectMetadata' ? null : object,
  meta: object?.metadata ?? {},
  at: now(),
  done: conditions?.some(({ type, status }) => type === 'Completed' && status === 'True'),
});

export const rowKey = ({ meta }) => meta.uid ?? `${meta.namespace}/${meta.name}`;

/** What sorting and filtering by a column compare. */
export function sortValue(row, column, index) {
  if (column.name === 'Age' && row.meta.creationTimestamp) return -Date.parse(row.meta.creationTimestamp);
  const cell = row.cells[index];
  const parsed = typeof cell === 'string' && parseDuration(cell);
  return parsed ? parsed.seconds : cell;
}

/** The text of a cell now, which for ages differs from the text the server sent a while ago. */
export function cellText(row, column, index) {
  const cell = row.cells[index];
  if (column.name === 'Age' && row.meta.creationTimestamp) return age(row.meta.creationTimestamp);
  if (tickingColumns.has(column.name) && typeof cell === 'string') {
    const parsed = parseDuration(cell);
    if (parsed) return duration(parsed.seconds + (now() - row.at) / 1000) + parsed.rest;
  }
  return cell === null || cell === undefined ? '' : String(cell);
}

export const ticks = ({ name }) => name === 'Age' || tickingColumns.has(name);

/** The node for a cell: text, badge or link. */
export function cellContent(kind, row, column, index) {
  const text = cellText(row, column, index);
  if (column.format === 'name' || (column.name === 'Name' && index === 0)) {
    return link(objectHref(kind, row.meta.namespace, row.meta.name), text);
  }
  if (kind.resource === 'events') return eventContent(kind, row, column, text);
  if (column.name === 'Node' && text && text !== '<none>') return nodeLink(text);
  if (stateColumns.has(column.name) && text && !(column.name === 'Type' && tone(text) === 'idle')) return badge(text);
  const ready = column.name === 'Ready' ? readyTone(text) : null;
  if (ready) return badge(text, row.done ? 'done' : ready);
  return column.type === 'boolean' ? badge(text, text === 'true' ? 'ok' : 'idle') : quiet(text);
}

function eventContent(kind, row, column, text) {
  if (column.name === 'Type') return badge(text);
  if (column.name === 'Reason') return link(objectHref(kind, row.meta.namespace, row.meta.name), text);
  if (column.name !== 'Object') return quiet(text);
  const [word, ...name] = text.split('/');
  const target = findWord(word);
  return target && name.length ? link(objectHref(target, row.meta.namespace, name.join('/')), text) : text;
}

function nodeLink(name) {
  const node = findKind('v1', 'Node');
  return node ? link(objectHref(node, null, name), name) : name;
}

/** Absent values step back. */
const quiet = (text) => (/^<(none|unset|unknown)>$/.test(text) ? h('span.absent', null, text) : text);
