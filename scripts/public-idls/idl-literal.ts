// Owns finding an IDL among the object literals of a script. The script is parsed and never run.
import { type Expression, type ObjectExpression, parseSync, Visitor } from 'oxc-parser';

/** `undefined`: what is no plain value. */
type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** Throws when the script holds no such literal, or when it is not made of plain values. */
export function findIdlLiteral(source: string, wanted: { readonly name: string; readonly version: string }): Plain {
  const found: ObjectExpression[] = [];
  const visitor = new Visitor({
    ObjectExpression(node) {
      if (keysOf(node).has('instructions') && saysName(node, wanted)) found.push(node);
    },
  });
  visitor.visit(parseSync('script.mjs', source).program);
  const [first] = found;
  if (first === undefined) throw new Error(`no IDL ${wanted.name} ${wanted.version} stands in the script`);
  return plain(first);
}

function keysOf(node: ObjectExpression): ReadonlyMap<string, Expression> {
  const keys = new Map<string, Expression>();
  for (const property of node.properties) {
    if (property.type !== 'Property' || property.computed) continue;
    if (property.key.type === 'Identifier') keys.set(property.key.name, property.value);
    else if (property.key.type === 'Literal') keys.set(String(property.key.value), property.value);
  }
  return keys;
}

/** Anchor moved name and version into `metadata`. */
function saysName(node: ObjectExpression, wanted: { readonly name: string; readonly version: string }): boolean {
  const keys = keysOf(node);
  const metadata = keys.get('metadata');
  const inner = metadata?.type === 'ObjectExpression' ? keysOf(metadata) : null;
  const says = (key: 'name' | 'version') => {
    const value = keys.get(key) ?? inner?.get(key);
    return value !== undefined && isPlain(value) && plain(value) === wanted[key];
  };
  return says('name') && says('version');
}

function isPlain(node: Expression): boolean {
  return node.type === 'Literal' || node.type === 'TemplateLiteral';
}

function plain(node: Expression): Plain {
  switch (node.type) {
    case 'Literal':
      if (node.value === null || ['string', 'number', 'boolean'].includes(typeof node.value))
        return literal(node.value);
      break;
    case 'TemplateLiteral':
      if (node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? '';
      break;
    case 'ArrayExpression':
      return node.elements.map((element) => {
        if (element === null || element.type === 'SpreadElement') throw new Error('a list in the IDL is not plain');
        return plain(element);
      });
    case 'ObjectExpression': {
      const keys = keysOf(node);
      if (keys.size !== node.properties.length) throw new Error('an object in the IDL is not plain');
      return Object.fromEntries([...keys].map(([key, value]) => [key, plain(value)]));
    }
    case 'UnaryExpression': {
      // Minifiers write `!0` and `!1`.
      const value = plain(node.argument);
      if (node.operator === '!' && typeof value === 'number') return value === 0;
      if (node.operator === '-' && typeof value === 'number') return -value;
      break;
    }
  }
  throw new Error(`the IDL holds a ${node.type}, which is no plain value`);
}

function literal(value: unknown): Plain {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  throw new Error('the IDL holds a literal that JSON has none for');
}
