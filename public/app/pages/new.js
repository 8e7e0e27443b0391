// A new object of any kind, from a small example.

import { post } from '../api.js';
import { apiPath, discover, findResource, groupVersion, title } from '../discovery.js';
import { h, icon } from '../dom.js';
import { accepted, editor } from '../editor.js';
import { sameAs, toast } from '../parts.js';
import { link, listHref, objectHref } from '../router.js';
import { scope } from '../scope.js';
import { readYaml } from '../yaml-read.js';
import { yaml } from '../yaml.js';
import { examples } from './examples.js';

export async function open(route) {
  const [, group, resource] = route.path;
  if (!findResource(group, resource)) await discover();
  const kind = findResource(group, resource);
  if (!kind) throw new Error(`The server has no resource "${resource}" in the group "${group}".`);
  const namespace = kind.namespaced ? scope.namespace || 'default' : undefined;
  const start = {
    apiVersion: groupVersion(kind),
    kind: kind.kind,
    metadata: { name: 'example', namespace },
    ...(examples[kind.kind] ?? { spec: {} }),
  };
  const send = (text, dryRun) => {
    const object = readYaml(text);
    return post(apiPath(kind, object?.metadata?.namespace ?? namespace), object, { fieldValidation: 'Strict', dryRun });
  };
  const form = editor({
    text: yaml(start),
    actions: [
      { label: 'Create', primary: true, run: async (text) => {
        const { metadata } = await send(text);
        toast(`Created the ${kind.singular} ${metadata.name}`);
        location.hash = objectHref(kind, metadata.namespace, metadata.name);
      } },
      { label: 'Check', run: async (text) => (await send(text, 'All'), accepted('The server would accept this.')) },
      { label: 'Cancel', run: () => history.back() },
    ],
  });
  const element = h('div.page', null,
    h('nav.crumbs', { 'aria-label': 'Breadcrumb' }, link(listHref(kind), title(kind)), icon('right'),
      h('span', null, 'New')),
    h('header.page-head', null, h('h1', null, `New ${kind.kind}`)),
    form.element, sameAs('kubectl create -f FILE'));
  return { title: `New ${kind.kind}`, element };
}
