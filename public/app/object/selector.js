// Label selectors as text, as the API and kubectl take them.

const operators = {
  In: ({ key, values }) => `${key} in (${values.join(',')})`,
  NotIn: ({ key, values }) => `${key} notin (${values.join(',')})`,
  Exists: ({ key }) => key,
  DoesNotExist: ({ key }) => `!${key}`,
};

/** "app=web,tier in (a,b)"; '' selects everything, null is no selector at all. */
export function selectorText(selector) {
  if (!selector) return null;
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const others = (selector.matchExpressions ?? []).map((rule) => operators[rule.operator]?.(rule)).filter(Boolean);
  return [...equal, ...others].join(',');
}
