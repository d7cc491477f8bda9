// Owns an account at a backend that all signers of a template use: its connections and tokens are there once, however many keys it has.

interface Account {
  readonly close: () => void;
}

/** Each call gives the account to one more, who closes it: it ends with the last of them, and is opened anew for the next. */
export function sharedAccount<Shared extends Account>(open: () => Shared): () => Shared {
  let current: { readonly account: Shared; users: number } | null = null;
  return () => {
    current ??= { account: open(), users: 0 };
    const used = current;
    used.users += 1;
    let isClosed = false;
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      used.users -= 1;
      if (used.users > 0) return;
      if (current === used) current = null;
      used.account.close();
    };
    return { ...used.account, close };
  };
}
