// A small YAML printer. It yields tokens, so that one printer serves plain text and tinted lines alike.

/** Plain text that YAML readers take for something else than a string. */
const reserved = new RegExp(`^(?:${[
  '', '~', 'null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', '[-+]?\\.inf', '\\.nan',
  '[-+]?[\\d_]*\\.?[\\d_]+\\.?(?:e[-+]?\\d+)?', '0[box][\\da-f_]+', '\\d+(?::\\d+)+(?:\\.\\d*)?',
  '\\d{4}-\\d\\d?-\\d\\d?.*',
].join('|')})$`, 'i');
const unprintable = /[\x00-\x08\x0b-\x1f\x7f\u0085\u2028\u2029\ufeff]/;
const indicator = /^(?:-\s|-$|---|[\s?:,[\]{}#&*!|>'"%@`=])|\s$|: |:$| #|\t/;
const first = ['apiVersion', 'kind', 'metadata', 'spec', 'data'];

/** The YAML text of a JSON value. */
export const yaml = (value) => [...yamlTokens(value)].map(([, text]) => text).join('');

/** Yields [type, text] with type 'key', 'string', 'number', 'word', 'mark' or 'space'. */
export function* yamlTokens(value) {
  if (isBranch(value)) yield* branch(order(value), '');
  else yield* leaf(value, '');
}

const isBranch = (value) => value !== null && typeof value === 'object' && Object.keys(value).length > 0;

/** Names first and status last; everything else stays as the server sends it. */
function order(value) {
  if (Array.isArray(value) || !value.kind) return value;
  const { status, ...rest } = value;
  const named = Object.fromEntries(first.filter((key) => key in rest).map((key) => [key, rest[key]]));
  return { ...named, ...rest, ...(status === undefined ? {} : { status }) };
}

function* branch(value, indent, startsInline = false) {
  let inline = startsInline;
  const list = Array.isArray(value);
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue;
    if (!inline) yield ['space', indent];
    inline = false;
    if (list) {
      yield ['mark', '- '];
      if (isBranch(child)) yield* branch(child, `${indent}  `, true);
      else yield* leaf(child, `${indent}  `);
      continue;
    }
    yield ['key', plainSafe(key) ? key : JSON.stringify(key)];
    yield ['mark', ':'];
    if (!isBranch(child)) {
      yield ['space', ' '];
      yield* leaf(child, `${indent}  `);
    } else {
      yield ['space', '\n'];
      yield* branch(child, Array.isArray(child) ? indent : `${indent}  `);
    }
  }
}

function* leaf(value, indent) {
  if (typeof value === 'string') {
    yield ['string', value.includes('\n') ? block(value, indent) : scalar(value)];
  } else if (typeof value === 'number') yield ['number', String(value)];
  else if (value === null || typeof value === 'boolean') yield ['word', String(value)];
  else yield ['mark', Array.isArray(value) ? '[]' : '{}'];
  yield ['space', '\n'];
}

const plainSafe = (text) => !reserved.test(text) && !indicator.test(text) && !unprintable.test(text);

function scalar(text) {
  if (plainSafe(text)) return text;
  return text.includes('"') && !/['\t]/.test(text) && !unprintable.test(text) ? `'${text}'` : JSON.stringify(text);
}

function block(text, indent) {
  if (unprintable.test(text) || /^[ \n\t]/.test(text)) return JSON.stringify(text);
  const chomp = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return `|${chomp}\n${body.split('\n').map((line) => (line ? (indent || '  ') + line : '')).join('\n')}`;
}
