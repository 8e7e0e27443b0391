// Reads the YAML people edit by hand: block and flow collections, quoted and block scalars, comments.
// Anchors, tags and several documents are refused with the line that has them.

/** Parses YAML or JSON text into a JSON value; throws an Error that names the line. */
export function readYaml(text) {
  if (/^\s*[{[]/.test(text)) return JSON.parse(text);
  const reader = new Reader(text);
  const value = reader.node(0);
  reader.skipBlank();
  if (reader.line < reader.lines.length) reader.fail('does not fit the indentation around it');
  return value;
}

class Reader {
  constructor(text) {
    this.lines = text.replace(/\r\n?/g, '\n').replace(/^---[^\n]*\n/, '').split('\n');
    this.skipped = /^---/.test(text) ? 1 : 0;
    this.line = 0;
  }

  fail(why) {
    throw new Error(`Line ${this.line + 1 + this.skipped}: ${why}`);
  }

  skipBlank() {
    while (this.line < this.lines.length && /^\s*(#.*)?$/.test(this.lines[this.line])) this.line += 1;
  }

  get current() {
    return this.lines[this.line];
  }

  indent() {
    this.skipBlank();
    if (this.line >= this.lines.length) return -1;
    const spaces = /^ */.exec(this.current)[0].length;
    if (this.current[spaces] === '\t') this.fail('is indented with a tab; YAML wants spaces');
    if (/^(---|\.\.\.)/.test(this.current)) this.fail('starts a second document; edit one object at a time');
    return spaces;
  }

  /** The collection or scalar at this line, indented by at least `least`. */
  node(least) {
    const indent = this.indent();
    if (indent < least) return null;
    const text = this.current.slice(indent);
    if (/^-( |$)/.test(text)) return this.sequence(indent);
    if (splitKey(text)) return this.mapping(indent);
    this.line += 1;
    return this.value(text, least - 1);
  }

  sequence(indent) {
    const items = [];
    while (this.indent() === indent && /^-( |$)/.test(this.current.slice(indent))) {
      const rest = this.current.slice(indent + 1);
      if (/^\s*(#.*)?$/.test(rest)) {
        this.line += 1;
        items.push(this.node(indent + 1));
        continue;
      }
      // The text after the dash is a node of its own, indented to where it stands.
      this.lines[this.line] = `${' '.repeat(indent + 1)}${rest}`;
      items.push(this.node(indent + 1));
    }
    return items;
  }

  mapping(indent) {
    const map = {};
    while (this.indent() === indent) {
      const pair = splitKey(this.current.slice(indent));
      if (!pair) {
        if (/^- /.test(this.current.slice(indent))) break;
        this.fail('is no "key: value"');
      }
      const key = String(this.scalar(pair.key));
      if (Object.hasOwn(map, key)) this.fail(`"${key}" stands twice`);
      this.line += 1;
      if (pair.rest) map[key] = this.value(pair.rest, indent);
      else {
        const next = this.indent();
        const dash = next === indent && /^-( |$)/.test(this.current.slice(indent));
        map[key] = dash ? this.sequence(indent) : this.node(indent + 1);
      }
    }
    return map;
  }

  /** A value that starts with `text` on the line just passed; `indent` is that of its parent. */
  value(text, indent) {
    const header = /^([|>])([+-]?)(\d?)([+-]?)\s*(#.*)?$/.exec(text);
    if (header) return this.block(header[1], header[2] || header[4], Number(header[3]), indent);
    return this.scalar(stripComment(text));
  }

  block(style, chomp, explicit, parent) {
    const body = [];
    let depth = explicit ? parent + explicit : 0;
    for (; this.line < this.lines.length; this.line += 1) {
      const line = this.current;
      const spaces = /^ */.exec(line)[0].length;
      if (line.trim() === '') {
        body.push(depth ? line.slice(depth) : '');
        continue;
      }
      depth ||= spaces > parent ? spaces : 0;
      if (!depth || spaces < depth) break;
      body.push(line.slice(depth));
    }
    const trailing = body.length - (body.findLastIndex((line) => line !== '') + 1);
    const content = body.slice(0, body.length - trailing);
    const text = style === '|' ? content.join('\n') : fold(content);
    if (chomp === '-' || !text) return text;
    return text + (chomp === '+' ? '\n'.repeat(trailing + (this.line < this.lines.length ? 1 : 0)) : '\n');
  }

  scalar(text) {
    if (/^[&*!]/.test(text)) this.fail('uses an anchor, alias or tag, which this editor does not read');
    if (text.startsWith('"')) return this.quoted(() => JSON.parse(text));
    if (text.startsWith("'")) return this.quoted(() => single(text));
    if (/^[[{]/.test(text)) return this.quoted(() => flow(text));
    if (/^(~|null|)$/i.test(text)) return null;
    if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
    if (/^[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return Number(text);
    if (/: |:$/.test(text)) this.fail('has ": " inside a plain value; quote the value');
    return text;
  }

  quoted(read) {
    try {
      return read();
    } catch {
      this.line -= 1;
      return this.fail('has a quoted or bracketed value that does not end on its line or is malformed');
    }
  }
}

function single(text) {
  const match = /^'((?:[^']|'')*)'$/.exec(text);
  if (!match) throw new Error('unclosed');
  return match[1].replaceAll("''", "'");
}

/** Flow collections on one line: bare words are quoted and the rest is JSON. */
function flow(text) {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,:[\]{}"'](?:[^,:[\]{}]|:(?! ))*/g, (word) => {
    const bare = word.trim();
    if (bare.startsWith('"')) return bare;
    if (bare.startsWith("'")) return JSON.stringify(single(bare));
    return /^(null|true|false|-?\d+(\.\d+)?)$/.test(bare) ? bare : JSON.stringify(bare);
  });
  return JSON.parse(quoted);
}

function fold(lines) {
  return lines.reduce((text, line, index) => {
    if (index === 0) return line;
    return text + (line === '' ? '\n' : text.endsWith('\n') ? '' : ' ') + line;
  }, '');
}

const keyLine =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'[\]{}&*!|>%@`-][^#]*?|-[^\s#][^#]*?)\s*:(?:\s+(.*))?$/;

/** Splits "key: rest" outside quotes; null when the text is no mapping entry. */
function splitKey(text) {
  const match = keyLine.exec(text);
  if (!match) return null;
  return { key: match[1], rest: stripComment(match[2] ?? '') };
}

function stripComment(text) {
  if (/^["']/.test(text)) return text.replace(/^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s+#.*$/, '$1').trim();
  return text.replace(/(^|\s)#.*$/, '').trim();
}
