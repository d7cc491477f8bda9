// Owns how a secret is carried: whoever prints, serialises or logs it gets a placeholder.
import { inspect } from 'node:util';

const PLACEHOLDER = '[secret]';

/** A string that shows itself only to who asks by name. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}
