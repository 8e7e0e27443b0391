// Why a pod does not run: what the scheduler said, node by node, and what its containers wait for.

import { fill, h } from '../dom.js';
import { tone } from '../format.js';
import { badge } from '../parts.js';
import { verdictCard } from './verdict.js';

export function pendingCard(kind, pod) {
  if (kind.resource !== 'pods' || kind.group !== '') return null;
  const why = h('section.card.why', { hidden: true, 'aria-label': 'Why this pod is not running' });
  const element = h('div.part', null, why);
  let verdict = null;

  const draw = ({ status, ...rest }) => {
    const reasons = reasonsOf({ status, ...rest });
    why.hidden = reasons.length === 0;
    fill(why, h('h2', null, status?.phase === 'Pending' ? 'Why it is pending' : 'What is wrong'),
      h('ul.conditions', null, reasons.map(([reason, text]) =>
        h('li', null, badge(reason, tone(reason) === 'bad' ? 'bad' : 'busy'), text && h('p', null, text)))));
  };

  const explain = (isWaiting) => {
    if (isWaiting === Boolean(verdict)) return verdict?.update();
    verdict?.stop();
    verdict?.element.remove();
    verdict = isWaiting ? verdictCard(pod) : null;
    if (verdict) element.append(verdict.element);
    return undefined;
  };

  return {
    element,
    update(next) {
      draw(next);
      explain(!next.spec.nodeName && next.status?.phase === 'Pending');
    },
    stop: () => verdict?.stop(),
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
