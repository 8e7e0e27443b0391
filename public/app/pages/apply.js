// YAML of any kinds, one document or many: checked by the server without a trace, then applied.

import { apply, readDocuments } from '../documents.js';
import { h } from '../dom.js';
import { accepted, editor } from '../editor.js';
import { plural } from '../format.js';
import { sameAs } from '../parts.js';
import { link, objectHref } from '../router.js';
import { scope } from '../scope.js';
import { yaml } from '../yaml.js';
import { examples } from './examples.js';

const draftKey = 'swiftlet.draft';

const start = [
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'example' }, ...examples.Deployment },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'example' }, ...examples.Service },
].map(yaml).join('---\n');

export async function open() {
  const run = async (text, dryRun) => {
    sessionStorage.setItem(draftKey, text);
    const documents = readDocuments(text);
    if (documents.length === 0) throw new Error('There is nothing to apply.');
    const namespace = scope.namespace || 'default';
    const done = [];
    for (const document of documents) done.push(await apply(document, { dryRun, namespace }));
    return results(done, dryRun);
  };
  const box = editor({
    text: sessionStorage.getItem(draftKey) ?? start,
    label: 'YAML or JSON',
    actions: [
      { label: 'Apply', primary: true, run: (text) => run(text, false) },
      { label: 'Check', run: (text) => run(text, true) },
    ],
  });
  const element = h('div.page', null,
    h('header.page-head', null, h('h1', null, 'Apply YAML'),
      h('span.note', null, 'Documents are parted by ---. What has no namespace goes to the one chosen above.')),
    box.element, sameAs('kubectl apply --server-side --force-conflicts -f FILE'));
  return { title: 'Apply YAML', element };
}

function results(done, dryRun) {
  const heading = dryRun ? `The server would accept ${plural(done.length, 'object')}.`
    : `Applied ${plural(done.length, 'object')}.`;
  return h('div', null, accepted([heading,
    h('ul.applied', null, done.map(({ kind, namespace, name, done: what }) => {
      const words = `${kind.singular}/${name}`;
      return h('li', null, dryRun ? words : link(objectHref(kind, namespace, name), words),
        h('span.note', null, ` ${what}${namespace ? ` in ${namespace}` : ''}`));
    }))]));
}
