// The first page: how the cluster does, at a glance and live.

import { list } from '../api.js';
import { apiPath, findKind, findResource, title } from '../discovery.js';
import { fill, h, redraw, throttle } from '../dom.js';
import { bytes, cores, percent, plural } from '../format.js';
import { ago, badge, card, empty, gauge, stack, trouble } from '../parts.js';
import { firstSteps } from '../places.js';
import { link, listHref, objectHref } from '../router.js';
import { scope } from '../scope.js';
import { follow } from '../watch.js';
import {
  eventTime, health, healthWords, newestFirst, nodeState, nodeUse, phases, phaseTones, podSummary,
} from './overview-data.js';

const refreshMilliseconds = 5000;
const warningsShown = 8;
const workloads = ['apps/deployments', 'apps/statefulsets', 'apps/daemonsets', 'batch/jobs', 'batch/cronjobs'];

export async function open() {
  const page = new Overview();
  return { title: 'Overview', element: page.element, stop: () => page.stop() };
}

function wide(element) {
  element.classList.add('wide');
  return element;
}

class Overview {
  constructor() {
    this.pods = new Map();
    this.warnings = new Map();
    this.nodes = null;
    this.workloads = new Map();
    const names = ['notice', 'pods', 'workloads', 'nodes', 'warnings'];
    this.places = Object.fromEntries(names.map((name) => [name, h('div')]));
    this.element = h('div.page', null,
      h('header.page-head', null, h('h1', null, 'Overview'), this.where = h('span.note')),
      this.places.notice,
      h('div.grid', null,
        card('Workloads', this.places.workloads), card('Pods', this.places.pods),
        wide(card('Nodes', this.places.nodes)), wide(card('Latest warnings', this.places.warnings))));
    this.draw = throttle(() => redraw(this.element, () => this.drawNow()), 60);
    this.refresh = throttle(() => this.loadRest(), 350);
    this.timer = setInterval(() => !document.hidden && this.loadRest(), refreshMilliseconds);
    this.unsubscribe = scope.onChange(() => this.begin());
    this.begin();
  }

  /**
   * Pods and warnings are watched; the health of workloads follows from pods, so it is listed again when they change.
   * Two streams a page leave room for other windows: browsers allow six connections to a server without HTTP/2.
   */
  begin() {
    this.end();
    fill(this.where, scope.namespace && `in ${scope.namespace}`);
    const onError = (error) => fill(this.places.notice, trouble(error, () => this.begin()));
    const keep = (map, shape, wanted = () => true) => ({
      onError,
      onList: ({ items }) => {
        map.clear();
        for (const item of items) if (wanted(item)) map.set(item.metadata.uid, shape(item));
        fill(this.places.notice);
        this.refresh();
        this.draw();
      },
      onEvents: (events) => {
        for (const { type, object } of events) {
          if (type === 'DELETED') map.delete(object.metadata.uid);
          else if (wanted(object)) map.set(object.metadata.uid, shape(object));
        }
        this.refresh();
        this.draw();
      },
    });
    this.pods.clear();
    this.warnings.clear();
    const core = (resource) => findResource('core', resource);
    const whole = (object) => object;
    this.feeds = [
      // Nodes carry the pods of all namespaces, so all pods are followed whatever the scope.
      follow({ path: apiPath(core('pods')) }, keep(this.pods, podSummary)),
      follow({ path: apiPath(core('events'), scope.namespace), query: { fieldSelector: 'type=Warning' } },
        keep(this.warnings, whole, ({ type }) => type === 'Warning')),
    ];
    this.loadRest();
  }

  async loadRest() {
    const asked = scope.namespace;
    const load = async (place, namespace) => {
      const kind = findResource(...place.split('/'));
      if (!kind) return [];
      // What cannot be listed now stays as it was; the watches tell what the matter is.
      return list(apiPath(kind, namespace)).then(({ items }) => items, () => null);
    };
    const [nodes, ...found] = await Promise.all([
      load('core/nodes'), ...workloads.map((place) => load(place, asked)),
    ]);
    if (asked !== scope.namespace) return;
    this.nodes = nodes ?? this.nodes;
    workloads.forEach((place, index) => found[index] && this.workloads.set(place, found[index]));
    this.draw();
  }

  drawNow() {
    this.drawWorkloads();
    this.drawPods();
    this.drawNodes();
    this.drawWarnings();
  }

  drawWorkloads() {
    const line = (place) => {
      const kind = findResource(...place.split('/'));
      if (!kind) return null;
      const items = this.workloads.get(place);
      if (!items) return h('li', null, link(listHref(kind), title(kind)), h('strong.absent', null, '…'));
      const tones = ['ok', 'busy', 'bad', 'idle'];
      const states = items.map(health[kind.resource]);
      const counts = tones.map((tone) => [tone, states.filter((state) => state === tone).length, healthWords[tone]]);
      const words = counts.filter(([, count]) => count).map(([tone, count, word]) => badge(`${count} ${word}`, tone));
      return h('li', null, link(listHref(kind), title(kind)), h('strong', null, items.length), stack(counts),
        h('span.words', null, words.length ? words : h('span.absent', null, 'none')));
    };
    fill(this.places.workloads, h('ul.workloads', null, workloads.map(line)));
  }

  drawPods() {
    const mine = [...this.pods.values()].filter(({ namespace }) => !scope.namespace || namespace === scope.namespace);
    const counts = phases(mine);
    const kind = findResource('core', 'pods');
    if (mine.length === 0) {
      return fill(this.places.pods, empty('No pods yet', 'Start something and watch it appear here.',
        firstSteps.deployments[0], firstSteps.pods[0]));
    }
    return fill(this.places.pods,
      h('p.big', null, link(listHref(kind), String(mine.length)), h('span', null, mine.length === 1 ? 'pod' : 'pods')),
      stack(counts.map(([phase, count]) => [phaseTones[phase], count, phase])),
      h('ul.legend', null, counts.map(([phase, count]) =>
        h('li', null, link(listHref(kind, { q: phase === 'Failing' ? 'Err' : phase }), badge(phase, phaseTones[phase])),
          h('strong', null, count)))));
  }

  drawNodes() {
    const pods = [...this.pods.values()];
    const kind = findResource('core', 'nodes');
    if (this.nodes === null) return fill(this.places.nodes);
    if (this.nodes.length === 0) {
      return fill(this.places.nodes, empty('No nodes', 'Pods wait until a node joins.', ...firstSteps.nodes));
    }
    const line = (node) => {
      const { name } = node.metadata;
      const use = nodeUse(node, pods);
      const bar = ({ used, of }, show, label) => {
        const share = percent(used, of);
        return gauge(share, `${show(used)} of ${show(of)}`, `${label} allocated on ${name}`);
      };
      return h('tr', null, h('th', { scope: 'row' }, link(objectHref(kind, null, name), name)),
        h('td', null, badge(nodeState(node))),
        h('td', null, bar(use.cpu, cores, 'CPU')), h('td', null, bar(use.memory, bytes, 'Memory')),
        h('td', null, bar(use.pods, String, 'Pods')));
    };
    const heads = ['Node', 'Status', 'CPU requested', 'Memory requested', 'Pods'];
    return fill(this.places.nodes, h('div.table-frame.inside', null, h('table', null,
      h('thead', null, h('tr', null, heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', null, this.nodes.map(line)))));
  }

  drawWarnings() {
    const latest = newestFirst(this.warnings.values()).slice(0, warningsShown);
    if (latest.length === 0) return fill(this.places.warnings, h('p.calm', null, 'All quiet: no warnings lately.'));
    return fill(this.places.warnings, h('ul.warnings', null, latest.map((event) => {
      const { kind: name, namespace, name: of, apiVersion } = event.involvedObject;
      const kind = findKind(apiVersion, name);
      return h('li', null,
        h('div', null, badge(event.reason, 'bad'), ' ',
          kind ? link(objectHref(kind, namespace, of), `${kind.singular}/${of}`) : `${name}/${of}`,
          h('span.note', null, ago(eventTime(event)), event.count > 1 && `, ${plural(event.count, 'time')}`)),
        h('p', null, event.message));
    })));
  }

  end() {
    for (const feed of this.feeds ?? []) feed.stop();
  }

  stop() {
    this.end();
    clearInterval(this.timer);
    this.draw.cancel();
    this.refresh.cancel();
    this.unsubscribe();
  }
}
