// What ConfigMaps and Secrets hold. A secret value is shown only when asked for, one at a time.

import { fill, h } from '../dom.js';
import { plural } from '../format.js';
import { card, copy } from '../parts.js';

/** The annotation in which kubectl keeps what it applied. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

export const isSecret = (kind) => kind.resource === 'secrets' && kind.group === '';

export function dataCard(kind, object) {
  const secret = isSecret(kind);
  if (!secret && !(kind.resource === 'configmaps' && kind.group === '')) return null;
  const revealed = new Set();
  const list = h('dl.data');
  let current = object;

  const draw = () => {
    const entries = [
      ...Object.entries(current.data ?? {}).map(([key, value]) => [key, secret ? decode(value) : value]),
      ...Object.entries(current.binaryData ?? {}).map(([key, value]) => [key, decode(value)]),
    ];
    if (entries.length === 0) return fill(list, h('p.absent', null, 'It holds nothing.'));
    return fill(list, entries.map(([key, value]) => entry(key, value)));
  };

  const entry = (key, value) => {
    const shown = !secret || revealed.has(key);
    const flip = () => {
      if (!revealed.delete(key)) revealed.add(key);
      draw();
    };
    return h('div', null,
      h('dt', null, h('code', null, key), h('span.note', null, plural(value.length, 'character')), h('span.spring'),
        secret && h('button.quiet', { type: 'button', onclick: flip,
          'aria-label': `${shown ? 'Hide' : 'Reveal'} ${key}` },
          shown ? 'Hide' : 'Reveal'),
        h('button.quiet', { type: 'button', 'aria-label': `Copy ${key}`,
          onclick: () => copy(value, `Copied ${key}`) }, 'Copy')),
      h('dd', null, shown ? h('pre', null, value) : h('pre.masked', { 'aria-label': 'hidden' }, '••••••••••••')));
  };

  return {
    element: card('Data', list),
    update(next) {
      current = next;
      draw();
    },
  };
}

function decode(base64) {
  try {
    const binary = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(binary);
  } catch {
    return base64;
  }
}
