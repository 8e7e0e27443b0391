// Why a pod does not run: what the scheduler said, what its containers wait for, and its latest warnings.

import { apiPath, findResource } from '../discovery.js';
import { fill, h } from '../dom.js';
import { tone } from '../format.js';
import { ago, badge } from '../parts.js';
import { eventTime, newestFirst } from '../pages/overview-data.js';
import { follow } from '../watch.js';

export function pendingCard(kind, pod) {
  if (kind.resource !== 'pods' || kind.group !== '') return null;
  const element = h('section.card.why', { hidden: true, 'aria-label': 'Why this pod is not running' });
  const warnings = new Map();
  let current = pod;
  let feed = null;

  const draw = () => {
    const reasons = reasonsOf(current);
    element.hidden = reasons.length === 0;
    if (element.hidden) return;
    const latest = newestFirst(warnings.values()).slice(0, 3);
    fill(element, h('h2', null, current.status?.phase === 'Pending' ? 'Why it is pending' : 'What is wrong'),
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
      draw();
    },
    stop: () => feed?.stop(),
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
