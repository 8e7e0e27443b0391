// The published schema of a group version, made easy to walk: kinds, fields, and the types between them.

import { get } from '../api.js';

const referencePrefix = '#/components/schemas/';
const resultLimit = 80;
let index = null;
const documents = new Map();

/** The group versions that publish a schema: [{ id: 'apps.v1', name: 'apps/v1', url }]. */
export async function groupVersions() {
  index ??= (await get('/openapi/v3')).paths;
  return Object.entries(index)
    .map(([path, { serverRelativeURL }]) => ({ path, url: serverRelativeURL ?? `/openapi/v3/${path}` }))
    .filter(({ path }) => /^(api|apis\/[^/]+)\/v[^/]+$/.test(path))
    .map(({ path, url }) => {
      const [, group, version] = path.startsWith('apis/') ? path.split('/') : ['', '', path.split('/')[1]];
      const name = group ? `${group}/${version}` : version;
      return { id: `${group || 'core'}.${version}`, name, group, version, url };
    });
}

/** Splits 'apps.v1.Deployment' or 'networking.k8s.io.v1' into { gv: 'apps.v1', kind }. */
export function parseId(id) {
  const match = /^(.+\.v\d+(?:(?:alpha|beta)\d+)?)(?:\.([A-Za-z]\w*))?$/.exec(id);
  return match && { gv: match[1], kind: match[2] };
}

export async function loadDocument({ id, group, version, url }) {
  if (!documents.has(id)) {
    // Index entries carry a query already; it names the content, so the browser may keep it for good.
    const [path, query = ''] = url.split('?');
    const body = await get(path, { query: Object.fromEntries(new URLSearchParams(query)), cache: 'default' });
    documents.set(id, new SchemaDocument(group, version, body.components?.schemas ?? {}));
  }
  return documents.get(id);
}

class SchemaDocument {
  constructor(group, version, schemas) {
    Object.assign(this, { group, version, schemas });
    const mine = ({ group: g, version: v }) => g === group && v === version;
    this.kinds = Object.values(schemas).flatMap((schema) => {
      const names = schema['x-kubernetes-group-version-kind'] ?? [];
      // Types such as DeleteOptions belong to every group version, and so to none.
      return names.length === 1 && mine(names[0]) ? [{ name: names[0].kind, schema }] : [];
    }).filter(({ schema: { properties } }) => properties?.metadata && this.nameOf(properties.metadata) !== 'ListMeta')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  kind(name) {
    return this.kinds.find((kind) => kind.name === name)?.schema;
  }

  /** Follows references and the single-entry allOf around them; keeps what stands beside the reference. */
  resolve(schema, hops = 0) {
    const wrapped = schema.allOf?.length === 1 ? schema.allOf[0] : null;
    const inner = schema.$ref ? this.schemas[schema.$ref.slice(referencePrefix.length)] : wrapped;
    if (!inner || hops > 8) return schema;
    const { $ref, allOf, ...beside } = schema;
    const resolved = this.resolve(inner, hops + 1);
    return { ...resolved, ...beside, typeName: this.nameOf(schema) ?? resolved.typeName };
  }

  /** The short name of a referenced type: 'PodSpec'. */
  nameOf({ $ref, allOf }) {
    const reference = $ref ?? allOf?.[0]?.$ref;
    return reference?.slice(referencePrefix.length).split('.').pop();
  }

  /** The type as a reader would say it: string, []Container, map[string]string. */
  typeOf(schema) {
    const whole = this.resolve(schema);
    if (whole.type === 'array') return `[]${this.typeOf(whole.items ?? {})}`;
    if (whole['x-kubernetes-int-or-string'] || whole.format === 'int-or-string') return 'integer or string';
    if (whole.oneOf) return whole.oneOf.map(({ type }) => type).filter(Boolean).join(' or ') || 'any';
    if (whole.additionalProperties) {
      return whole.additionalProperties === true ? 'map' : `map[string]${this.typeOf(whole.additionalProperties)}`;
    }
    if (whole.type && whole.type !== 'object') return whole.format ? `${whole.type} (${whole.format})` : whole.type;
    return whole.typeName ?? whole.type ?? 'any';
  }

  /** The object schema inside arrays and maps: where the fields of a field are. */
  inside(schema) {
    const whole = this.resolve(schema);
    if (whole.type === 'array' && whole.items) return this.inside(whole.items);
    const isMap = typeof whole.additionalProperties === 'object' && !whole.properties;
    return isMap ? this.inside(whole.additionalProperties) : whole;
  }

  /** The fields of a schema: [{ name, schema, type, required, deeper }], required ones first. */
  fields(schema) {
    const { properties = {}, required = [] } = this.inside(schema);
    return Object.entries(properties).map(([name, field]) => ({
      name,
      schema: this.resolve(field),
      type: this.typeOf(field),
      required: required.includes(name),
      deeper: Object.keys(this.inside(field).properties ?? {}).length > 0,
    })).sort((a, b) => b.required - a.required);
  }

  /** The schema at a path of field names below a kind, or null. */
  at(kind, path) {
    let schema = this.kind(kind) ?? null;
    for (const name of path) schema = schema && (this.inside(schema).properties?.[name] ?? null);
    return schema && this.resolve(schema);
  }

  /** Fields of all kinds whose name or description has the words: the nearest path to each, best names first. */
  search(text) {
    const wanted = text.toLowerCase();
    const found = [];
    for (const { name, schema } of this.kinds) {
      const seen = new Set();
      let level = [{ path: [], schema }];
      while (level.length > 0 && level[0].path.length < 12) {
        const next = [];
        for (const { path, schema: parent } of level) {
          for (const field of this.fields(parent)) {
            const here = [...path, field.name];
            const rank = rankOf(field, wanted);
            if (rank !== null) found.push({ rank: rank * 100 + here.length, kind: name, path: here, field });
            const key = this.inside(field.schema).typeName ?? `${name}.${here.join('.')}`;
            if (!field.deeper || seen.has(key)) continue;
            seen.add(key);
            next.push({ path: here, schema: field.schema });
          }
        }
        level = next;
      }
    }
    return found.sort((a, b) => a.rank - b.rank).slice(0, resultLimit);
  }
}

function rankOf({ name, schema }, wanted) {
  const lower = name.toLowerCase();
  if (lower === wanted) return 0;
  if (lower.startsWith(wanted)) return 1;
  if (lower.includes(wanted)) return 2;
  return wanted.length > 3 && schema.description?.toLowerCase().includes(wanted) ? 3 : null;
}
