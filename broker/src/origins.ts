/** The pages that may call: any, or those of the origins in `ALLOWED_ORIGINS`. */
export type OriginRule = 'any' | readonly Origin[];

/** A host that begins with a dot stands for every name below, not for the name itself. */
interface Origin {
  protocol: string;
  host: string;
}

const WILDCARD = /^(https?:)\/\/\*(\.[a-z0-9.-]+(?::\d+)?)$/;

/** Reads a comma-separated list; empty means any origin. Throws where an entry is not an origin. */
export function parseOrigins(text: string): OriginRule {
  const entries = text.split(',').map((entry) => entry.trim());
  const listed = entries.filter((entry) => entry !== '');
  return listed.length === 0 ? 'any' : listed.map(parseOrigin);
}

/** May a page of this origin call? A missing or `null` origin is allowed only where any is. */
export function isAllowedOrigin(rule: OriginRule, origin: string | null): boolean {
  if (rule === 'any') return true;
  if (origin === null) return false;
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) return false;
  const { protocol, host } = new URL(origin);
  const isHost = (name: string) => (name.startsWith('.') ? host.endsWith(name) : host === name);
  return rule.some((allowed) => allowed.protocol === protocol && isHost(allowed.host));
}

function parseOrigin(entry: string): Origin {
  const [, protocol, host] = WILDCARD.exec(entry) ?? [];
  if (protocol && host) return { protocol, host };
  if (!entry.includes('*') && URL.canParse(entry) && new URL(entry).origin === entry) return new URL(entry);
  throw new Error('ALLOWED_ORIGINS holds something that is not an origin');
}
