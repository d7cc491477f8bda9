// Owns the version that the gateway says it has.
import packageJson from '../../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;
