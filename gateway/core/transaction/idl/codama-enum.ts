// Owns the enum nodes of Codama IDLs.
import { largestTag } from './anchor-types.ts';
import { kindAt } from './codama-node.ts';
import { nameAt, requireDifferentNames } from './names.ts';
import { elements, isEmptyList, isPresent, member, type Place, refuse, shown, wholeAt } from './place.ts';
import type { ArgumentType, PrefixType } from './program-description.ts';

/** A variant's tag is its position, or its discriminator where it has one. */
export function readCodamaEnum(place: Place, tag: PrefixType, read: (inner: Place) => ArgumentType): ArgumentType {
  const largest = largestTag(tag);
  const variants = elements(member(place, 'variants'), largest + 1).map((variant, position) => {
    const discriminator = member(variant, 'discriminator');
    return {
      name: nameAt(member(variant, 'name')),
      tag: isPresent(discriminator) ? wholeAt(discriminator, largest) : position,
      content: readContent(variant, read),
      place: variant,
    };
  });
  if (isEmptyList(member(place, 'variants'))) refuse(place, 'an enum must have variants');
  requireDifferentNames('variant', variants);
  const tags = new Set<number>();
  for (const variant of variants) {
    if (tags.has(variant.tag)) refuse(variant.place, `another variant has the discriminator ${variant.tag} already`);
    tags.add(variant.tag);
  }
  return {
    kind: 'enum',
    tag,
    variants: variants.map(({ name, tag: value, content }) => ({ name, tag: value, content })),
  };
}

function readContent(place: Place, read: (inner: Place) => ArgumentType): ArgumentType | null {
  switch (kindAt(place)) {
    case 'enumEmptyVariantTypeNode':
      return null;
    case 'enumStructVariantTypeNode':
      return read(member(place, 'struct'));
    case 'enumTupleVariantTypeNode':
      return read(member(place, 'tuple'));
    default:
      refuse(place, `the variant node ${shown(member(place, 'kind').value)} cannot be read`);
      return null;
  }
}
