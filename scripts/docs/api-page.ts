// Owns docs/api.md: the gRPC API as its .proto files describe it.
import { execFileSync } from 'node:child_process';
import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescService,
  fromBinary,
} from '@bufbuild/protobuf';
import { type FileDescriptorSet, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { getComments } from '@bufbuild/protoplugin';

const INTRODUCTION = `<!-- Written by scripts/generate-docs.ts from proto/countersign/v1; \`make generate\` renews it. -->

# API

Package \`countersign.v1\`, over gRPC. Both listeners also serve \`grpc.health.v1.Health\` and server reflection, so \`grpcurl\` and
\`buf curl\` work without the .proto files.
`;

function imageOf(folder: string): FileDescriptorSet {
  const image = execFileSync('buf', ['build', folder, '--as-file-descriptor-set', '--output', '-#format=binpb'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return fromBinary(FileDescriptorSetSchema, image);
}

type Documented =
  | DescService
  | DescMessage
  | DescEnum
  | DescField
  | DescService['methods'][number]
  | DescEnum['values'][number];

/** The comment above an element, or behind it. */
function comment(desc: Documented): string {
  const { leading, trailing } = getComments(desc);
  return (leading ?? trailing ?? '').replace(/^ /gm, '').trim();
}

function inCell(desc: Documented): string {
  return comment(desc).replaceAll('\n', ' ').replaceAll('|', '\\|');
}

function anchor(name: string): string {
  return name.toLowerCase();
}

function link(desc: DescMessage | DescEnum): string {
  const own = desc.file.proto.package === 'countersign.v1';
  return own ? `[${desc.name}](#${anchor(desc.name)})` : `\`${desc.typeName}\``;
}

const SCALAR_NAMES: Readonly<Record<number, string>> = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
};

function scalarName(scalar: number): string {
  return `\`${SCALAR_NAMES[scalar] ?? 'unknown'}\``;
}

function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case 'message':
      return link(field.message);
    case 'enum':
      return link(field.enum);
    case 'scalar':
      return scalarName(field.scalar);
    case 'list':
      if (field.listKind === 'message') return `repeated ${link(field.message)}`;
      return `repeated ${field.listKind === 'enum' ? link(field.enum) : scalarName(field.scalar)}`;
    case 'map': {
      const value =
        field.mapKind === 'message'
          ? link(field.message)
          : field.mapKind === 'enum'
            ? link(field.enum)
            : scalarName(field.scalar);
      return `map from ${scalarName(field.mapKey)} to ${value}`;
    }
  }
}

function fieldRow(field: DescField): string {
  const choice = field.oneof === undefined ? '' : `One of \`${field.oneof.name}\`. `;
  return `| \`${field.name}\` | ${typeOf(field)} | ${choice}${inCell(field)} |`;
}

function paragraphs(...parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function messageSection(message: DescMessage): string {
  const rows = message.fields.map(fieldRow);
  const table =
    rows.length === 0 ? 'No fields.' : ['| Field | Type | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
  return paragraphs(`### ${message.name}`, comment(message), table);
}

function enumSection(desc: DescEnum): string {
  const rows = desc.values.map((value) => `| \`${value.name}\` | ${value.number} | ${inCell(value)} |`);
  return paragraphs(
    `### ${desc.name}`,
    comment(desc),
    ['| Name | Number | Meaning |', '| --- | --- | --- |', ...rows].join('\n'),
  );
}

function serviceSection(service: DescService): string {
  const methods = service.methods.map((method) => {
    const asked = method.methodKind === 'client_streaming' ? 'stream of ' : '';
    const answered = method.methodKind === 'server_streaming' ? 'stream of ' : '';
    return paragraphs(
      `### ${service.name}.${method.name}`,
      comment(method),
      `${asked}${link(method.input)} → ${answered}${link(method.output)}`,
    );
  });
  return [paragraphs(`## ${service.name}`, comment(service)), ...methods].join('\n');
}

function typesSection(files: readonly DescFile[]): string {
  const sections = files.flatMap((file) => [...file.messages.map(messageSection), ...file.enums.map(enumSection)]);
  return ['## Messages\n', ...sections].join('\n');
}

/** Agents read first; the rest in the order of their files. */
function rank(service: DescService): number {
  return service.name === 'SigningService' ? 0 : 1;
}

export function apiPage(): string {
  const registry = createFileRegistry(imageOf('proto'));
  const files = [...registry.files]
    .filter((file) => file.proto.package === 'countersign.v1')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const services = files.flatMap((file) => file.services).sort((a, b) => rank(a) - rank(b));
  const contents = services.map((service) => {
    const methods = service.methods.map((method) => `[${method.name}](#${anchor(service.name + method.name)})`);
    return `- [${service.name}](#${anchor(service.name)}): ${methods.join(', ')}`;
  });
  return [INTRODUCTION, `${contents.join('\n')}\n`, ...services.map(serviceSection), typesSection(files)].join('\n');
}
