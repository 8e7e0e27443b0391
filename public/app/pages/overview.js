// The first page: how the cluster does, problems first, live.

import { list } from '../api.js';
import { apiPath, findResource, groupVersion } from '../discovery.js';
import { fill, h, redraw, throttle } from '../dom.js';
import { plural } from '../format.js';
import { usageOfNodes } from '../object/usage.js';
import { card, trouble } from '../parts.js';
import { link, listHref } from '../router.js';
import { scope } from '../scope.js';
import { follow } from '../watch.js';
import { podCounts, problemList, warningList, workloadList } from './overview-cards.js';
import { podSummary } from './overview-data.js';
import { nodesTable } from './overview-nodes.js';
import { problems } from './overview-problems.js';

const refreshMilliseconds = 5000;
const drawMilliseconds = 120;
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
    this.claims = [];
    this.classes = [];
    this.usage = new Map();
    this.workloads = new Map();
    const names = ['notice', 'problems', 'pods', 'workloads', 'nodes', 'warnings'];
    this.places = Object.fromEntries(names.map((name) => [name, h('div')]));
    this.places.notice.className = 'notices';
    this.problemCount = h('span.count');
    const { places } = this;
    const events = findResource('core', 'events');
    this.element = h('div.page', null,
      h('header.page-head', null, h('h1', null, 'Overview'), this.where = h('span.note')),
      places.notice,
      h('div.grid', null,
        wide(card(['Problems ', this.problemCount], places.problems)),
        card('Workloads', places.workloads), card('Pods', places.pods),
        wide(card('Nodes', places.nodes)),
        wide(card(['Latest warnings', h('span.spring'), link(listHref(events), 'All events')], places.warnings))));
    this.draw = throttle(() => redraw(this.element, () => this.drawNow()), drawMilliseconds);
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
    const notices = [h('div'), h('div')];
    fill(this.places.notice, notices);
    this.isBlind = false;
    const keep = (map, notice, shape, wanted = () => true) => ({
      onError: (error) => fill(notice, trouble(error, () => this.begin())),
      onList: ({ items }) => {
        map.clear();
        for (const item of items) if (wanted(item)) map.set(item.metadata.uid, shape(item));
        fill(notice);
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
    const pods = keep(this.pods, notices[0], podSummary);
    const warnings = keep(this.warnings, notices[1], (event) => event, ({ type }) => type === 'Warning');
    const followPods = (namespace, onError) => follow({ path: apiPath(core('pods'), namespace) }, { ...pods, onError });
    // Nodes carry the pods of all namespaces, so all pods are followed whatever the scope, by those who may.
    const narrower = (error) => {
      if (error.denied && scope.namespace) this.feeds[0] = followPods(scope.namespace, pods.onError);
      else {
        this.isBlind = error.denied;
        pods.onError(error);
        this.draw();
      }
    };
    this.feeds = [
      followPods('', narrower),
      follow({ path: apiPath(core('events'), scope.namespace), query: { fieldSelector: 'type=Warning' } },
        { ...warnings, onError: (error) => error.denied || warnings.onError(error) }),
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
    const [nodes, claims, classes, usage, ...found] = await Promise.all([
      load('core/nodes'), load('core/persistentvolumeclaims', asked), load('storage.k8s.io/storageclasses'),
      usageOfNodes(),
      ...workloads.map((place) => load(place, asked)),
    ]);
    if (asked !== scope.namespace) return;
    this.nodes = nodes ?? this.nodes;
    this.hasLoaded = true;
    this.claims = claims ?? this.claims;
    this.classes = classes ?? this.classes;
    this.usage = usage;
    workloads.forEach((place, index) => found[index] && this.workloads.set(place, found[index]));
    this.draw();
  }

  drawNow() {
    const { places, nodes } = this;
    const pods = [...this.pods.values()];
    const mine = pods.filter(({ namespace }) => !scope.namespace || namespace === scope.namespace);
    const { claims, classes } = this;
    const found = problems({ nodes: nodes ?? [], pods: mine, workloads: this.allWorkloads(), claims, classes });
    fill(this.where, [nodes && plural(nodes.length, 'node'), plural(mine.length, 'pod')].filter(Boolean).join(', '),
      scope.namespace && `, in ${scope.namespace}`);
    this.problemCount.textContent = found.length || '';
    const unknown = h('p.calm', null, 'Choose a namespace above that you have rights in.');
    fill(places.problems, this.isBlind ? unknown : problemList(found));
    fill(places.workloads, workloadList(this.workloads, workloads));
    fill(places.pods, podCounts(mine));
    const unseen = this.hasLoaded && h('p.calm', null, 'The nodes are not to be seen with your rights.');
    fill(places.nodes, nodes ? nodesTable(nodes, pods, this.usage) : unseen);
    fill(places.warnings, warningList([...this.warnings.values()]));
  }

  allWorkloads() {
    return workloads.flatMap((place) => {
      const kind = findResource(...place.split('/'));
      const common = kind && { resource: kind.resource, apiVersion: groupVersion(kind), kind: kind.kind };
      return (this.workloads.get(place) ?? []).map((item) => ({ ...common, item }));
    });
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
