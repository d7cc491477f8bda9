// Owns how long a test waits for what should come where it does not say so itself: the machine may be busy with others. Whoever proves a
// deadline names it.
export const PATIENCE = { timeout: 20_000, interval: 20 };
