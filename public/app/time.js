// The cluster's time. It need not be the browser's: a cluster may live ahead of it, faster, or stand still.

let at = Date.now();
let since = performance.now();
let speed = 1;

/** The cluster's time now, in milliseconds since 1970. */
export const now = () => at + (performance.now() - since) * speed;

/** Keeps to a clock that showed `milliseconds` just now and runs `rate` times as fast as the wall's. */
export function setTime(milliseconds, rate) {
  at = milliseconds;
  since = performance.now();
  speed = rate;
}
