// The cards of the overview that count: problems, workloads, pods by phase, the latest warnings.

import { findKind, findResource, title } from '../discovery.js';
import { h } from '../dom.js';
import { plural } from '../format.js';
import { ago, badge, empty, stack } from '../parts.js';
import { firstSteps } from '../places.js';
import { link, listHref, objectHref } from '../router.js';
import { eventTime, health, healthWords, newestFirst, phases, phaseTones } from './overview-data.js';

const warningsShown = 8;
const problemsShown = 12;

/** A link to an object of any kind, with its namespace beside it. */
function reference(apiVersion, name, namespace, of) {
  const kind = findKind(apiVersion, name);
  return [kind ? link(objectHref(kind, namespace, of), `${kind.singular}/${of}`) : `${name}/${of}`,
    namespace && h('span.note', null, `in ${namespace}`)];
}

export function problemList(found) {
  if (found.length === 0) return h('p.calm', null, badge('All is well: nothing fails, nothing waits.', 'ok'));
  return [h('ul.problems', null, found.slice(0, problemsShown).map((problem) => h('li', null,
    badge(problem.reason, problem.tone),
    h('div', null,
      h('p.subject', null, reference(problem.apiVersion, problem.kind, problem.namespace, problem.name),
        problem.count > 1 && h('span.note', null, plural(problem.count, 'pod'))),
      problem.message && h('p.message', null, problem.message))))),
  found.length > problemsShown && h('p.note', null, `and ${found.length - problemsShown} more`)];
}

export function workloadList(workloads, places) {
  const line = (place) => {
    const kind = findResource(...place.split('/'));
    if (!kind) return null;
    const items = workloads.get(place);
    if (!items) return h('li', null, link(listHref(kind), title(kind)), h('strong.absent', null, '…'));
    const states = items.map(health[kind.resource]);
    const counts = Object.keys(healthWords)
      .map((tone) => [tone, states.filter((state) => state === tone).length, healthWords[tone]]);
    const words = counts.filter(([, count]) => count).map(([tone, count, word]) => badge(`${count} ${word}`, tone));
    return h('li', null, link(listHref(kind), title(kind)), h('strong', null, items.length), stack(counts),
      h('span.words', null, words.length ? words : h('span.absent', null, 'none')));
  };
  return h('ul.workloads', null, places.map(line));
}

export function podCounts(pods) {
  const kind = findResource('core', 'pods');
  if (pods.length === 0) {
    return empty('No pods yet', 'Start something and watch it appear here.', firstSteps.deployments[0],
      firstSteps.pods[0]);
  }
  const counts = phases(pods);
  return [
    h('p.big', null, link(listHref(kind), String(pods.length)), h('span', null, pods.length === 1 ? 'pod' : 'pods')),
    stack(counts.map(([phase, count]) => [phaseTones[phase], count, phase])),
    h('ul.legend', null, counts.map(([phase, count]) =>
      h('li', null, link(listHref(kind, { q: words[phase] ?? phase }), badge(phase, phaseTones[phase])),
        h('strong', null, count))))];
}

/** What the list of pods says of a phase, where it uses another word. */
const words = { Failing: 'err', Succeeded: 'Completed' };

export function warningList(warnings) {
  const latest = newestFirst(warnings).slice(0, warningsShown);
  if (latest.length === 0) return h('p.calm', null, badge('All quiet: no warnings lately.', 'ok'));
  return h('ul.warnings', null, latest.map((event) => {
    const { kind, namespace, name, apiVersion } = event.involvedObject;
    return h('li', null,
      h('div', null, badge(event.reason, 'bad'), ' ', reference(apiVersion, kind, namespace, name),
        h('span.note', null, ago(eventTime(event)), event.count > 1 && `, ${plural(event.count, 'time')}`)),
      h('p', null, event.message));
  }));
}
