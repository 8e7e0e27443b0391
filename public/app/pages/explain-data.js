// The published schema of a group version, made easy to walk: kinds, fields, and the types between them.

import { get } from '../api.js';

const referencePrefix = '#/components/schemas/';
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
    const typeDescription = beside.description && resolved.description;
    return { ...resolved, typeDescription, ...beside, typeName: this.nameOf(schema) ?? resolved.typeName };
  }

  /** The short name of a referenced type: 'PodSpec'. */
  nameOf({ $ref, allOf }) {
    const reference = $ref ?? allOf?.[0]?.$ref;
    return reference?.slice(referencePrefix.length).split('.').pop();
  }

  /** The type as kubectl explain says it: string, []Container, map[string]string, Quantity. */
  typeOf(schema) {
    const whole = this.resolve(schema);
    if (whole.type === 'array') return `[]${this.typeOf(whole.items ?? {})}`;
    if (whole['x-kubernetes-int-or-string']) return 'IntOrString';
    if (whole.additionalProperties && !whole.properties) {
      return whole.additionalProperties === true ? 'Object' : `map[string]${this.typeOf(whole.additionalProperties)}`;
    }
    if (whole.type && whole.type !== 'object') return whole.type;
    return whole.typeName ?? 'Object';
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
}
