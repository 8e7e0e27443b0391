// Ages, quantities and words: how values of the API read to a person.

import { now } from './time.js';

const units = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

/** A duration as kubectl words it: 45s, 5m30s, 12m, 3h20m, 4d. */
export function duration(totalSeconds) {
  const seconds = Math.max(0, Math.floor(totalSeconds));
  const two = (large, largeUnit, small, smallUnit) => `${large}${largeUnit}${small ? small + smallUnit : ''}`;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3600);
  const days = Math.floor(seconds / 86_400);
  const years = Math.floor(days / 365);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (years < 2) return `${days}d`;
  return years < 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

/** The time since an RFC 3339 time, in words. */
export const age = (time) => (time ? duration((now() - Date.parse(time)) / 1000) : '–');

/** Splits a cell like "5m (x3 over 2h)" into { seconds, rest }, or null when it is no duration. */
export function parseDuration(text) {
  const match = /^((?:\d+[smhdy])+)( .*)?$/.exec(text);
  if (!match) return null;
  let seconds = 0;
  for (const [, count, unit] of match[1].matchAll(/(\d+)([smhdy])/g)) seconds += count * units[unit];
  return { seconds, rest: match[2] ?? '' };
}

const scales = { n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };
const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };

/** A resource quantity ("250m", "1.5Gi", "2e3") as a number; 0 when absent or malformed. */
export function quantity(text) {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(text ?? ''));
  if (!match) return 0;
  return Number(match[1]) * (match[2] ? scales[match[2]] ?? binary[match[2]] ?? 0 : 1);
}

export const cores = (number) => (number && number < 1 ? `${Math.round(number * 1000)}m` : `${+number.toFixed(1)}`);

export function bytes(number) {
  for (const unit of ['Ti', 'Gi', 'Mi', 'Ki']) {
    if (number >= binary[unit]) return `${+(number / binary[unit]).toFixed(1)} ${unit}B`;
  }
  return `${number} B`;
}

export const percent = (part, whole) => (whole > 0 ? Math.round((100 * part) / whole) : 0);

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Compares cells the way people sort: numbers as numbers, "web-2" before "web-10". */
export function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a ?? ''), String(b ?? ''));
}

const bad = new RegExp(['error', 'back-?off', 'fail', 'evict', 'oom', 'invalid', 'notready', 'not ready', 'unknown',
  'unschedulable', 'lost', 'warning', 'unhealthy', 'signal'].join('|'), 'i');
const busy = /^(pending|terminating|podinit|init:|containercreating|progress|released|schedulinggated|waiting|false)/i;
const done = /^(complete|succeeded)/i;
const good = /^(running|ready|active|bound|available|true|normal|established|healthy|approved)/i;

/** The tone of a status word: 'bad', 'busy', 'done', 'ok' or 'idle'. */
export function tone(word) {
  const text = String(word ?? '');
  if (text.includes('SchedulingDisabled')) return 'busy';
  if (bad.test(text)) return 'bad';
  if (busy.test(text)) return 'busy';
  if (done.test(text)) return 'done';
  return good.test(text) ? 'ok' : 'idle';
}

/** The tone of a count such as "1/3". */
export function readyTone(text) {
  const match = /^(\d+)\/(\d+)/.exec(text);
  if (!match) return null;
  if (match[2] === '0') return 'idle';
  return Number(match[1]) >= Number(match[2]) ? 'ok' : 'busy';
}

const bestFalse = /Pressure|Failure|Failed|Unavailable|Disruption|Dangling|Suspended|Limited|Denied|Terminating/;

/** Whether a condition's status is the one to hope for: pressure and failure are best False. */
export function conditionTone({ type, status }) {
  if (status === 'Unknown') return 'busy';
  return status === (bestFalse.test(type) ? 'False' : 'True') ? 'ok' : 'bad';
}
