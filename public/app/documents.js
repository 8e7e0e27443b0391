// Several YAML documents in one text, and how each is brought to the server.

import { get, patch } from './api.js';
import { apiPath, discover, findKind } from './discovery.js';
import { readYaml } from './yaml-read.js';

const manager = 'swiftlet-dashboard';

/** The documents of a text: [{ object, lines: { first, last } }]; errors name the line in the whole text. */
export function readDocuments(text) {
  const whole = text.replace(/\r\n?/g, '\n');
  if (/^\s*[{[]/.test(whole)) return membersOf({ object: JSON.parse(whole), lines: { first: 0, last: Infinity } });
  const lines = whole.split('\n');
  const starts = [0, ...lines.flatMap((line, index) => (/^---(\s|$)/.test(line) ? [index + 1] : []))];
  return starts.flatMap((first, index) => {
    const last = index + 1 < starts.length ? starts[index + 1] - 1 : lines.length;
    const body = lines.slice(first, last);
    if (body.every((line) => /^\s*(#.*)?$/.test(line))) return [];
    try {
      return membersOf({ object: readYaml(body.join('\n')), lines: { first, last } });
    } catch (error) {
      throw new Error(error.message.replace(/^Line (\d+)/, (_, line) => `Line ${Number(line) + first}`));
    }
  });
}

const membersOf = (document) => (document.object?.kind === 'List' && Array.isArray(document.object.items)
  ? document.object.items.map((object) => ({ object, lines: document.lines })) : [document]);

/** Where an object goes: { kind, namespace, name }. */
async function placeOf(object, fallback) {
  const { apiVersion, kind: word, metadata } = object ?? {};
  if (!apiVersion || !word) throw new Error('An object needs apiVersion and kind.');
  if (!metadata?.name) throw new Error(`The ${word} needs metadata.name.`);
  // A kind may have come with a document before this one.
  const kind = findKind(apiVersion, word) ?? (await discover(), findKind(apiVersion, word));
  if (!kind) throw new Error(`The server has no kind ${word} in ${apiVersion}.`);
  return { kind, namespace: kind.namespaced ? metadata.namespace ?? fallback : undefined, name: metadata.name };
}

/** Applies one document in the server's own way; says { kind, namespace, name, done } with what happened. */
export async function apply({ object, lines }, { dryRun, namespace: fallback }) {
  try {
    const place = await placeOf(object, fallback);
    const path = apiPath(place.kind, place.namespace, place.name);
    const before = await get(path).catch(() => null);
    const query = { fieldManager: manager, fieldValidation: 'Strict', force: 'true', dryRun: dryRun ? 'All' : '' };
    const after = await patch(path, object, 'apply-patch', query);
    const same = before && before.metadata.generation === after.metadata.generation
      && (dryRun || before.metadata.resourceVersion === after.metadata.resourceVersion);
    return { ...place, done: !before ? 'created' : same ? 'unchanged' : 'configured' };
  } catch (error) {
    error.lines = lines;
    throw error;
  }
}
