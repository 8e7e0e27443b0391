// The list of one kind, whichever it is: live, filtered, sorted, scoped to a namespace.

import { tableAccept } from '../api.js';
import { apiPath, discover, findResource, title } from '../discovery.js';
import { debounce, fill, h, icon, throttle } from '../dom.js';
import { Facets } from '../facets.js';
import { plural } from '../format.js';
import { listCommand } from '../kubectl.js';
import { command, empty, toggle, trouble } from '../parts.js';
import { firstSteps, meanings } from '../places.js';
import { href, link, rememberQuery } from '../router.js';
import { scope } from '../scope.js';
import { ResourceTable } from '../table.js';
import { follow } from '../watch.js';

const wideKey = 'swiftlet.wide';

export async function open(route) {
  const [, group, resource] = route.path;
  let kind = findResource(group, resource);
  if (!kind) {
    // A custom kind may have come since the start.
    await discover();
    kind = findResource(group, resource);
  }
  if (!kind) throw new Error(`The server has no resource "${resource}" in the group "${group}".`);
  const page = new ListPage(kind, route.query);
  return { title: title(kind), element: page.element, stop: () => page.stop(), update: (next) => page.update(next) };
}

class ListPage {
  constructor(kind, query) {
    this.kind = kind;
    if (query.has('ns')) scope.namespace = query.get('ns');
    this.labels = query.get('labels') ?? '';
    this.text = query.get('q') ?? '';
    this.count = h('span.count');
    this.notice = h('div');
    this.place = h('div.table-place');
    this.facets = new Facets(kind, () => this.table.draw());
    this.command = h('div');
    this.element = h('div.page', null, this.header(), this.toolbar(), this.facets.element, this.notice, this.place);
    this.unsubscribe = kind.namespaced ? scope.onChange(() => this.begin()) : () => {};
    this.begin();
  }

  header() {
    const { kind } = this;
    const meaning = meanings[kind.resource];
    return h('header.page-head', null, h('h1', null, title(kind)), this.count,
      meaning && h('span.note.meaning', null, meaning), h('span.spring'),
      link(href(['explain', `${kind.group || 'core'}.${kind.version}.${kind.kind}`]), 'Fields'),
      kind.verbs.includes('create')
        && h('a.button', { href: href(['new', kind.group || 'core', kind.resource]) }, icon('plus'), 'New'));
  }

  toolbar() {
    this.restart = debounce(() => this.begin(), 400);
    const filterBox = h('input', {
      type: 'search', placeholder: 'Filter', 'aria-label': 'Filter by text', 'aria-keyshortcuts': 'f',
      value: this.text, spellcheck: false,
      oninput: (event) => {
        this.text = event.target.value;
        this.table?.set({ filter: this.text });
        this.remember();
      },
    });
    const labelBox = h('input', {
      type: 'text', placeholder: 'Labels: app=web, tier!=db', 'aria-label': 'Label selector', value: this.labels,
      spellcheck: false, autocomplete: 'off',
      oninput: (event) => {
        this.labels = event.target.value.trim();
        this.restart();
      },
    });
    const wide = toggle('All columns', localStorage.getItem(wideKey) === '1', (on) => {
      localStorage.setItem(wideKey, on ? '1' : '0');
      this.table.set({ wide: on });
    });
    return h('div.toolbar', { role: 'search' }, filterBox, labelBox, wide, h('span.spring'), this.command);
  }

  remember() {
    const ns = this.kind.namespaced ? scope.namespace : '';
    rememberQuery({ ns, q: this.text, labels: this.labels });
  }

  /** Starts over: another namespace or selector is another list. */
  begin() {
    this.end();
    this.remember();
    const { kind } = this;
    const wide = localStorage.getItem(wideKey) === '1';
    const onCount = (...counts) => this.counted(...counts);
    const { facets } = this;
    this.table = new ResourceTable(kind, { allNamespaces: !scope.namespace, wide, facets, onCount });
    fill(this.command, command(listCommand(kind, scope.namespace, this.labels)));
    this.table.filter = this.text;
    const source = {
      path: apiPath(kind, scope.namespace),
      query: { labelSelector: this.labels },
      accept: tableAccept,
      watchable: kind.verbs.includes('watch'),
    };
    fill(this.notice);
    fill(this.place, h('p.loading', null, 'Loading…'));
    const relist = throttle(() => this.feed.reload(), 300);
    this.feed = follow(source, {
      onList: (table) => {
        fill(this.notice);
        if (this.place.firstChild !== this.table.element) fill(this.place, this.table.element);
        this.table.replace(table);
      },
      // A server that watches in plain objects cannot say how cells look: list again instead.
      onEvents: (events) => this.table.apply(events) || relist(),
      onError: (error) => {
        fill(this.notice, trouble(error, () => this.begin()));
        if (error.denied || error.code >= 400) fill(this.place);
      },
    });
  }

  counted(shown, all) {
    this.count.textContent = shown === all ? String(all) : `${shown} of ${all}`;
    this.count.setAttribute('aria-label', plural(shown, 'row'));
    const { resource } = this.kind;
    const where = this.kind.namespaced && scope.namespace ? ` in ${scope.namespace}` : '';
    this.table.element.hidden = shown === 0;
    const nothing = this.element.querySelector('.empty');
    if (shown > 0) return nothing?.remove();
    const note = all > 0 || this.labels
      ? empty('Nothing matches', 'Take a word out of the filter or the selector, or lift a chip.')
      : empty(`No ${title(this.kind)}${where}`,
        meanings[resource] ?? 'There are none at present. They show up here by themselves.',
        ...(firstSteps[resource] ?? [`kubectl get ${resource}${this.kind.group ? `.${this.kind.group}` : ''}`]));
    if (nothing) nothing.replaceWith(note);
    else this.place.append(note);
    return undefined;
  }

  /** The same list with another query needs no new page. */
  update({ path, query }) {
    if (path[0] !== 'list' || path[2] !== this.kind.resource || path[1] !== (this.kind.group || 'core')) return false;
    if ((query.get('labels') ?? '') !== this.labels) return false;
    if (query.has('ns') && query.get('ns') !== scope.namespace) scope.namespace = query.get('ns');
    else this.remember();
    return true;
  }

  end() {
    this.feed?.stop();
    this.table?.stop();
  }

  stop() {
    this.restart.cancel();
    this.end();
    this.unsubscribe();
  }
}
