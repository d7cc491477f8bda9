// Owns docs/rules.md: the rules of the default library as their METADATA and the schemas of their settings describe them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { findOpa, PROJECT } from '../../gateway/policy/build/opa.ts';

const INTRODUCTION = `<!-- Written by scripts/generate-docs.ts from policies/countersign/rules and policies/schema; \`make generate\` renews it. -->

# The rules of the default library

A wallet's policy data name the rules that must all agree in \`enabled\`, those for messages in \`enabled_for_messages\`, and the settings of each under
its name. [policies.md](policies.md) says how rules become a decision; how amounts, assets and symbols are written stands there too.

In the settings below an *asset* is \`SOL\` or the base58 address of a mint (in the source data also its symbol), an *amount* is in base units (in the source data
also text with a unit).
`;

const POLICIES = join(PROJECT, 'policies');

const INSPECTED = z.object({
  annotations: z.array(
    z.object({
      path: z.array(z.object({ value: z.string() })),
      annotations: z.object({
        scope: z.string(),
        title: z.string().optional(),
        description: z.string().optional(),
        custom: z
          .object({
            facts: z.array(z.string()),
            settings: z.string().optional(),
            reasons: z.record(z.string(), z.string()),
          })
          .optional(),
      }),
    }),
  ),
});

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

const schema: z.ZodType<Schema> = z.looseObject({});

export function rulesPage(): string {
  const printed = execFileSync(
    findOpa(),
    ['inspect', '--annotations', '--format', 'json', join(POLICIES, 'countersign')],
    {
      maxBuffer: 64 * 1024 * 1024,
      encoding: 'utf8',
    },
  );
  const rules = INSPECTED.parse(JSON.parse(printed)).annotations.flatMap(({ path, annotations }) => {
    const [, , folder, name] = path.map(({ value }) => value);
    if (annotations.scope !== 'package' || folder !== 'rules' || name === undefined || path.length !== 4) return [];
    return [{ name, ...annotations }];
  });
  const sections = rules.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(ruleSection);
  return [INTRODUCTION, ...sections].join('\n');
}

interface Rule {
  readonly name: string;
  readonly description?: string | undefined;
  readonly custom?:
    | {
        readonly facts: readonly string[];
        readonly settings?: string | undefined;
        readonly reasons: Readonly<Record<string, string>>;
      }
    | undefined;
}

function ruleSection({ name, description, custom }: Rule): string {
  if (description === undefined || custom === undefined) {
    throw new Error(`the METADATA of rule ${name} lack a description, or custom with facts, settings and reasons`);
  }
  const reasons = Object.entries(custom.reasons).map(([code, when]) => `| \`${code}\` | ${inCell(when)} |`);
  return [
    `## ${name}\n`,
    `${description.trim().replaceAll('\n', ' ')}\n`,
    ...settingsLines(name, custom.settings),
    `Facts that it reads: ${custom.facts.map((fact) => `\`${fact}\``).join(', ')}.\n`,
    '| Reason | When |',
    '| --- | --- |',
    ...reasons,
    '',
  ].join('\n');
}

function settingsLines(rule: string, reference: string | undefined): readonly string[] {
  if (reference === undefined) return ['It has no settings.\n'];
  const settings = readSchema(join(POLICIES, 'schema', 'rules', `${rule}.json`));
  return ['Settings:\n', ...propertyLines(settings, ''), ''];
}

function propertyLines({ properties = {}, required = [] }: Schema, indent: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const needed = required.includes(name) ? '' : ', may be absent';
    return [`${indent}- \`${name}\`${needed}: ${described(property)}`, ...innerLines(property, `${indent}  `)];
  });
}

/** What an object of free keys holds, and what a list holds, is said like the object itself. */
function innerLines(property: Schema, indent: string): readonly string[] {
  const { items, additionalProperties, properties } = resolved(property);
  const inner = [items, typeof additionalProperties === 'object' ? additionalProperties : undefined];
  return [
    ...(properties === undefined ? [] : propertyLines(resolved(property), indent)),
    ...inner.flatMap((one) => (one === undefined ? [] : innerLines(one, indent))),
  ];
}

function described(property: Schema): string {
  const { description = '', type, enum: values } = resolved(property);
  const text = property.description ?? description;
  if (text === '') throw new Error(`a setting has no description: ${JSON.stringify(property)}`);
  const choice =
    values === undefined || type === 'boolean' ? '' : ` One of ${values.map((v) => `\`${v}\``).join(', ')}.`;
  return `${text}${choice}`;
}

/** With what it refers to, its own words first. */
function resolved(property: Schema): Schema {
  const { $ref, allOf = [], ...own } = property;
  const parts = [...($ref === undefined ? [] : [definition($ref)]), ...allOf].map(resolved);
  return Object.assign({}, ...parts.toReversed(), own);
}

function definition(reference: string): Schema {
  const name = reference.split('/').at(-1) ?? '';
  const { definitions } = z
    .object({ definitions: z.record(z.string(), schema) })
    .parse(JSON.parse(readFileSync(join(POLICIES, 'schema', 'definitions.json'), 'utf8')));
  const found = definitions[name];
  if (found === undefined) throw new Error(`policies/schema/definitions.json has no ${name}, which a schema refers to`);
  return found;
}

function readSchema(file: string): Schema {
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

function inCell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}
