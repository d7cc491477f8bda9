// Owns what wallet templates that could not be opened at the start say of whether the gateway is ready: it is not, until each is open.
import type { ReadyPart } from '../telemetry/http.ts';
import type { ComposedTemplate } from './templates/composed-template.ts';
import { textOf } from './unopened-signer.ts';

type Template = Pick<ComposedTemplate, 'terms' | 'fault' | 'tryAgain'>;

/** Each look has those that are not open tried again; what comes of that shows at the next one. */
export function templateParts(templates: ReadonlyMap<string, Template>): readonly ReadyPart[] {
  return [...templates.values()].flatMap(({ terms, fault, tryAgain }) => {
    const why = fault();
    if (why === null) return [];
    void tryAgain();
    return [{ part: `wallet template ${terms.name}`, ready: false, detail: textOf(why) }];
  });
}
