// What the probes of a container ask, how often, and how long they bear a failure.

import { h } from '../dom.js';

export function probeList(container) {
  const lines = ['startup', 'readiness', 'liveness'].flatMap((name) => {
    const rule = container[`${name}Probe`];
    return rule ? [h('tr', null, h('th', { scope: 'row' }, name), h('td', null, h('code', null, what(rule))),
      h('td', null, `every ${rule.periodSeconds ?? 10}s`),
      h('td', null, rule.initialDelaySeconds ? `after ${rule.initialDelaySeconds}s` : ''),
      h('td', null, `${rule.failureThreshold ?? 3} failures, timeout ${rule.timeoutSeconds ?? 1}s`))] : [];
  });
  return lines.length > 0 && h('div.sub', null, h('h4', null, 'Probes'),
    h('table.plain', null, h('tbody', null, lines)));
}

function what({ httpGet, tcpSocket, grpc, exec }) {
  if (httpGet) return `${httpGet.scheme === 'HTTPS' ? 'HTTPS ' : ''}GET ${httpGet.path ?? '/'} :${httpGet.port}`;
  if (tcpSocket) return `TCP :${tcpSocket.port}`;
  if (grpc) return `gRPC :${grpc.port}`;
  return (exec?.command ?? []).join(' ');
}
