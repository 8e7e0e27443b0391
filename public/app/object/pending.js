// Why a pod does not run: what the scheduler said, what its containers wait for, and its latest warnings.

import { apiPath, findResource } from '../discovery.js';
import { fill, h } from '../dom.js';
import { tone } from '../format.js';
import { ago, badge } from '../parts.js';
import { eventTime, newestFirst } from '../pages/overview-data.js';
import { follow } from '../watch.js';
import { verdictCard } from './verdict.js';

export function pendingCard(kind, pod) {
  if (kind.resource !== 'pods' || kind.group !== '') return null;
  const why = h('section.card.why', { hidden: true, 'aria-label': 'Why this pod is not running' });
  const element = h('div.part', null, why);
  const warnings = new Map();
  let current = pod;
  let feed = null;
  let verdict = null;

  const draw = () => {
    const reasons = reasonsOf(current);
    why.hidden = reasons.length === 0;
    if (why.hidden) return;
    // Events that say again what the conditions say are left out.
    const latest = newestFirst(warnings.values())
      .filter(({ message }) => !reasons.some(([, text]) => text?.includes(message))).slice(0, 3);
    fill(why, h('h2', null, current.status?.phase === 'Pending' ? 'Why it is pending' : 'What is wrong'),
      h('ul.conditions', null,
        reasons.map(([reason, text]) =>
          h('li', null, badge(reason, tone(reason) === 'bad' ? 'bad' : 'busy'), text && h('p', null, text))),
        latest.map((event) => h('li', null, badge(event.reason, 'bad'),
          h('span.note', null, ago(eventTime(event))), h('p', null, event.message)))));
  };

  const watchWarnings = () => {
    const events = findResource('core', 'events');
    const query = { fieldSelector: `involvedObject.uid=${current.metadata.uid},type=Warning` };
    const keep = (event) => warnings.set(event.metadata.uid, event);
    feed = follow({ path: apiPath(events, current.metadata.namespace), query }, {
      onList({ items }) {
        items.forEach(keep);
        draw();
      },
      onEvents(changes) {
        for (const { type, object } of changes) if (type !== 'DELETED') keep(object);
        draw();
      },
    });
  };

  const explain = (isWaiting) => {
    if (isWaiting === Boolean(verdict)) return verdict?.update();
    verdict?.stop();
    verdict?.element.remove();
    verdict = isWaiting ? verdictCard(current) : null;
    if (verdict) element.append(verdict.element);
    return undefined;
  };

  return {
    element,
    update(next) {
      current = next;
      const unwell = reasonsOf(next).length > 0;
      if (unwell && !feed) watchWarnings();
      if (!unwell) {
        feed?.stop();
        feed = null;
      }
      explain(!next.spec.nodeName && next.status?.phase === 'Pending');
      draw();
    },
    stop() {
      feed?.stop();
      verdict?.stop();
    },
  };
}

/** What keeps a pod from running, as [reason, message] pairs; none when it is well or finished. */
function reasonsOf({ spec, status = {} }) {
  const reasons = [];
  const scheduled = (status.conditions ?? []).find(({ type }) => type === 'PodScheduled');
  if (status.phase === 'Failed') reasons.push([status.reason ?? 'Failed', status.message ?? '']);
  if (scheduled?.status === 'False') reasons.push([scheduled.reason ?? 'Unschedulable', scheduled.message]);
  else if (status.phase === 'Pending' && !spec.nodeName) {
    reasons.push(['Waiting', 'The scheduler has not placed it on a node yet.']);
  }
  for (const { name, state } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const { reason, message } = state?.waiting ?? {};
    if (reason) reasons.push([reason, `Container "${name}"${message ? `: ${message}` : ' is waiting.'}`]);
  }
  return reasons;
}
