// Owns docs/configuration.md: the schema of countersign.yaml as a person reads it.
import { ROOT, SCALARS, type SchemaNode, shapesOf } from '../../gateway/config/schema-keys.ts';

const INTRODUCTION = `<!-- Written by scripts/generate-docs.ts from gateway/config/file-schema.ts; \`make generate\` renews it. -->

# Configuration

\`countersign serve --config countersign.yaml\` reads one YAML file and the environment. \`--check\` reads them, says everything that is
wrong as far as it can be known without calling a service, and starts nothing. A key that is not listed here is refused, with the one that was probably meant.

- Relative paths in the file are relative to the file; those in the environment to where the gateway was started.
- Each key with a variable beside it can be given in the environment instead, which then wins; \`DATABASE_URL\` is the same as
  \`COUNTERSIGN_DATABASE_URL\`, and \`REDIS_URL\` as \`COUNTERSIGN_REDIS_URL\`. Keys inside lists have no variable.
- Secrets do not stand in the file. They come from files that others may not open, or from the environment. A URL of a database or a Redis with
  a password in it, or of a node with a query or a user in it, is refused in the file.

## An example

\`\`\`yaml
`;

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.type === 'integer') return `${node.minimum} to ${node.maximum}`;
  return node.type === 'boolean' ? '`true`, `false`' : 'text';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function defaultOf(node: SchemaNode, required: boolean): string {
  if (node.default !== undefined) return `\`${String(node.default)}\``;
  return required ? 'required' : '';
}

function row(path: string, node: SchemaNode, required: boolean): string {
  const variable = SCALARS.find((scalar) => scalar.path.join('.') === path)?.variable;
  const about = [node.description ?? '', variable === undefined ? '' : `<br>\`${variable}\``].join('');
  return `| \`${path}\` | ${cell(typeOf(node))} | ${defaultOf(node, required)} | ${cell(about)} |`;
}

/** Rows of everything under a node; entries of lists are written as `signers[]`. Of a choice of mappings, `choicesUnder` has the rows. */
function rows(node: SchemaNode, path: string): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const childPath = path === '' ? key : `${path}.${key}`;
    if (child.oneOf !== undefined) return [];
    if (child.items?.properties !== undefined) return rows(child.items, `${childPath}[]`);
    if (child.properties === undefined) return [row(childPath, child, node.required?.includes(key) === true)];
    return rows(child, childPath);
  });
}

/** A table for each mapping that may stand in one place, told apart by its `type`. */
function choicesUnder(node: SchemaNode, path: string): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const childPath = `${path}.${key}`;
    return (child.oneOf ?? []).map(
      (shape) => `With \`${childPath}.type: ${shape.properties?.type?.const}\`:\n\n${table(rows(shape, childPath))}\n`,
    );
  });
}

function table(lines: readonly string[]): string {
  return ['| Key | Value | Default | Meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function section(key: string, node: SchemaNode): string {
  const heading = `## \`${key}\`\n\n${node.description ?? ''}\n`;
  if (node.items !== undefined) {
    const entries = shapesOf(node.items).map((shape) => {
      const type = shape.properties?.type?.const;
      const title = type === undefined ? '' : `Entries with \`type: ${type}\`:\n\n`;
      return `${title}${table(rows(shape, `${key}[]`))}\n`;
    });
    return [heading, ...entries].join('\n');
  }
  const lines = node.properties === undefined ? [row(key, node, false)] : rows(node, key);
  return [heading, ...choicesUnder(node, key), `${table(lines)}\n`].join('\n');
}

/** `example`: the text of a configuration file that works. */
export function configurationPage(example: string): string {
  const sections = Object.entries(ROOT.properties ?? {}).map(([key, node]) => section(key, node));
  return `${INTRODUCTION}${example.trim()}\n\`\`\`\n\n${sections.join('\n')}`;
}
