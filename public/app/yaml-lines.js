// Which line of a YAML text a field of it stands on, to show what is wrong with a field where it is.

/** "spec.containers[0].image" and "metadata.labels[a.b/c]" as their steps. */
function fieldSteps(field) {
  const steps = [];
  for (const [, name, inside] of field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (name !== undefined) steps.push(name);
    else steps.push(/^\d+$/.test(inside) ? Number(inside) : inside.replace(/^"(.*)"$/, '$1'));
  }
  return steps;
}

const entry = /^(\s*)((?:- +)*)(-$)?(?:("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#][^#:]*?|[^\s#]\S*?)\s*:(?:\s|$))?/;

/** Each line that begins something: { line, depth, key, dashes }; `depth` is the column its key stands in. */
function outline(lines) {
  const found = [];
  lines.forEach((text, line) => {
    if (/^\s*(#|$)/.test(text)) return;
    const [, spaces, dashes, bare, key] = entry.exec(text);
    let column = spaces.length;
    for (const dash of dashes.match(/- +/g) ?? []) {
      found.push({ line, depth: column, item: true });
      column += dash.length;
    }
    if (bare) found.push({ line, depth: column, item: true });
    else if (key) found.push({ line, depth: column, key: key.replace(/^(["'])(.*)\1$/, '$2') });
  });
  return found;
}

/** The line, counted from 0, of the deepest part of `field` that the text has; null when it has none of it. */
function lineOf(text, field, first = 0, last = Infinity) {
  const isOutside = (line, index) => index < first || index >= last || /^---/.test(line);
  const lines = text.split('\n').map((line, index) => (isOutside(line, index) ? '' : line));
  const parts = outline(lines);
  let from = 0;
  let to = parts.length;
  let parent = -1;
  let best = null;
  for (const step of fieldSteps(field)) {
    const inside = parts.slice(from, to);
    const members = inside.filter(({ depth, item }) => (typeof step === 'number' ? item : !item) && depth >= parent);
    const depth = Math.min(...members.map((part) => part.depth));
    const level = members.filter((part) => part.depth === depth);
    const found = typeof step === 'number' ? level[step] : level.find(({ key }) => key === step);
    if (!found) break;
    best = found.line;
    const at = parts.indexOf(found);
    // A list may stand in the same column as the key that holds it.
    const end = parts.findIndex((part, index) => index > at && index < to
      && (part.depth < found.depth || (part.depth === found.depth && (found.item || !part.item))));
    from = at + 1;
    to = end === -1 ? to : end;
    parent = found.depth;
  }
  return best;
}

/** The document around a line, counted from 0: { first, last }, without the marks between documents. */
function documentAround(lines, line) {
  const isMark = (text) => /^---(\s|$)/.test(text);
  const first = lines.slice(0, line + 1).findLastIndex(isMark) + 1;
  const next = lines.findIndex((text, index) => index > line && isMark(text));
  return { first, last: next === -1 ? lines.length : next };
}

/** The field a line stands in: { apiVersion, kind, path } with the names that lead to it; null between documents. */
export function fieldAt(text, line) {
  const lines = text.split('\n');
  const { first, last } = documentAround(lines, line);
  if (line < first) return null;
  const inside = lines.map((content, index) => (index >= first && index < last ? content : ''));
  const word = (name) => inside.map((content) => new RegExp(`^${name}:\\s*["']?([^"'\\s#]+)`).exec(content)?.[1])
    .find(Boolean);
  const stack = [];
  for (const part of outline(inside)) {
    if (part.line > line) break;
    // A list may stand in the same column as the key that holds it.
    const isOutside = (other) => other.depth > part.depth
      || (other.depth === part.depth && !(part.item && !other.item));
    while (stack.length > 0 && isOutside(stack.at(-1))) stack.pop();
    stack.push(part);
  }
  const path = stack.filter(({ item }) => !item).map(({ key }) => key);
  return { apiVersion: word('apiVersion'), kind: word('kind'), path };
}

/** The fields an error names: those of its causes, and those that decoding the object strictly complains of. */
function fieldsOf({ causes = [], message = '' }) {
  const strict = [...message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)]
    .map(([, what, field]) => ({ field, message: `${what} field` }));
  return [...causes.filter(({ field }) => field), ...strict];
}

/** What an error says of lines of the text: [{ line, message }], in their order. */
export function markLines(text, error) {
  const { first = 0, last = Infinity } = error.lines ?? {};
  const named = fieldsOf(error)
    .map(({ field, message }) => ({ line: lineOf(text, field, first, last), message }))
    .filter(({ line }) => line !== null);
  const read = /^Line (\d+): (.*)/.exec(error.message ?? '');
  if (read) named.push({ line: Number(read[1]) - 1, message: read[2] });
  return named.sort((a, b) => a.line - b.line);
}
