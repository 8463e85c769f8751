/** The pages that may call: all of them, or those listed in `ALLOWED_ORIGINS`. */
export type OriginRule =
  { type: 'any' } | { type: 'listed'; origins: ReadonlySet<string>; suffixes: readonly Suffix[] };

/** `https://*.example.com`: any name below, not the name itself. */
interface Suffix {
  protocol: string;
  end: string;
}

const WILDCARD = /^(https?:)\/\/\*(\.[a-z0-9.-]+(?::\d+)?)$/;

/** Reads a comma-separated list; empty means any origin. Throws where an entry is not an origin. */
export function parseOrigins(text: string): OriginRule {
  const entries = text.split(',').map((entry) => entry.trim());
  const listed = entries.filter((entry) => entry !== '');
  if (listed.length === 0) return { type: 'any' };
  const origins = new Set<string>();
  const suffixes: Suffix[] = [];
  for (const entry of listed) {
    const [, protocol, end] = WILDCARD.exec(entry) ?? [];
    if (protocol && end) suffixes.push({ protocol, end });
    else if (!entry.includes('*') && URL.canParse(entry) && new URL(entry).origin === entry) origins.add(entry);
    else throw new Error('ALLOWED_ORIGINS holds something that is not an origin');
  }
  return { type: 'listed', origins, suffixes };
}

/** May a page of this origin call? A missing or `null` origin is allowed only where any is. */
export function isAllowedOrigin(rule: OriginRule, origin: string | null): boolean {
  if (rule.type === 'any') return true;
  if (origin === null) return false;
  if (rule.origins.has(origin)) return true;
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) return false;
  const { protocol, host } = new URL(origin);
  return rule.suffixes.some((suffix) => suffix.protocol === protocol && host.endsWith(suffix.end));
}
