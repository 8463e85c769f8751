/** The contract between widget and broker. Depends on nothing. PROTOCOL.md holds the rules. */
export * from './broker-error.ts';
export * from './chat.ts';
export * from './client-message.ts';
export * from './close-code.ts';
export * from './grants.ts';
export * from './join.ts';
export * from './limits.ts';
export * from './parse.ts';
export * from './participant.ts';
export * from './room-token.ts';
export * from './routes.ts';
export * from './server-api.ts';
export * from './server-message.ts';
export * from './sfu-api.ts';
export * from './version.ts';
export * from './webhook.ts';
