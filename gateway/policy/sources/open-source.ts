// Owns the choice of a source by what the configuration says.
import { assertNever } from '../../core/assert-never.ts';
import type { BundleSource } from './bundle-source.ts';
import { openDirectorySource } from './directory-source.ts';
import { openGitSource } from './git-source.ts';
import { openHttpSource } from './http-source.ts';
import type { PolicySourceConfig } from './source-config.ts';

/** Asks nothing and opens nothing before the first `next`. */
export function openSource(config: PolicySourceConfig): BundleSource {
  switch (config.kind) {
    case 'directory':
      return openDirectorySource(config);
    case 'git':
      return openGitSource(config);
    case 'http':
      return openHttpSource(config);
    default:
      return assertNever(config);
  }
}
