// One object: what it is, its YAML, its events, its relatives, its logs, and what can be done to it.

import { apiPath, discover, findResource, named, title } from '../discovery.js';
import { fill, h, icon, redraw } from '../dom.js';
import { objectCommand } from '../kubectl.js';
import { actionButtons } from '../object/actions.js';
import { eventsTab } from '../object/events.js';
import { logsTab } from '../object/logs.js';
import { overviewTab } from '../object/overview.js';
import { treeTab } from '../object/tree.js';
import { hasPods, workloadLogsTab } from '../object/workload-logs.js';
import { yamlTab } from '../object/yaml-tab.js';
import { command, empty, trouble } from '../parts.js';
import { link, listHref, objectHref } from '../router.js';
import { follow } from '../watch.js';

/** Each tab takes (kind, object) and returns { element, update?(object), stop?() }. */
const tabs = [
  ['overview', 'Overview', overviewTab],
  ['yaml', 'YAML', yamlTab],
  ['events', 'Events', eventsTab],
  ['tree', 'Relatives', treeTab],
  ['logs', 'Logs', logsTab, ({ resource, group }) => resource === 'pods' && group === ''],
  ['logs', 'Logs', workloadLogsTab, hasPods],
];

export async function open(route) {
  const [, group, resource, namespace, name, tab] = route.path;
  if (!findResource(group, resource)) await discover();
  const kind = findResource(group, resource);
  if (!kind) throw new Error(`The server has no resource "${resource}" in the group "${group}".`);
  const page = new ObjectPage(kind, namespace === '-' ? null : namespace, name, tab);
  return { title: `${name} · ${kind.kind}`, element: page.element, stop: () => page.stop(),
    update: (next) => page.update(next) };
}

class ObjectPage {
  constructor(kind, namespace, name, tab) {
    Object.assign(this, { kind, namespace, name, tab: tab ?? 'overview', object: null, open: null });
    this.notice = h('div');
    this.actions = h('div.actions');
    this.panel = h('div.panel', { role: 'tabpanel', id: 'panel', tabindex: '-1' }, h('p.loading', null, 'Loading…'));
    this.tabList = h('div.tabs', { role: 'tablist', 'aria-label': 'Parts of the object',
      onkeydown: (event) => this.moveTab(event) });
    this.command = h('div');
    this.element = h('div.page', null,
      h('nav.crumbs', { 'aria-label': 'Breadcrumb' }, link(listHref(kind), title(kind)),
        namespace && [icon('right'), link(listHref(kind, { ns: namespace }), namespace)]),
      h('header.page-head', null, h('h1', null, name), h('span.note', null, kind.kind), h('span.spring'), this.actions),
      this.notice, h('div.tab-row', null, this.tabList, this.command), this.panel);
    this.drawTabs();
    this.feed = follow(
      { path: apiPath(kind, namespace), query: { fieldSelector: `metadata.name=${name}` },
        watchable: kind.verbs.includes('watch') },
      {
        onList: ({ items, ...rest }) => this.found(items[0] ?? null, rest),
        onEvents: (events) => this.changed(events.at(-1)),
        onError: (error) => fill(this.notice, trouble(error)),
      });
  }

  found(object) {
    fill(this.notice);
    if (object) return this.show(object);
    if (this.object) return this.gone();
    fill(this.actions);
    fill(this.tabList);
    return fill(this.panel, empty(`There is no ${this.kind.singular} "${this.name}"`,
      'It may have been deleted, or not be there yet: this page shows it as soon as it is.',
      `kubectl get ${this.kind.resource}${this.namespace ? ` -n ${this.namespace}` : ''}`));
  }

  changed({ type, object }) {
    if (type === 'DELETED') return this.gone();
    return this.show(object);
  }

  show(item) {
    const { kind } = this;
    const object = named(kind, item);
    const first = this.object === null || this.isGone;
    Object.assign(this, { object, isGone: false });
    if (first) {
      fill(this.notice);
      this.drawTabs();
      this.openTab();
    } else this.open?.update?.(object);
    if (object.metadata.deletionTimestamp) this.notify('This object is being deleted.');
    redraw(this.actions, () => fill(this.actions, actionButtons(kind, () => this.object)));
  }

  gone() {
    this.isGone = true;
    fill(this.actions);
    this.notify('This object is gone. What you see is how it was last. ',
      link(listHref(this.kind), `Back to ${title(this.kind)}`));
  }

  notify(...words) {
    fill(this.notice, h('p.banner', { role: 'status' }, ...words));
  }

  drawTabs() {
    this.shown = tabs.filter(([, , , fits]) => !fits || fits(this.kind));
    fill(this.tabList, this.shown.map(([id, label]) => {
      const selected = id === this.tab;
      return h('a', {
        role: 'tab', id: `tab-${id}`, href: objectHref(this.kind, this.namespace, this.name, id),
        'aria-selected': String(selected), 'aria-controls': 'panel', tabindex: selected ? '0' : '-1',
      }, label);
    }));
    this.panel.setAttribute('aria-labelledby', `tab-${this.tab}`);
    fill(this.command, command(objectCommand(this.kind, this, this.tab)));
  }

  openTab() {
    this.open?.stop?.();
    const [, , build] = this.shown.find(([id]) => id === this.tab) ?? this.shown[0];
    this.open = build(this.kind, this.object);
    fill(this.panel, this.open.element);
  }

  moveTab(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const links = [...this.tabList.children];
    const next = links[(links.indexOf(document.activeElement) + step + links.length) % links.length];
    next.focus();
    next.click();
  }

  /** Another tab of the same object needs no new page. */
  update({ path }) {
    const [page, group, resource, namespace, name, tab = 'overview'] = path;
    const same = page === 'show' && resource === this.kind.resource && group === (this.kind.group || 'core') &&
      name === this.name && namespace === (this.namespace ?? '-');
    if (!same) return false;
    if (tab !== this.tab) {
      const focused = this.tabList.contains(document.activeElement);
      this.tab = tab;
      this.drawTabs();
      if (this.object) this.openTab();
      if (focused) document.getElementById(`tab-${tab}`)?.focus();
    }
    return true;
  }

  stop() {
    this.feed.stop();
    this.open?.stop?.();
  }
}
