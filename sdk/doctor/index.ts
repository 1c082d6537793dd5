export * from './check.ts';
export * from './examine-server.ts';
export * from './read-ledger.ts';
export * from './same-address.ts';
