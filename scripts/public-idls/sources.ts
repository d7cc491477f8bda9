// Owns which published packages carry the IDLs that the tests read, each pinned by version and hash.

export interface IdlSource {
  /** Path in the package: a JSON file, or a script that holds the IDL as an object literal. */
  readonly file: string;
  /** In a script: name and version of the IDL. */
  readonly literal?: { readonly name: string; readonly version: string };
  readonly program: string;
}

export interface PackageSource {
  /** Name and exact version. */
  readonly spec: string;
  /** As the registry states it: SHA-512 of the archive. */
  readonly integrity: string;
  readonly idls: readonly IdlSource[];
}

export const PACKAGES: readonly PackageSource[] = [
  {
    spec: '@drift-labs/sdk@2.156.0',
    integrity: 'sha512-LLdahH3a0lsU2queWT98m5AarRR07M0n4TLcaSP31ejO7J7rlQgw7uruEf7h8EA0DGLxJijbay9Vqv4TYkzbiw==',
    idls: [
      { file: 'src/idl/drift.json', program: 'dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH' },
      { file: 'src/idl/openbook.json', program: 'opnb2LAfJYbRMAHHvqjCwQxanZn7ReEHp1k81EohpZb' },
      { file: 'src/idl/pyth_solana_receiver.json', program: 'rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ' },
      { file: 'src/idl/switchboard_on_demand_30.json', program: 'SBondMDrcV3K4kxZR1HNVT7osZxAHVHgYXL5Ze1oMUv' },
    ],
  },
  {
    spec: '@kamino-finance/klend-sdk@8.0.2',
    integrity: 'sha512-ukWAHbW8/YY5Y/l2Gk912mXAChCTlK1VAnpwnEAp4R7KiVgk8w9gaFWCQ3yZEvOF/BIefVmSFHnYqJh8OunFYQ==',
    idls: [
      { file: 'src/idl/klend.json', program: 'KLend2g3cP87fffoy8q1mQqGKjrxjC8boSyAYavgmjD' },
      { file: 'src/idl/kvault.json', program: 'KvauGMspG5k6rtzrqqn7WNn3oZdyKqLKwK2XWQ8FLjd' },
      { file: 'src/idl/jupiter_perps.json', program: 'PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu' },
    ],
  },
  {
    spec: '@orca-so/whirlpools-sdk@0.22.0',
    integrity: 'sha512-m2yH4QeNlj60G004SdtpSzKbzI5aEIHvSyhV5HDwnde2Sw5xXa98/JwKGPhBdCaY3Ihyo2j+0G4WnlzD+fIe9g==',
    idls: [{ file: 'dist/artifacts/whirlpool.json', program: 'whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc' }],
  },
  {
    spec: '@marinade.finance/marinade-ts-sdk@6.0.0',
    integrity: 'sha512-XYY3+cxvXS//zFmPPtA2sestNVZD6bpEOEcZTTeangf5J5JofpIEk10E8+00NKnc3wCr4anuTMMdRbLTrAypcA==',
    idls: [
      {
        file: 'dist/src/programs/idl/types/marinade_finance.js',
        literal: { name: 'marinade_finance', version: '0.1.0' },
        program: 'MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD',
      },
    ],
  },
  {
    spec: '@jup-ag/instruction-parser@6.0.28',
    integrity: 'sha512-WHT7DCHXsu6xdhq5o1pbMbCrFOCk5TeECAf79aW9Mn8urhR5kT9cGSjM7tBIV/HSeD8xUv1iFHCBc7UrD99Sag==',
    idls: [
      {
        file: 'dist/index.mjs',
        literal: { name: 'jupiter', version: '0.1.0' },
        program: 'JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4',
      },
    ],
  },
  {
    spec: '@jup-ag/core@4.0.0-beta.3-fbed36',
    integrity: 'sha512-ubk7LO0t3RfHAPJctq04u9SHMXPYPdxNB9ql3GzY7+H8ZC5l5KIqlhvXU8c49nclXNRO5kIkyMqrgCWKY5sOAQ==',
    idls: [
      {
        file: 'dist/core.esm.js',
        literal: { name: 'jupiter', version: '0.1.0' },
        program: 'JUP4Fb2cqiRUcaTHdrPC8h2gNsA2ETXiPDD33WcGuJB',
      },
    ],
  },
  {
    spec: '@jup-ag/dca-sdk@3.0.1',
    integrity: 'sha512-Bu0SAGoj/PDJdSmpK1ZzdqHn4t543f2bspYd6r6wYeW/yLhd6fJgCd20NrGxkXPE3K/HitXqd0f+ArzFsZV/Pg==',
    idls: [
      {
        file: 'dist/index.mjs',
        literal: { name: 'dca', version: '0.1.0' },
        program: 'DCA265Vj8a9CEuX1eb1LWRnDT7uK6q1xMipnNyatn23',
      },
    ],
  },
  {
    spec: '@jup-ag/limit-order-sdk@0.1.10',
    integrity: 'sha512-ucnkDtabsrB/Nt/Fq5JA9Cf7WQmmzbxiYWUW7GMIyX48QaI+pX+yj9eP94xerz9rLYbQ9mvJ1/qHoCqK2UK0hQ==',
    idls: [
      {
        file: 'dist/index.mjs',
        literal: { name: 'limit_order', version: '0.1.0' },
        program: 'jupoNjAxXgZ4rjzxzPMP4oxduvQsQtZzyknqvzYNrNu',
      },
    ],
  },
  {
    spec: '@jup-ag/raydium-clmm-sdk@1.0.6',
    integrity: 'sha512-M+29Fvo85vqbTMvl/rCUKmROythYis/OxpmxiY1kEJ68XsYEMxgfvOL0eltipXfRJUaZhwyxCwOBzaaxKlVJOw==',
    idls: [
      {
        file: 'lib/index.mjs',
        literal: { name: 'amm_v3', version: '0.1.0' },
        program: 'CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK',
      },
    ],
  },
  {
    spec: '@meteora-ag/dlmm@1.9.14',
    integrity: 'sha512-3xJGBaYgkHWSZ7sjfaMYTuCUE9/FGibIwhoNKSaP3iXX3kZck4b3qrtFwDl/1+JaflTeiZQY4zO25e+u2V/9ug==',
    idls: [
      {
        file: 'dist/index.mjs',
        literal: { name: 'lb_clmm', version: '0.12.0' },
        program: 'LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo',
      },
    ],
  },
  {
    spec: '@solanafm/explorer-kit-idls@1.1.4',
    integrity: 'sha512-ZFxizM3eNBUp5XKl53P6KnZhIdnA/moKc+K1e7RDJiWiQU6iXAWu2EtqFJcSuQqIbFZooI+iDA1+YPCinv2hFw==',
    idls: [
      {
        file: 'dist/index.mjs',
        literal: { name: 'mpl_token_metadata', version: '1.13.0' },
        program: 'metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s',
      },
      {
        file: 'dist/index.mjs',
        literal: { name: 'mpl_token_auth_rules', version: '1.3.0' },
        program: 'auth9SigNpDKz4sJJ1DfCTuZrZNSAgh9sFD3rboVmgg',
      },
      {
        file: 'dist/index.mjs',
        literal: { name: 'spl_stake_pool', version: '0.7.0' },
        program: 'SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy',
      },
      {
        file: 'dist/index.mjs',
        literal: { name: 'name', version: '0.0.0' },
        program: 'namesLPneVptA9Z5rqUDD9tMTWEJwofgaYwp8cawRkX',
      },
    ],
  },
];
